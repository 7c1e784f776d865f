// What can stand beside the drawing in place of the forms: opened and closed by a button, about one version of the menu or about none.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { t } from "../lib/words.ts";
import type { Designer } from "./designer.ts";
import { documentOf, type Version, versionsOf } from "./rehearsal.ts";
import type { Fields } from "./schema.ts";

export abstract class Aside {
  on = false;
  document: Fields | null = null; // what is drawn while it is open, where that is not the draft
  protected version = 0; // 0: no particular one
  protected versions: Version[] = [];
  protected published = 0;
  protected fault = "";
  protected readonly designer: Designer;
  protected readonly redraw: () => void;
  #turn = 0;

  constructor(designer: Designer, redraw: () => void) {
    this.designer = designer;
    this.redraw = redraw;
  }

  protected abstract load(): Promise<void>;
  abstract view(): TemplateResult;

  toggle(): void {
    this.on = !this.on;
    if (!this.on) this.document = null;
    else void this.#open();
    this.redraw();
  }

  // As a link has it: a version's number, or a word for no particular one.
  show(version: string | null): void {
    if (!version) return;
    this.version = Number(version) || 0;
    this.toggle();
  }

  async #open(): Promise<void> {
    await this.trying(async () => {
      const { versions, published } = await versionsOf(this.designer.flow);
      [this.versions, this.published] = [versions, published];
    });
    await this.load();
  }

  // What goes wrong is said above the rest.
  protected async trying(what: () => Promise<void>): Promise<void> {
    try {
      this.fault = "";
      await what();
    } catch (error) {
      this.fault = String((error as Error).message);
    }
  }

  // Whether what was asked for now is still what is wanted: of several answers on their way only the last one counts.
  protected turn(): () => boolean {
    const mine = (this.#turn += 1);
    return () => mine === this.#turn;
  }

  protected async documentOf(version: number): Promise<Fields | null> {
    return version ? documentOf(this.designer.flow, version) : null;
  }

  // The view --------------------------------------------------------------------------------------------------------------

  protected head(id: string, title: string): TemplateResult {
    return html`<div class="phone-head"><h2 id=${id}>${title}</h2>
      <button type="button" class="btn btn-icon btn-ghost" aria-label=${t("Back to the forms")} title=${t("Back to the forms")} @click=${() => this.toggle()}>${icon("x")}</button></div>`;
  }

  protected faultLine(): TemplateResult | typeof nothing {
    return this.fault ? html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}${this.fault}</p>` : nothing;
  }

  protected versionField(id: string, label: string, none: string, chosen: (version: number) => void): TemplateResult {
    return html`<div class="field"><label class="form-label" for=${id}>${label}</label>
      <select class="form-select" id=${id} @change=${(event: Event) => chosen(Number((event.target as HTMLSelectElement).value))}>
        <option value="0" ?selected=${!this.version}>${none}</option>
        ${this.versions.map((one) => html`<option value=${one.number} ?selected=${one.number === this.version}>${this.#versionName(one.number)}</option>`)}
      </select></div>`;
  }

  #versionName(number: number): string {
    return number === this.published ? t("version %(number)s, which callers hear", { number }) : t("version %(number)s", { number });
  }
}
