// "Why?": asks when it is opened, and again whenever what it is about may have changed, until it is closed.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Answer, Wish } from "./protocol.ts";

export class Why {
  #open = "";
  #lines: readonly string[] = [];
  #wish: Wish | null = null;
  #asking = false;
  #stale = false;
  readonly #ask: (wish: Wish) => Promise<Answer>;
  readonly #changed: () => void;

  constructor(ask: (wish: Wish) => Promise<Answer>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  // Of a call or an agent; what has not been answered yet has no lines.
  lines(about: string): readonly string[] | null {
    return this.#open === about ? this.#lines : null;
  }

  toggle(about: string, wish: Wish): void {
    if (this.#open === about) this.close();
    else void this.#opens(about, wish);
  }

  close(): void {
    this.#open = "";
    this.#wish = null;
    this.#changed();
  }

  // Something on the floor is another thing now: what was said a moment ago may be untrue.
  refresh(): void {
    if (!this.#wish) return;
    if (this.#asking) this.#stale = true;
    else void this.#asks(this.#open, this.#wish);
  }

  async #opens(about: string, wish: Wish): Promise<void> {
    this.#open = about;
    this.#lines = [];
    this.#wish = wish;
    this.#changed();
    await this.#asks(about, wish);
  }

  async #asks(about: string, wish: Wish): Promise<void> {
    this.#asking = true;
    this.#stale = false;
    const answer = await this.#ask(wish);
    if (this.#open !== about) return;
    this.#asking = false;
    if (!answer.ok) this.#wish = null; // nothing more will come of asking
    this.#lines = answer.ok ? (answer.value as { lines: string[] }).lines : [answer.sentence];
    this.#changed();
    if (this.#stale) this.refresh();
  }
}

// The first line says it, the others say more.
export function whyLines(lines: readonly string[] | null): TemplateResult | typeof nothing {
  if (!lines) return nothing;
  const [first = "", ...more] = lines;
  return html`<div class="why" role="status">
    ${first ? html`<p>${first}</p>` : html`<div class="bone" aria-busy="true"></div>`}
    ${more.length ? html`<ul>${more.map((line) => html`<li>${line}</li>`)}</ul>` : nothing}
  </div>`;
}
