// The dialog in which a call is handed on: one search over colleagues, queues and numbers, for the keyboard first.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { stateWord, type Choice } from "../targets.ts";
import { fault } from "./parts.ts";

type Piece = TemplateResult | typeof nothing;

export function handOnDialog(desk: Desk): Piece {
  const box = desk.handing;
  if (!box.call) return nothing;
  const found = box.found;
  const marked = found[box.at];
  const transferFirst = box.how === "transfer";
  return html`<div class="hand-on" role="dialog" aria-labelledby="hand-on-title" @keydown=${(event: KeyboardEvent) => keys(event, desk)}>
    <div class="hand-on-head">
      <h2 id="hand-on-title">${transferFirst ? t("Hand the call on") : t("Ask somebody first")}</h2>
      <button type="button" class="btn btn-icon btn-ghost" aria-label=${t("Close")} @click=${() => box.close()}>${icon("x")}</button>
    </div>
    <label class="visually-hidden" for="hand-on-search">${t("Colleague, queue or number")}</label>
    <div class="hand-on-search">
      ${icon("search", "icon-sm")}
      <input id="hand-on-search" class="form-control" role="combobox" autocomplete="off" spellcheck="false" aria-expanded="true" aria-controls="hand-on-list"
        aria-autocomplete="list" aria-activedescendant=${marked ? `hand-on-at-${box.at}` : nothing} placeholder=${t("Colleague, queue or number")}
        .value=${live(box.text)} @input=${(event: InputEvent) => box.type((event.target as HTMLInputElement).value)} />
    </div>
    ${box.targets ? list(desk, found) : html`<div class="hand-on-list" aria-busy="true"><div class="bone"></div><div class="bone"></div></div>`}
    ${fault(desk, "hand_on")}
    <div class="hand-on-acts">
      ${action(desk, "transfer", transferFirst, marked)}${action(desk, "consult", !transferFirst, marked)}
    </div>
  </div>`;
}

function action(desk: Desk, how: "transfer" | "consult", first: boolean, marked: Choice | undefined): TemplateResult {
  const off = !marked || marked.whyNot !== "" || desk.pending("hand_on");
  return html`<button type="button" class="btn ${first ? "btn-primary" : ""}" ?disabled=${off} @click=${() => desk.handing.choose(how)}>
    ${how === "transfer" ? icon("phone-outgoing", "icon-sm") : icon("messages", "icon-sm")}${how === "transfer" ? t("Transfer now") : t("Consult first")}
    <kbd aria-hidden="true">${first ? "⏎" : "⇧⏎"}</kbd>
  </button>`;
}

function list(desk: Desk, found: readonly Choice[]): TemplateResult {
  return html`<ul class="hand-on-list" id="hand-on-list" role="listbox" aria-label=${t("Colleague, queue or number")}>
    ${found.map((one, index) => html`${heading(found, index)}${row(desk, one, index)}`)}
    ${found.length ? nothing : html`<li class="empty-hint" role="presentation">${t("Nobody like that. A number needs at least three digits.")}</li>`}
  </ul>`;
}

function heading(found: readonly Choice[], index: number): Piece {
  if (found[index]?.kind === found[index - 1]?.kind) return nothing;
  const words = { agent: t("Colleagues"), queue: t("Queues"), number: t("Number") };
  return html`<li class="hand-on-group" role="presentation">${words[found[index]!.kind]}</li>`;
}

function row(desk: Desk, one: Choice, index: number): TemplateResult {
  const marked = index === desk.handing.at;
  return html`<li id="hand-on-at-${index}" role="option" aria-selected=${marked ? "true" : "false"} aria-disabled=${one.whyNot ? "true" : nothing}
    class="hand-on-row ${marked ? "is-marked" : ""} ${one.whyNot ? "is-off" : ""}" @mousedown=${(event: MouseEvent) => (event.preventDefault(), desk.handing.mark(index))}
    @dblclick=${() => void desk.handing.choose()}>
    <span class="hand-on-mark">${one.kind === "agent" ? icon("user", "icon-sm") : one.kind === "queue" ? icon("users-group", "icon-sm") : icon("phone", "icon-sm")}</span>
    <span class="hand-on-name truncate">${one.name}</span>
    <span class="visually-quiet num nowrap">${one.note}</span>
    ${one.state
      ? html`<span class="hand-on-state"><span class="state state-${one.state}">${stateWord(one)}</span>${one.state === "offline" ? nothing : html`<cw-timer class="num visually-quiet" since=${one.since}></cw-timer>`}</span>`
      : nothing}
    ${one.whyNot && (one.state === null || one.whyNot === t("phone not connected")) ? html`<span class="hand-on-why">${one.whyNot}</span>` : nothing}
    ${one.whyNot ? html`<span class="visually-hidden">${t("cannot be chosen: %(why)s", { why: one.whyNot })}</span>` : nothing}
  </li>`;
}

function keys(event: KeyboardEvent, desk: Desk): void {
  const box = desk.handing;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const inField = (event.target as HTMLElement).id === "hand-on-search";
  if (event.key === "Escape") box.close();
  else if (inField && event.key === "ArrowDown") box.move(1);
  else if (inField && event.key === "ArrowUp") box.move(-1);
  else if (inField && event.key === "Enter") void box.choose(event.shiftKey ? (box.how === "transfer" ? "consult" : "transfer") : box.how);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
