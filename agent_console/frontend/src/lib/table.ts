// Rows by key that are replaced one by one, so that a message with three changed rows changes three rows.
export class Rows<Row> {
  #rows = new Map<string, Row>();
  readonly #key: (row: Row) => string;

  constructor(key: (row: Row) => string) {
    this.#key = key;
  }

  apply(full: boolean, changed: readonly Row[], gone: readonly string[]): void {
    if (full) this.#rows = new Map();
    for (const row of changed) this.#rows.set(this.#key(row), row);
    for (const key of gone) this.#rows.delete(key);
  }

  get all(): Row[] {
    return [...this.#rows.values()];
  }

  get(key: string | null | undefined): Row | undefined {
    return key ? this.#rows.get(key) : undefined;
  }
}

/** Those of this queue (all, when none is chosen), as the engine would serve them: it alone knows what weighs what. */
export function inTurn<T extends { queue: string; turn: number }>(rows: readonly T[], queue: string): T[] {
  return rows.filter((row) => !queue || row.queue === queue).sort((a, b) => a.turn - b.turn);
}
