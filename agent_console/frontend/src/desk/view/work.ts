// The left column: what waits for me beside the call.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { MissedCall, WorkCallback, WorkTicket } from "../../lib/protocol.ts";
import { icon } from "../../lib/icons.ts";
import { label, pick, t } from "../../lib/words.ts";
import type { Desk } from "../desk.ts";
import { callButton, parkedCalls } from "./control.ts";
import { due, fault, priority, when } from "./parts.ts";
import { ticketAsk } from "./ticketask.ts";

export function workColumn(desk: Desk): TemplateResult {
  const work = desk.model.work;
  if (!work) return html`<div class="work-group" aria-busy="true"><div class="bone bone-title"></div><div class="bone"></div><div class="bone"></div></div>`;
  return html`
    ${ticketAsk(desk)}${parkedCalls(desk)}
    ${group(t("Callbacks"), "/callbacks", work.all_callbacks, t("No call is promised."), repeat(work.callbacks, (one) => one.id, (one) => callback(desk, one)))}
    ${group(t("My open tickets"), "/tickets?view=mine", work.all_tickets, t("Nothing open. Well done."), repeat(work.tickets, (one) => one.id, (one) => ticket(desk, one)))}
    ${group(t("Callers nobody reached"), "/calls?view=lost", work.all_missed, t("Nobody has hung up while waiting."), repeat(work.missed, (one) => one.call, (one) => missed(desk, one)))}
  `;
}

function group(title: string, address: string, count: number, hint: string, rows: unknown): TemplateResult {
  return html`<section class="work-group">
    <h2 class="side-title"><a href=${address} target="_blank" rel="noopener">${title}</a>${count ? html`<span class="count num">${count}</span>` : nothing}</h2>
    ${count ? html`<ul class="work-rows">${rows}</ul>` : html`<p class="empty-hint">${hint}</p>`}
  </section>`;
}

function callback(desk: Desk, one: WorkCallback): TemplateResult {
  const place = `callback:${one.id}`;
  const name = pick(one.customer) || pick(one.shown);
  return html`<li class="work-row has-call">
    ${callButton(desk, pick(one.shown), pick(one.shown))}
    <a href="/callbacks/${one.id}" target="_blank" rel="noopener">
      <span class="work-line"><strong class="truncate">${name}</strong><span class="row-time">${due(one.due_at, desk.now)}</span></span>
      <span class="work-line visually-quiet"><span class="truncate">${one.why}</span></span>
      ${name === pick(one.shown) && one.mine ? nothing : html`<span class="work-line visually-quiet num"><span>${name === pick(one.shown) ? nothing : pick(one.shown)}</span>${one.mine ? nothing : html`<em>${t("anyone")}</em>`}</span>`}
    </a>
    ${fault(desk, place)}
  </li>`;
}

// Out of a line: done here, and the next one may come.
function ticket(desk: Desk, one: WorkTicket): TemplateResult {
  const place = `ticket:${one.id}`;
  const inLine = one.queue !== null && (one.status === "new" || one.status === "open");
  return html`<li class="work-row ${inLine ? "has-done" : ""}">
    <a href="/tickets/${one.id}" target="_blank" rel="noopener">
      <span class="work-line"><strong class="truncate">${one.subject}</strong>${priority(one.priority)}</span>
      <span class="work-line visually-quiet"><span class="truncate">${pick(one.customer) || label("TicketStatus", one.status)}</span><span class="row-time">${when(one.updated_at, desk.now)}</span></span>
    </a>
    ${inLine ? html`<button type="button" class="btn btn-sm btn-icon" aria-label=${t("Done: %(subject)s", { subject: one.subject })} title=${t("Done: %(subject)s", { subject: one.subject })} ?disabled=${desk.pending(place)} @click=${() => desk.ask(place, { do: "solve_ticket", ticket: one.id })}>${icon("check")}</button>` : nothing}
    ${fault(desk, place)}
  </li>`;
}

function missed(desk: Desk, one: MissedCall): TemplateResult {
  const name = pick(one.customer) || pick(one.shown);
  return html`<li class="work-row">
    <a href="/calls/${one.call}" target="_blank" rel="noopener">
      <span class="work-line"><strong class="truncate num">${name}</strong><span class="row-time">${when(one.at, desk.now)}</span></span>
      ${name === pick(one.shown) ? nothing : html`<span class="work-line visually-quiet num">${pick(one.shown)}</span>`}
    </a>
  </li>`;
}
