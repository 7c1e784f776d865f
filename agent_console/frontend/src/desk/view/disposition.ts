// What came of the call: a list that is searched by typing, with what the call is about first.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Case, DispositionChoice } from "../../lib/protocol.ts";
import { pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { chooseFirst, chosen, likelyFirst, mustSay } from "../finish.ts";
import { isCalling, isOffer } from "../state.ts";
import { fault } from "./parts.ts";

export function dispositionPicker(desk: Desk, one: Case): TemplateResult | typeof nothing {
  const choices = likelyFirst(desk.model.hello?.dispositions ?? [], one);
  if (!choices.length || isOffer(one.phase) || isCalling(one.phase)) return nothing; // nothing can have come of it yet
  const panel = desk.panel(one.call);
  const now = chosen(desk, one);
  const matching = panel.picking ? matches(choices, panel.pick) : [];
  return html`<div class="field picker">
    <label class="form-label" for="disposition-${one.call}">${t("What came of it")}</label>
    <div class="picker-box">
      <input id="disposition-${one.call}" class="form-control" role="combobox" autocomplete="off" spellcheck="false"
        aria-expanded=${panel.picking ? "true" : "false"} aria-controls="dispositions" aria-autocomplete="list"
        aria-activedescendant=${panel.picking && matching[panel.at] ? `disposition-at-${panel.at}` : nothing}
        aria-invalid=${desk.fault(`disposition:${one.call}`) ? "true" : nothing} aria-describedby=${now ? nothing : `disposition-hint-${one.call}`}
        placeholder=${t("Type to search")}
        .value=${live(panel.picking ? panel.pick : now ? words(now) : "")}
        @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()}
        @click=${() => desk.setPanel(one.call, { picking: true, pick: "", at: position(matches(choices, ""), now) })}
        @input=${(event: InputEvent) => desk.setPanel(one.call, { picking: true, pick: (event.target as HTMLInputElement).value, at: 0 })}
        @keydown=${(event: KeyboardEvent) => walk(event, desk, one, matching)}
        @blur=${() => desk.setPanel(one.call, { picking: false })} />
      ${icon("selector", "icon-sm")}
      ${panel.picking ? list(desk, one, matching, panel.at) : nothing}
    </div>
    ${now ? nothing : html`<div id="disposition-hint-${one.call}" class="picker-hint">${mustChoose(desk, one)}</div>`}
  </div>`;
}

// A quiet word at first, a fault once it was saved without.
function mustChoose(desk: Desk, one: Case): TemplateResult {
  const place = `disposition:${one.call}`;
  return html`${desk.fault(place) ? fault(desk, place) : html`<span class="visually-quiet">${mustSay(desk, one) ? chooseFirst() : nothing}</span>`}`;
}

function list(desk: Desk, one: Case, matching: DispositionChoice[], at: number): TemplateResult {
  return html`<ul class="found floating" id="dispositions" role="listbox" aria-label=${t("What came of it")}>
    ${matching.map(
      (choice, index) =>
        html`<li id="disposition-at-${index}" role="option" aria-selected=${index === at ? "true" : "false"} class=${index === at ? "is-marked" : ""}
          @mousedown=${(event: MouseEvent) => (event.preventDefault(), choose(desk, one, choice))}>${path(choice)}</li>`,
    )}
    ${matching.length ? nothing : html`<li class="empty-hint">${t("Nothing like that in the list.")}</li>`}
  </ul>`;
}

function path(choice: DispositionChoice): TemplateResult {
  const names = choice.path.map((name) => pick(name));
  return html`${names.length > 1 ? html`<span class="visually-quiet">${names.slice(0, -1).join(" › ")} › </span>` : nothing}${names.at(-1)}`;
}

export function words(choice: DispositionChoice): string {
  return choice.path.map((name) => pick(name)).join(" › ");
}

// Every word that was typed must be found, in either language.
export function matches(choices: readonly DispositionChoice[], text: string): DispositionChoice[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => {
    const all = [choice.code, ...choice.path.flatMap((names) => Object.values(names))].join(" ").toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
}

function position(choices: DispositionChoice[], chosen: DispositionChoice | undefined): number {
  return Math.max(0, choices.findIndex((choice) => choice.code === chosen?.code));
}

function choose(desk: Desk, one: Case, choice: DispositionChoice): void {
  desk.write(one.call, { disposition: choice.code });
  desk.setPanel(one.call, { picking: false, pick: "" });
  desk.clearFault(`disposition:${one.call}`);
  desk.clearFault(`finish:${one.call}`);
}

function walk(event: KeyboardEvent, desk: Desk, one: Case, matching: DispositionChoice[]): void {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const { at, picking } = desk.panel(one.call);
  const marked = matching[at];
  if (!picking && (event.key === "ArrowDown" || event.key === "Enter")) desk.setPanel(one.call, { picking: true, pick: "", at: 0 });
  else if (event.key === "ArrowDown") move(desk, one, Math.min(at + 1, matching.length - 1));
  else if (event.key === "ArrowUp") move(desk, one, Math.max(at - 1, 0));
  else if (event.key === "Enter" && marked) choose(desk, one, marked);
  else if (event.key === "Escape" && picking) desk.setPanel(one.call, { picking: false });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function move(desk: Desk, one: Case, at: number): void {
  desk.setPanel(one.call, { at });
  queueMicrotask(() => queueMicrotask(() => document.getElementById(`disposition-at-${at}`)?.scrollIntoView({ block: "nearest" })));
}
