// What the agent types during a call: kept in this browser at once, on the server a moment later, so that neither a
// reload, a crash nor another tab loses it.
import { fromInput, inputValue } from "../lib/words.ts";

export interface Saved {
  id: string;
  number?: string;
  due_at?: string;
}

export interface TicketDraft {
  open: boolean;
  key: string;
  subject: string;
  type: string;
  priority: string;
  description: string;
}

export interface CallbackDraft {
  open: boolean;
  key: string;
  due: string; // 2026-11-28T10:00, or what was typed so far
  why: string;
  number: string;
  mine: boolean;
}

export interface Draft {
  at: number;
  note: string;
  disposition: string;
  ticket: TicketDraft | null;
  callback: CallbackDraft | null;
  tickets: Saved[]; // made in this call
  callbacks: Saved[];
}

export const noDraft: Draft = {
  at: 0, note: "", disposition: "", ticket: null, callback: null, tickets: [], callbacks: [],
};

const prefix = "cw-draft-";
const keptMs = 7 * 86_400_000;

export class Drafts {
  readonly #known = new Map<string, Draft>();
  readonly #timers = new Map<string, number>();
  readonly #send: (call: string, draft: Draft) => void;

  constructor(send: (call: string, draft: Draft) => void) {
    this.#send = send;
    forgetOld();
  }

  get(call: string): Draft {
    let found = this.#known.get(call);
    if (!found) {
      found = read(call) ?? noDraft;
      this.#known.set(call, found);
    }
    return found;
  }

  change(call: string, change: Partial<Draft>): void {
    const draft = { ...this.get(call), ...change, at: Date.now() };
    this.#known.set(call, draft);
    write(call, draft);
    clearTimeout(this.#timers.get(call));
    this.#timers.set(call, window.setTimeout(() => this.#send(call, draft), 800));
  }

  // From the server (another browser), when it is newer than ours.
  adopt(call: string, draft: unknown): boolean {
    if (!isDraft(draft) || draft.at <= this.get(call).at) return false;
    this.#known.set(call, draft);
    write(call, draft);
    return true;
  }

  // After a reload, or after the line was away: whoever knows less learns from the other.
  meet(call: string, theirs: unknown): void {
    if (this.adopt(call, theirs)) return;
    const ours = this.get(call);
    if (ours.at > (isDraft(theirs) ? theirs.at : 0)) this.#send(call, ours);
  }

  // Another tab of this browser wrote it.
  reread(storageKey: string | null): boolean {
    if (!storageKey?.startsWith(prefix)) return false;
    this.#known.delete(storageKey.slice(prefix.length));
    return true;
  }

  drop(call: string): void {
    clearTimeout(this.#timers.get(call));
    localStorage.removeItem(prefix + call);
    this.#known.set(call, noDraft);
  }

  // Something was written that nobody has saved.
  unsaved(call: string): boolean {
    const draft = this.get(call);
    return draft.note.trim() !== "" || draft.ticket?.open === true || draft.callback?.open === true;
  }
}

function isDraft(value: unknown): value is Draft {
  const draft = value as Partial<Draft> | null;
  return typeof draft?.at === "number" && typeof draft.note === "string" && Array.isArray(draft.tickets);
}

function read(call: string): Draft | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(prefix + call) ?? "null");
    return isDraft(found) ? found : null;
  } catch {
    return null;
  }
}

function write(call: string, draft: Draft): void {
  try {
    localStorage.setItem(prefix + call, JSON.stringify(draft));
  } catch {
    // A full or forbidden store: the server's copy remains.
  }
}

function forgetOld(): void {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(prefix))) {
    const draft = read(key.slice(prefix.length));
    if (!draft || Date.now() - draft.at > keptMs) localStorage.removeItem(key);
  }
}

// A time people keep: two hours from now on the half hour while it is still day, else tomorrow morning at ten.
export function sensibleTime(now: Date): string {
  const later = inputValue(new Date(now.getTime() + 2 * 3_600_000));
  const hour = Number(later.slice(11, 13));
  if (hour >= 9 && hour < 18) return `${later.slice(0, 14)}${Number(later.slice(14)) < 30 ? "00" : "30"}`;
  const midday = fromInput(`${inputValue(now).slice(0, 10)}T12:00`) ?? now;
  const dayAhead = Number(inputValue(now).slice(11, 13)) < 9 ? 0 : 86_400_000;
  return `${inputValue(new Date(midday.getTime() + dayAhead)).slice(0, 10)}T10:00`;
}

export function tomorrowMorning(now: Date): string {
  return `${inputValue(new Date(now.getTime() + 86_400_000)).slice(0, 10)}T10:00`;
}

export function inMinutes(now: Date, minutes: number): string {
  return inputValue(new Date(now.getTime() + minutes * 60_000));
}
