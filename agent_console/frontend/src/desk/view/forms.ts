// The ticket and the callback inside the conversation.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Case } from "../../lib/protocol.ts";
import { labels, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { inMinutes, sensibleTime, tomorrowMorning, type CallbackDraft, type TicketDraft } from "../drafts.ts";
import { fieldId, newCallback, newTicket, saveCallback, saveTicket } from "../forms.ts";

type Piece = TemplateResult | typeof nothing;
type Typed = InputEvent & { target: HTMLInputElement & HTMLTextAreaElement & HTMLSelectElement };

export function openTicket(desk: Desk, one: Case): void {
  if (!desk.draft(one.call).ticket?.open) desk.write(one.call, { ticket: newTicket(desk, one) });
  focusSoon(`ticket-subject-${one.call}`);
}

export function openCallback(desk: Desk, one: Case): void {
  if (!desk.draft(one.call).callback?.open) desk.write(one.call, { callback: newCallback(desk, one) });
  focusSoon(`callback-why-${one.call}`);
}

function focusSoon(id: string): void {
  queueMicrotask(() => queueMicrotask(() => document.getElementById(id)?.focus()));
}

export function ticketForm(desk: Desk, one: Case): Piece {
  const ticket = desk.draft(one.call).ticket;
  if (!ticket?.open) return nothing;
  const place = `ticket:${one.call}`;
  const set = (change: Partial<TicketDraft>) => desk.write(one.call, { ticket: { ...ticket, ...change } });
  return html`<form class="case-form" aria-label=${t("Ticket")} novalidate @submit=${(event: SubmitEvent) => (event.preventDefault(), void saveTicket(desk, one))}>
    <p class="form-name">${icon("ticket", "icon-sm")}${t("Ticket")}</p>
    <div class="form-line">
      ${field(desk, place, "subject", t("Subject"), (marks) => html`<input id=${marks.id} name="subject" class="form-control" maxlength="200" autocomplete="off" aria-invalid=${marks.invalid} aria-describedby=${marks.says} .value=${live(ticket.subject)} @input=${(event: Typed) => set({ subject: event.target.value })} />`)}
    </div>
    <div class="form-line">
      <label class="field"><span class="form-label">${t("Type")}</span>${select("TicketType", ticket.type, (type) => set({ type }))}</label>
      <label class="field"><span class="form-label">${t("Priority")}</span>${select("TicketPriority", ticket.priority, (priority) => set({ priority }))}</label>
    </div>
    <label class="field"><span class="form-label">${t("Description")}</span>
      <textarea name="description" class="form-control" rows="2" maxlength="10000" .value=${live(ticket.description)} @input=${(event: Typed) => set({ description: event.target.value })}></textarea></label>
    ${buttons(desk, place, t("Create ticket"), () => desk.write(one.call, { ticket: null }))}
  </form>`;
}

export function callbackForm(desk: Desk, one: Case): Piece {
  const callback = desk.draft(one.call).callback;
  if (!callback?.open) return nothing;
  const place = `callback:${one.call}`;
  const set = (change: Partial<CallbackDraft>) => desk.write(one.call, { callback: { ...callback, ...change } });
  const quick = (text: string, due: string) =>
    html`<button type="button" class="btn btn-sm ${callback.due === due ? "is-chosen" : ""}" @click=${() => set({ due })}>${text}</button>`;
  return html`<form class="case-form" aria-label=${t("Callback")} novalidate @submit=${(event: SubmitEvent) => (event.preventDefault(), void saveCallback(desk, one))}>
    <p class="form-name">${icon("phone-calling", "icon-sm")}${t("Callback")}</p>
    <div class="form-line">
      ${field(desk, place, "why", t("Why"), (marks) => html`<input id=${marks.id} name="why" class="form-control" maxlength="500" autocomplete="off" aria-invalid=${marks.invalid} aria-describedby=${marks.says} .value=${live(callback.why)} @input=${(event: Typed) => set({ why: event.target.value })} />`)}
    </div>
    <div class="form-line">
      ${field(desk, place, "due", t("When"), (marks) => html`<div class="due-line">
          <span class="moment" data-moment="datetime-local">
            <input id=${marks.id} name="due" type="text" class="form-control num" inputmode="numeric" autocomplete="off" maxlength="30" placeholder=${t("YYYY-MM-DD HH:MM")} aria-invalid=${marks.invalid} aria-describedby=${marks.says} .value=${live(callback.due.replace(/T(?=\d\d:\d\d$)/, " "))} @input=${(event: Typed) => set({ due: event.target.value.replace(/ (?=\d\d:\d\d$)/, "T") })} />
            <button type="button" class="btn btn-icon btn-ghost moment-pick" aria-label=${t("Choose in a calendar")} title=${t("Choose in a calendar")}>${icon("calendar", "icon-sm")}</button>
            <input type="datetime-local" class="moment-native" tabindex="-1" aria-hidden="true" />
          </span>
          ${quickTimes(desk.now).map(([text, due]) => quick(text, due))}
        </div>`)}
    </div>
    <div class="form-line">
      ${field(desk, place, "number", t("Number"), (marks) => html`<input id=${marks.id} name="number" class="form-control num" maxlength="60" inputmode="tel" autocomplete="off" aria-invalid=${marks.invalid} aria-describedby=${marks.says} .value=${live(callback.number)} @input=${(event: Typed) => set({ number: event.target.value })} />`)}
      <label class="field"><span class="form-label">${t("Who calls")}</span>
        <select name="mine" class="form-select" .value=${live(callback.mine ? "me" : "any")} @change=${(event: Typed) => set({ mine: event.target.value === "me" })}>
          <option value="me">${t("I do")}</option><option value="any">${t("Whoever is free")}</option>
        </select></label>
    </div>
    ${buttons(desk, place, t("Save callback"), () => desk.write(one.call, { callback: null }))}
  </form>`;
}

// Later today only while today is long enough.
function quickTimes(now: Date): [text: string, due: string][] {
  const [later, tomorrow] = [sensibleTime(now), tomorrowMorning(now)];
  return [
    [t("in 30 min"), inMinutes(now, 30)],
    ...(later.slice(0, 10) === tomorrow.slice(0, 10) ? [] : [[t("in about 2 h"), later] as [string, string]]),
    [t("tomorrow 10:00"), tomorrow],
  ];
}

function select(kind: string, value: string, choose: (value: string) => void): TemplateResult {
  return html`<select class="form-select" .value=${live(value)} @change=${(event: Typed) => choose(event.target.value)}>
    ${labels(kind).map(([code, word]) => html`<option value=${code} ?selected=${code === value}>${word}</option>`)}
  </select>`;
}

function buttons(desk: Desk, place: string, text: string, discard: () => void): TemplateResult {
  const found = desk.fault(place);
  return html`<div class="form-buttons">
    <button class="btn btn-primary btn-sm" ?disabled=${desk.pending(place)}>${text}</button>
    <button type="button" class="btn btn-sm" @click=${() => (desk.clearFault(place), discard())}>${t("Discard")}</button>
    ${found && !known.has(found.field) ? html`<span class="fault" role="alert">${icon("alert-circle", "icon-sm")}${found.sentence}</span>` : nothing}
  </div>`;
}

const known = new Set(["subject", "why", "due", "number"]);

interface Marks {
  id: string;
  invalid: "true" | typeof nothing;
  says: string | typeof nothing; // the id of the sentence that says what is wrong
}

// A label above, the fault below the control and no part of its name.
function field(desk: Desk, place: string, name: string, label: string, control: (marks: Marks) => TemplateResult): TemplateResult {
  const found = desk.fault(place, name);
  const id = fieldId(place, name);
  const marks: Marks = { id, invalid: found ? "true" : nothing, says: found ? `${id}-fault` : nothing };
  return html`<div class="field grow"><label class="form-label" for=${id}>${label}</label>${control(marks)}
    ${found ? html`<p class="fault" id="${id}-fault" role="alert">${icon("alert-circle", "icon-sm")}<span>${found.sentence}</span></p>` : nothing}</div>`;
}
