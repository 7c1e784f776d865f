// What can be taken back, and done again. Pure.
const most = 100;

export class History<T> {
  #before: T[] = [];
  #after: T[] = [];

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  get canRedo(): boolean {
    return this.#after.length > 0;
  }

  leave(now: T): void {
    this.#before = [...this.#before, now].slice(-most);
    this.#after = [];
  }

  /** The last change began earlier: what stood between is nothing to go back to. */
  replaceLast(then: T): void {
    this.#before = [...this.#before.slice(0, -1), then];
  }

  undo(now: T): T | undefined {
    const last = this.#before.pop();
    if (last !== undefined) this.#after.push(now);
    return last;
  }

  redo(now: T): T | undefined {
    const next = this.#after.pop();
    if (next !== undefined) this.#before.push(now);
    return next;
  }
}
