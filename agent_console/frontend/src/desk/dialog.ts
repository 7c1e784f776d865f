// Remembers the call at the ear across a reload or a crash of the page: the new page takes it up again (RFC 3891).
import type { PhoneCall } from "./softphone.ts";

const longestMs = 25_000; // after that Asterisk has noticed the silence and ended the call
const aliveEveryMs = 2_000;

export interface Dialog {
  server: string; // the address of the Asterisk that has it
  id: string; // the Call-ID
  theirs: string; // Asterisk's tag
  ours: string;
  call: PhoneCall;
  at: number;
}

export class DialogMemory {
  readonly #key: string;
  #timer = 0;

  constructor(user: string) {
    this.#key = `cw-dialog-${user}`;
  }

  keep(dialog: Omit<Dialog, "at">): void {
    const write = () => localStorage.setItem(this.#key, JSON.stringify({ ...dialog, at: Date.now() }));
    clearInterval(this.#timer);
    write();
    this.#timer = window.setInterval(write, aliveEveryMs);
  }

  forget(): void {
    clearInterval(this.#timer);
    localStorage.removeItem(this.#key);
  }

  // What the page before this one was in the middle of at this Asterisk; once.
  take(server: string): Dialog | null {
    const found = JSON.parse(localStorage.getItem(this.#key) ?? "null") as Dialog | null;
    if (found?.server !== server) return null;
    localStorage.removeItem(this.#key);
    return found && Date.now() - found.at < longestMs ? found : null;
  }
}

export function replaces(dialog: Dialog): string {
  return `Replaces: ${dialog.id};to-tag=${dialog.theirs};from-tag=${dialog.ours}`;
}
