// The work of one call: note, ticket, callback; after the call the same card, with the disposition, is the wrap-up sheet.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Case } from "../../lib/protocol.ts";
import { pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { finish } from "../finish.ts";
import { ringMe } from "../ringme.ts";
import { callbackForm, openCallback, openTicket, ticketForm } from "./forms.ts";
import { dispositionPicker } from "./disposition.ts";
import { due, fault } from "./parts.ts";

export function caseCard(desk: Desk, one: Case): TemplateResult {
  const late = one.phase === "done" && (desk.drafts.unsaved(one.call) || desk.pending(`finish:${one.call}`));
  const wrapUp = one.phase === "wrap_up" || late;
  if (one.phase === "done" && !late) return finished(desk, one);
  return html`<section class="panel case-card ${wrapUp ? "is-wrap" : ""}" aria-label=${wrapUp ? t("Wrap-up") : t("This call")}>
    <div class="panel-head">
      <h2 class="panel-title">${wrapUp ? t("Wrap-up") : t("This call")}</h2>
      ${one.phase === "wrap_up" ? wrapUpClock(desk, one) : nothing}
      ${late && !desk.pending(`finish:${one.call}`) ? html`<span class="tag tag-warn">${t("Not saved yet")}</span>` : nothing}
      <span class="spacer"></span>
      <button type="button" class="btn btn-sm" @click=${() => openTicket(desk, one)}>${icon("ticket", "icon-sm")}${t("New ticket")}<kbd aria-hidden="true">t</kbd></button>
      <button type="button" class="btn btn-sm" @click=${() => openCallback(desk, one)}>${icon("phone-calling", "icon-sm")}${t("Schedule callback")}<kbd aria-hidden="true">b</kbd></button>
    </div>
    ${dispositionPicker(desk, one)}
    ${note(desk, one)}
    ${made(desk, one)}
    ${ticketForm(desk, one)}
    ${callbackForm(desk, one)}
    ${wrapUp ? foot(desk, one) : nothing}
  </section>`;
}

// How long it takes, beside how long it should take; or how much of it is left.
function wrapUpClock(desk: Desk, one: Case): TemplateResult {
  const mine = desk.model.agent;
  if (mine?.state === "wrap_up" && mine.call === one.call && mine.wrap_up_until)
    return html`<span class="state state-wrap_up"><cw-timer class="num" until=${mine.wrap_up_until}></cw-timer></span>
      <span class="visually-quiet">${t("until you are free")}</span>`;
  const target = one.queue ? desk.model.hello?.vocabulary.wrap_up_s[one.queue] : undefined;
  return html`<span class="state state-wrap_up"><cw-timer class="num" since=${one.since}></cw-timer></span>
    ${target ? html`<span class="visually-quiet num">${t("of about %(seconds)s s", { seconds: target })}</span>` : nothing}`;
}

function note(desk: Desk, one: Case): TemplateResult {
  return html`<label class="field">
    <span class="form-label">${t("Note")}</span>
    <textarea class="form-control note" id="note-${one.call}" rows="3" maxlength="10000" placeholder=${t("What it is about, what was agreed …")}
      .value=${live(desk.draft(one.call).note)}
      @input=${(event: InputEvent) => desk.write(one.call, { note: (event.target as HTMLTextAreaElement).value })}></textarea>
  </label>`;
}

// Tickets and promises this call has led to.
function made(desk: Desk, one: Case): TemplateResult | typeof nothing {
  const tickets = one.pop?.tickets.filter((ticket) => ticket.this_call) ?? [];
  const draft = desk.draft(one.call);
  const known = new Set(tickets.map((ticket) => ticket.id));
  const fresh = draft.tickets.filter((ticket) => !known.has(ticket.id));
  const promises = one.pop?.callbacks.filter((callback) => callback.this_call) ?? [];
  const promised = new Set(promises.map((callback) => callback.id));
  const freshPromises = draft.callbacks.filter((callback) => !promised.has(callback.id));
  if (!tickets.length && !fresh.length && !promises.length && !freshPromises.length) return nothing;
  return html`<ul class="made">
    ${[...tickets, ...fresh].map((ticket) => html`<li>${icon("circle-check", "icon-sm")}${t("Ticket")} <a class="num" href="/tickets/${ticket.id}" target="_blank" rel="noopener">${ticket.number}</a></li>`)}
    ${[...promises, ...freshPromises].map((callback) => html`<li>${icon("circle-check", "icon-sm")}<a href="/callbacks/${callback.id}" target="_blank" rel="noopener">${t("Callback")} ${callback.due_at ? due(callback.due_at, desk.now) : nothing}</a></li>`)}
  </ul>`;
}

function foot(desk: Desk, one: Case): TemplateResult {
  const place = `finish:${one.call}`;
  return html`<div class="case-foot">
    ${fault(desk, place)}
    <span class="spacer"></span>
    <button type="button" class="btn btn-primary" ?disabled=${desk.pending(place)} @click=${() => finish(desk, one)}>
      ${t("Save and finish")}<kbd aria-hidden="true">Ctrl ⏎</kbd>
    </button>
  </div>`;
}

function finished(desk: Desk, one: Case): TemplateResult {
  const next = desk.model.agent?.state === "ready" ? t("You are ready for the next call.") : t("Finished.");
  return html`<section class="panel panel-quiet finished">
    ${icon("circle-check")}<p><strong>${t("Saved.")}</strong> ${next}</p>
    ${desk.model.hello?.demo ? html`<button type="button" class="btn btn-sm" ?disabled=${desk.pending("ring_me")} @click=${() => ringMe(desk)}>${icon("phone-incoming", "icon-sm")}${t("Ring me")}</button>` : nothing}
    <a class="btn btn-sm" href="/calls/${one.call}" target="_blank" rel="noopener">${t("Page of this call")}</a>
    ${one.pop?.customer ? html`<a class="btn btn-sm" href="/customers/${one.pop.customer.id}" target="_blank" rel="noopener">${pick(one.pop.customer.names)}</a>` : nothing}
  </section>`;
}
