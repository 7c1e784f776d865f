// The telephone beside the drawing: who calls and when, what is heard, the keys, and how it went for the house.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { fromInput, inputValue, setZone, t } from "../lib/words.ts";
import { Aside } from "./aside.ts";
import type { Designer } from "./designer.ts";
import { pathName } from "./names.ts";
import { type Line, numberOf, people, type Person, type Rehearsed, rehearsed } from "./rehearsal.ts";

type Piece = TemplateResult | typeof nothing;

const keys = [..."123456789*0#"];

// Without a version the draft is tried, as it is drawn.
export class Phone extends Aside {
  #caller = "";
  #name = ""; // of the customer who was chosen
  #dialled = "";
  #when = "";
  #began: string | null = null; // the moment that "now" was
  #found: Person[] = [];
  #deeds: string[] = [];
  #answer: Rehearsed | null = null;

  constructor(designer: Designer, zone: string, redraw: () => void) {
    super(designer, redraw);
    if (zone) setZone(zone);
    document.addEventListener("keydown", (event) => this.#typed(event));
  }

  // What is marked on the drawing: where he stands, and where he has been.
  get here(): string {
    return this.#path.at(-1)?.drawn ?? "";
  }

  get passed(): ReadonlySet<string> {
    return new Set(this.#path.map((one) => one.drawn));
  }

  get #path(): Line[] {
    return this.on ? (this.#answer?.lines.filter((one) => one.kind === "node") ?? []) : [];
  }

  protected async load(): Promise<void> {
    await this.trying(async () => {
      const drawn = await this.documentOf(this.version);
      if (this.on) this.document = drawn;
    });
    await this.anew();
    document.querySelector<HTMLElement>(".phone-key")?.focus();
  }

  async anew(): Promise<void> {
    this.#deeds = [];
    this.#began = null;
    await this.run();
  }

  // The same keys once more, with the menu as it is now.
  async run(): Promise<void> {
    if (!this.on) return;
    const wanted = this.turn();
    const at = this.#when ? (fromInput(this.#when)?.toISOString() ?? null) : this.#began;
    const what = this.version ? { version: this.version } : { document: this.designer.document };
    await this.trying(async () => {
      const answer = await rehearsed(this.designer.flow, what, { caller: this.#caller, dialled: this.#dialled, at }, this.#deeds);
      if (!wanted()) return;
      this.#answer = answer;
      this.#began = answer.at;
      if (!answer.findings.length) this.#deeds = this.#deeds.slice(0, answer.used);
    });
    if (wanted()) this.#shown();
  }

  #shown(): void {
    this.redraw();
    setTimeout(() => {
      const log = document.querySelector<HTMLElement>(".phone-log");
      if (log) log.scrollTop = log.scrollHeight;
      if (this.#answer?.waits === "outcome") document.querySelector<HTMLElement>(".phone-outcomes button")?.focus();
    });
  }

  #do(deed: string): void {
    this.#deeds = [...this.#deeds, deed];
    void this.run();
  }

  #takeBack(): void {
    this.#deeds = this.#deeds.slice(0, -1);
    void this.run();
  }

  #typed(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (!this.on || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys.includes(event.key) && this.#answer?.waits === "key") this.#do(event.key);
    else if (event.key === "Backspace" && this.#deeds.length) this.#takeBack();
    else return;
    event.preventDefault();
  }

  // Who, when and which ---------------------------------------------------------------------------------------------------

  async #choose(version: number): Promise<void> {
    await this.trying(async () => {
      this.document = await this.documentOf(version);
      this.version = version;
    });
    await this.anew();
  }

  async #called(text: string): Promise<void> {
    this.#found = [];
    this.#name = "";
    this.#caller = text.trim();
    if (!this.#caller || /^[+*#()\d\s./-]*$/.test(this.#caller)) return this.anew();
    await this.trying(async () => {
      this.#found = await people(this.#caller);
      if (!this.#found.length) this.fault = t("No customer is found.");
    });
    this.#caller = "";
    this.redraw();
  }

  async #isHe(person: Person): Promise<void> {
    await this.trying(async () => {
      const number = await numberOf(person.id);
      if (!number) throw new Error(t("%(name)s has no number.", { name: person.name }));
      [this.#caller, this.#name, this.#found] = [number, person.name, []];
    });
    if (this.fault) this.redraw();
    else await this.anew();
  }

  async #at(text: string): Promise<void> {
    if (text.trim() && !fromInput(text)) {
      this.fault = t("This is no day and time; written as %(example)s.", { example: "2026-11-28 10:00" });
      this.redraw();
      return;
    }
    this.#when = text.trim();
    await this.anew();
  }

  // The view --------------------------------------------------------------------------------------------------------------

  view(): TemplateResult {
    return html`<section class="telephone" aria-labelledby="phone-title">
      ${this.head("phone-title", t("Try the menu by telephone"))}
      ${this.#who()}
      ${this.faultLine()}
      ${this.#wrong()}
      <ol class="phone-log" role="log" tabindex="0" aria-label=${t("What is heard and done")}>${this.#answer?.lines.map((line) => this.#line(line))}</ol>
      ${this.#outcomes()}
      ${this.#keypad()}
      <p class="phone-hint">${t("Your digits, * and # press the keys; Backspace takes the last one back.")} ${t("Nothing is really done: no ticket, callback or message is made.")}</p>
    </section>`;
  }

  #who(): TemplateResult {
    const text = (event: Event) => (event.target as HTMLInputElement).value;
    const now = this.#answer ? inputValue(new Date(this.#answer.at)).replace("T", " ") : t("now");
    return html`<details class="phone-who"><summary>${this.#name} ${this.#caller || t("withheld number")} · ${this.#when || now}</summary><div class="form-stack">
      ${this.versions.length ? this.versionField("phone-version", t("What is tried"), t("The draft as it is drawn"), (version) => void this.#choose(version)) : nothing}
      <div class="field"><label class="form-label" for="phone-caller">${t("Caller")}</label>
        <input class="form-control" id="phone-caller" autocomplete="off" maxlength="200" placeholder=${t("a number, or part of a customer's name")} .value=${this.#caller} @change=${(event: Event) => this.#called(text(event))}>
        <div class="phone-found">${this.#found.map((one) => html`<button type="button" class="btn btn-sm" @click=${() => this.#isHe(one)}>${one.name}</button>`)}</div></div>
      <div class="field"><label class="form-label" for="phone-dialled">${t("The number dialled")}</label>
        <input class="form-control num" id="phone-dialled" autocomplete="off" inputmode="tel" maxlength="40" .value=${this.#dialled} @change=${(event: Event) => { this.#dialled = text(event).trim(); void this.anew(); }}></div>
      <div class="field"><label class="form-label" for="phone-when">${t("Day and time")}</label>
        <input class="form-control num" id="phone-when" autocomplete="off" placeholder=${t("now")} .value=${this.#when} @change=${(event: Event) => this.#at(text(event))}></div>
    </div></details>`;
  }

  #wrong(): Piece {
    const found = this.#answer?.findings ?? [];
    if (!found.length) return nothing;
    return html`<p class="phone-hint">${t("Before it can be tried:")}</p><ul class="findings">${found.map((one) => html`<li>${icon("alert-circle", "icon-sm")}<span>
      ${one.node ? html`<button type="button" class="phone-node" @click=${() => this.designer.goTo(one.node)}>${one.node}</button>` : nothing}
      ${one.field ? html`<strong>${pathName(one.field)}</strong> ` : nothing}${one.detail}</span></li>`)}</ul>`;
  }

  #line(line: Line): TemplateResult {
    if (line.kind === "node") return this.#nodeLine(line);
    const tongue = line.language === "zh" ? "zh-CN" : (line.language ?? nothing);
    return html`<li class="phone-line is-${line.kind}" lang=${tongue}>${line.text}</li>`;
  }

  #nodeLine(line: Line): TemplateResult {
    const elsewhere = line.flow !== this.designer.flow;
    return html`<li class="phone-line is-node"><button type="button" class="phone-node" @click=${() => this.designer.goTo(line.drawn)}>${line.node}</button>${elsewhere ? html` ${t("in the menu %(flow)s", { flow: line.flow })}` : nothing}</li>`;
  }

  #outcomes(): Piece {
    const outcomes = this.#answer?.outcomes ?? [];
    if (!outcomes.length) return nothing;
    return html`<div class="phone-outcomes" role="group" aria-label=${t("How did it go?")}><span>${t("How did it go?")}</span>
      ${outcomes.map((one) => html`<button type="button" class="btn btn-sm" @click=${() => this.#do(one.deed)}>${one.text}</button>`)}</div>`;
  }

  #keypad(): TemplateResult {
    const deaf = this.#answer?.waits !== "key";
    const deed = (does: string, word: string, drawn: TemplateResult) =>
      html`<button type="button" class="btn btn-sm" ?disabled=${deaf} @click=${() => this.#do(does)}>${drawn}${word}</button>`;
    return html`<div class="phone-keys" role="group" aria-label=${t("Keypad")}>${keys.map((key) => html`<button type="button" class="btn phone-key" ?disabled=${deaf} @click=${() => this.#do(key)}>${key}</button>`)}</div>
      <div class="phone-acts">
        ${deed("silence", t("Silence"), icon("volume-off", "icon-sm"))}${deed("hang_up", t("Hang up"), icon("phone-off", "icon-sm"))}
        <button type="button" class="btn btn-sm" ?disabled=${!this.#deeds.length} @click=${() => this.#takeBack()}>${icon("arrow-back-up", "icon-sm")}${t("Take back")}</button>
        <button type="button" class="btn btn-sm" @click=${() => this.anew()}>${icon("refresh", "icon-sm")}${t("Begin anew")}</button>
      </div>`;
  }
}
