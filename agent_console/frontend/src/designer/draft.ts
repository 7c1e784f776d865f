// The draft as the server keeps it: read once, saved as one goes, one saving after the other, and never over what
// somebody else has saved meanwhile.
import { t } from "../lib/words.ts";
import { ask, Refusal } from "./api.ts";
import { isRounded } from "./document.ts";
import type { Fields } from "./schema.ts";

export interface Finding {
  node: string;
  field: string;
  detail: string;
}

interface Kept {
  revision: number;
  based_on: number;
  document: Fields;
  text: string;
  findings: Finding[];
  doubts: Finding[];
}

export interface Hand {
  document(): Fields;
  changed(): void; // what is to be shown has changed
  saved(): void;
}

const quiet = 700; // milliseconds after the last change until it is saved

export class Draft {
  findings: Finding[] = [];
  doubts: Finding[] = []; // to think of; they forbid nothing
  said = ""; // the last thing that happened
  fault = ""; // why nothing is saved any more
  unsaved = false;
  readonly #path: string;
  readonly #hand: Hand;
  #revision = 0;
  #basedOn = 0;
  #unanswered: string[] = []; // what was sent, and may be kept although no answer came
  #saving: Promise<void> | null = null;
  #timer = 0;

  constructor(flow: string, hand: Hand) {
    this.#path = `/flows/${flow}/draft`;
    this.#hand = hand;
    window.addEventListener("beforeunload", (event) => {
      if (this.busy) event.preventDefault();
    });
  }

  get busy(): boolean {
    return this.unsaved || this.#saving !== null;
  }

  async read(): Promise<Fields> {
    const kept = await ask<Kept>(this.#path);
    this.#revision = kept.revision;
    this.#basedOn = kept.based_on;
    this.findings = kept.findings;
    this.doubts = kept.doubts;
    if (kept.text) this.fault = t("The draft is no JSON object. Import a file, or discard it.");
    else if (isRounded(kept.document)) this.fault = t("This menu holds numbers of more than 15 digits, which would not be kept as they are. Change it as a file.");
    return kept.document;
  }

  change(): void {
    this.unsaved = true;
    this.said = "";
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.save(), quiet);
  }

  // What was changed meanwhile goes with the next saving.
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#saving) await this.#saving;
    if (!this.unsaved || this.fault) return;
    this.#saving = this.#put().finally(() => (this.#saving = null));
    await this.#saving;
  }

  async #put(): Promise<void> {
    const sent = this.#hand.document();
    this.unsaved = false;
    this.#hand.changed();
    try {
      const kept = await ask<Kept>(this.#path, "PUT", { document: sent, revision: this.#revision, based_on: this.#basedOn });
      this.#took(kept);
      this.findings = kept.findings;
      this.doubts = kept.doubts;
      this.said = t("Saved.");
      this.#hand.saved();
    } catch (error) {
      this.unsaved = true;
      const { message, code, lost } = error as Refusal;
      const changed = code === "flow.draft_changed";
      if (changed && (await this.#arrived())) return this.#put();
      if (changed) this.fault = message;
      else this.said = lost ? t("The server does not answer. It is tried again with the next change.") : message;
      if (lost) this.#unanswered.push(JSON.stringify(sent));
    }
    this.#hand.changed();
  }

  #took(kept: Kept): void {
    this.#revision = kept.revision;
    this.#basedOn = kept.based_on;
    this.#unanswered = [];
  }

  // Whether what stands in our way is what we have sent ourselves.
  async #arrived(): Promise<boolean> {
    const sent = this.#unanswered;
    const there = sent.length ? await ask<Kept>(this.#path).catch(() => null) : null;
    if (!there || !sent.includes(JSON.stringify(there.document))) return false;
    this.#took(there);
    return true;
  }

  // In words -----------------------------------------------------------------------------------------------------------

  get state(): string {
    if (this.said && !this.unsaved) return `${this.said} ${this.#verdict}`;
    if (this.said) return this.said;
    return this.unsaved ? t("Not saved yet") : this.#verdict;
  }

  get #verdict(): string {
    const count = this.findings.length;
    if (count) return t("Findings: %(count)s", { count });
    const doubts = this.doubts.length;
    return doubts ? t("It can be published. To think of: %(count)s", { count: doubts }) : t("Nothing is wrong with it.");
  }
}
