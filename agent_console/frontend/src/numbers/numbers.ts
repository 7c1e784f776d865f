// Hours of numbers and calendars: instead of writing them a day a line, one fills in a calendar. And of a number only
// what goes with where it leads.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { at, type At, type Ground } from "../designer/form/at.ts";
import { holidays, usual, week, worked } from "../designer/form/calendar.ts";
import { weekdays } from "../designer/days.ts";
import type { Fields, Schema } from "../designer/schema.ts";
import { Painter } from "../lib/paint.ts";
import { setZone, t } from "../lib/words.ts";
import { type Hours, isEmpty, read, written } from "./written.ts";

const parts: [keyof Hours, Schema, (at: At<Ground>) => unknown][] = [
  ["week", { propertyNames: { "x-format": "weekday" } }, week],
  ["holidays", { propertyNames: { "x-format": "days" } }, holidays],
  ["working_days", { propertyNames: { "x-format": "days" }, additionalProperties: { items: {} } }, worked],
];

class NumberHours implements Ground {
  refused: Ground["refused"] = null;
  #hours: Hours;
  readonly #area: HTMLTextAreaElement;
  readonly #prefix: string;
  readonly #painter: Painter;

  constructor(area: HTMLTextAreaElement, hours: Hours) {
    this.#area = area;
    this.#hours = hours;
    this.#prefix = area.id;
    const place = document.createElement("div");
    place.className = "number-hours form-stack";
    area.closest(".field")?.after(place);
    this.#painter = new Painter(place, () => this.#view());
    this.#calendar?.addEventListener("change", () => this.#put(this.#hours));
    this.#painter.paint();
  }

  readonly findingsHere = (): [] => []; // the server tells them in the field itself, which is shown then

  refuse(path: string, sentence: string): void {
    this.refused = { path, sentence };
    this.#painter.paint();
  }

  /** Hours of its own are kept while a calendar is chosen, for who changes his mind; they are not sent then. */
  #put(hours: Hours): void {
    this.refused = null;
    this.#hours = hours;
    this.#area.value = this.#calendar?.value ? "" : written(hours);
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
    this.#painter.paint();
  }

  get #calendar(): HTMLSelectElement | null {
    return this.#area.form?.querySelector<HTMLSelectElement>("select[name=calendar]") ?? null;
  }

  #turn(only: boolean): void {
    const elsewhere = this.#area.form?.querySelector<HTMLSelectElement>("[name=closed_to]");
    if (elsewhere && !only) elsewhere.value = "";
    const days = Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, [usual]]));
    this.#put({ week: only ? days : {}, holidays: {}, working_days: {} });
  }

  #view(): TemplateResult {
    const always = !this.#area.form?.querySelector("[name=closed_to]"); // a calendar is nothing but hours
    const shared = Boolean(this.#calendar?.value);
    const only = always || !isEmpty(this.#hours);
    this.#area.form?.querySelector("[name=closed_to]")?.closest<HTMLElement>(".field")?.toggleAttribute("hidden", !only && !shared);
    if (shared) return html``;
    if (always) return this.#parts();
    return html`<label class="form-check"><input class="form-check-input" type="checkbox" .checked=${live(only)} @change=${(event: Event) => this.#turn((event.target as HTMLInputElement).checked)}><span class="form-check-label">${t("Only in certain hours")}</span></label>
      ${only ? this.#parts() : nothing}`;
  }

  #parts(): TemplateResult {
    return html`<div class="number-calendar">${parts.map(([name, schema, draw]) => draw(this.#at(name, schema)))}</div>`;
  }

  #at(name: keyof Hours, schema: Schema): At<Ground> {
    const put = (next: unknown) => this.#put({ ...this.#hours, [name]: (next as Fields | undefined) ?? {} });
    const made = at<Ground>(this, name, schema, false, this.#hours[name], put);
    return { ...made, path: `${this.#prefix}.${name}` };
  }
}

setZone(document.querySelector<HTMLElement>("[data-zone]")?.dataset["zone"] ?? "");
for (const area of document.querySelectorAll<HTMLTextAreaElement>("textarea[name=open_hours]")) {
  const hours = area.matches("[aria-invalid]") ? null : read(area.value);
  if (!hours) continue; // what cannot be read is mended where it was written
  area.closest(".field")?.classList.add("visually-hidden");
  area.tabIndex = -1;
  new NumberHours(area, hours);
}

// A menu has hours, a queue takes calls or lets them ring: what does not go together is neither shown nor sent.
const leads = document.querySelector<HTMLSelectElement>("select[name=to]");
const show = (): void => {
  const target = leads?.value.split(":")[0];
  for (const part of document.querySelectorAll<HTMLFieldSetElement>("fieldset[data-leads]")) {
    part.hidden = part.disabled = part.dataset["leads"] !== target;
  }
};
leads?.addEventListener("change", show);
if (leads) show();
