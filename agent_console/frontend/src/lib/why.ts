// "Why?": asks once when it is opened, and shows the sentences of that moment until it is closed.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Answer, Wish } from "./protocol.ts";

export class Why {
  #open = "";
  #lines: readonly string[] = [];
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
    this.#changed();
  }

  async #opens(about: string, wish: Wish): Promise<void> {
    this.#open = about;
    this.#lines = [];
    this.#changed();
    const answer = await this.#ask(wish);
    if (this.#open !== about) return;
    this.#lines = answer.ok ? (answer.value as { lines: string[] }).lines : [answer.sentence];
    this.#changed();
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
