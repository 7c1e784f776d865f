// One case: who it is, what is being done about it, and what was before.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Case, PopCall, PopCallback, PopOrder, PopTicket } from "../../lib/protocol.ts";
import { day, duration, label, pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { due, priority, when } from "./parts.ts";
import { setReady } from "./callbar.ts";
import { caseCard } from "./casecard.ts";
import { handing } from "./handing.ts";
import { who } from "./who.ts";

type Piece = TemplateResult | typeof nothing;

export function conversation(desk: Desk, one: Case): TemplateResult {
  return html`
    ${who(desk, one)}
    ${handing(desk, one)}
    ${one.phase === "missed" ? missed(desk, one) : one.direction === "internal" ? betweenUs(one) : caseCard(desk, one)}
    ${openMatters(desk, one)}
    ${history(desk, one)}
  `;
}

function missed(desk: Desk, one: Case): TemplateResult {
  if (one.taken_by) return takenBy(desk, one.taken_by);
  const agent = desk.model.agent;
  const paused = agent?.state === "paused" && (agent.reason === "missed_call" || agent.reason === "rejected");
  return html`<div class="panel panel-quiet finished">
    ${icon("phone-x")}<p>${one.offer ? why(one.why_missed) : whyBesideTheQueue(one.why_missed)} ${paused ? html`<strong>${t("You are on pause until you choose Ready.")}</strong>` : nothing}</p>
    ${paused ? html`<button type="button" class="btn btn-sm" ?disabled=${desk.pending("state")} @click=${() => setReady(desk)}>${t("Ready")}</button>` : nothing}
  </div>`;
}

// All phones rang, and a colleague was quicker: nothing was missed.
function takenBy(desk: Desk, colleague: string): TemplateResult {
  const name = pick(desk.model.hello?.vocabulary.agents[colleague], colleague);
  return html`<div class="panel panel-quiet finished" data-taken-by=${colleague}>${icon("circle-check")}<p>${t("Answered by %(name)s.", { name })}</p></div>`;
}

// A talk between colleagues leaves no paperwork.
function betweenUs(one: Case): Piece {
  return one.phase === "done" ? html`<div class="panel panel-quiet"><p>${icon("circle-check")} ${t("The call is over.")}</p></div>` : nothing;
}

function whyBesideTheQueue(code: string): string {
  switch (code) {
    case "no_answer":
      return t("You did not answer in time.");
    case "rejected":
    case "busy":
      return t("You did not take this call.");
    case "elsewhere":
      return t("Somebody took this call at another phone.");
    case "caller_gone":
      return t("It stopped ringing before you could answer.");
    default:
      return t("This call did not reach you.");
  }
}

function why(code: string): string {
  switch (code) {
    case "no_answer":
      return t("You did not answer in time. The caller has his old place in the queue back.");
    case "rejected":
      return t("You passed this call on. The caller has his old place in the queue back.");
    case "caller_gone":
      return t("The caller hung up before you could answer.");
    case "unreachable":
      return t("Your phone could not be reached. The caller has his old place in the queue back.");
    case "phone_gone":
      return t("Your phone was disconnected while it rang. The caller has his old place in the queue back.");
    default:
      return t("This call did not reach you. The caller has his old place in the queue back.");
  }
}

function openMatters(desk: Desk, one: Case): Piece {
  const pop = one.pop;
  if (!pop || (!pop.tickets.length && !pop.callbacks.length && !pop.orders.length)) return nothing;
  return html`<section class="panel">
    <h2 class="panel-title">${t("Open with this customer")}</h2>
    <ul class="rows">
      ${pop.callbacks.map((callback) => callbackRow(desk, one, callback))}
      ${pop.tickets.map((ticket) => ticketRow(desk, ticket))}
      ${pop.orders.map(orderRow)}
    </ul>
  </section>`;
}

function ticketRow(desk: Desk, ticket: PopTicket): TemplateResult {
  return html`<li class="row-item">
    ${icon("ticket", "icon-sm")}
    <a class="row-main" href="/tickets/${ticket.id}" target="_blank" rel="noopener">
      <span class="truncate">${ticket.subject}</span>
    </a>
    ${priority(ticket.priority)}
    <span class="row-note">${label("TicketStatus", ticket.status)}</span>
    <span class="row-note num">${ticket.number}</span>
    <span class="row-time">${when(ticket.updated_at, desk.now)}</span>
  </li>`;
}

function orderRow(order: PopOrder): TemplateResult {
  return html`<li class="row-item">
    ${order.kind === "repair" ? icon("tool", "icon-sm") : icon("package", "icon-sm")}
    <a class="row-main" href="/orders/${order.number}" target="_blank" rel="noopener"><span class="truncate">${order.summary}</span></a>
    <span class="row-note">${label("OrderState", order.state)}</span>
    <span class="row-note num">${order.number}</span>
    ${order.expected_on ? html`<span class="row-time" title=${t("Expected on")}>${day(order.expected_on)}</span>` : nothing}
  </li>`;
}

function callbackRow(desk: Desk, one: Case, callback: PopCallback): TemplateResult {
  const place = `callback:${callback.id}`;
  return html`<li class="row-item">
    ${icon("phone-calling", "icon-sm")}
    <a class="row-main" href="/callbacks/${callback.id}" target="_blank" rel="noopener"><span class="truncate">${callback.why}</span></a>
    <button type="button" class="btn btn-sm" ?disabled=${desk.pending(place)}
      @click=${() => desk.ask(place, { do: "complete_callback", callback: callback.id, call: one.call })}>${t("Settled now")}</button>
    <span class="row-time">${due(callback.due_at, desk.now)}</span>
  </li>`;
}

function history(desk: Desk, one: Case): Piece {
  const pop = one.pop;
  if (!pop?.customer) return nothing;
  return html`<section class="panel">
    <h2 class="panel-title">${t("Last calls")}</h2>
    ${pop.calls.length
      ? html`<ul class="rows">${pop.calls.map((call) => callRow(desk, call))}</ul>`
      : html`<p class="empty-hint">${t("The first call we know of.")}</p>`}
  </section>`;
}

function callRow(desk: Desk, call: PopCall): TemplateResult {
  const answered = call.outcome === "answered";
  const what = [intent(desk, call.intent), disposition(desk, call.disposition)].filter(Boolean).join(" · ");
  return html`<li class="row-item">
    ${answered ? (call.direction === "outbound" ? icon("phone-outgoing", "icon-sm") : icon("phone-incoming", "icon-sm")) : icon("phone-x", "icon-sm")}
    <a class="row-main" href="/calls/${call.call}" target="_blank" rel="noopener">
      <span class="truncate">${what || label("CallOutcome", call.outcome)}</span>
      ${call.note ? html`<span class="row-second truncate">${call.note}</span>` : nothing}
    </a>
    <span class="row-note num">${answered ? duration(call.talk_s) : what ? label("CallOutcome", call.outcome) : nothing}</span>
    <span class="row-time">${when(call.at, desk.now)}</span>
  </li>`;
}

export function intent(desk: Desk, key: string): string {
  if (!key) return "";
  return label("TicketType", key) !== key ? label("TicketType", key) : pick(desk.model.hello?.vocabulary.queues[key], menuWord(key));
}

export function menuWord(key: string): string {
  switch (key) {
    case "zh":
      return t("Chinese");
    case "en":
      return t("English");
    case "operator":
      return t("Operator");
    case "entered":
      return t("Entry");
    case "ticket_status":
      return t("Progress of a ticket");
    case "order_progress":
      return t("Progress of an order or repair");
    case "callback":
      return t("Callback wanted");
    case "this_number":
      return t("At this number");
    case "other_number":
      return t("At another number");
    case "caller_found":
      return t("caller recognised");
    case "caller_several":
      return t("several customers share the number");
    case "caller_unknown":
      return t("caller not recognised");
    case "ticket_told":
      return t("told how the ticket stands");
    case "ticket_unknown":
      return t("ticket not found, or another customer's");
    case "order_told":
      return t("told how far the order is");
    case "order_unknown":
      return t("order not found, or another customer's");
    case "pin_found":
      return t("caller proved who he is");
    case "pin_wrong":
      return t("wrong account number or PIN");
    case "pin_locked":
      return t("too many wrong PINs");
    case "ticket_opened":
      return t("ticket opened");
    case "callback_promised":
      return t("callback promised");
    case "callback_unusable":
      return t("number cannot be called back");
    case "elsewhere_answered":
      return t("answer fetched from elsewhere");
    case "elsewhere_refused":
      return t("the other system refused");
    case "transfer_agent":
      return t("led to a colleague's phone");
    case "transfer_queue":
      return t("led to another queue");
    case "transfer_number":
      return t("led to a number outside");
    case "transfer_unusable":
      return t("nobody to be led to at that number");
    case "transfer_failed":
      return t("nobody took the call");
    case "message_kept":
      return t("message left, ticket opened");
    case "message_empty":
      return t("no message left");
    case "voicemail":
      return t("Voice message");
    case "survey_rated":
      return t("rating kept");
    case "survey_commented":
      return t("spoken comment kept");
    case "after_call":
      return t("After the conversation");
    case "survey_declined":
      return t("no rating given");
    case "survey":
      return t("Survey");
    case "score":
      return t("Rating");
    case "not_answered":
      return t("no answer from our system");
    default:
      return label("TicketType", key);
  }
}

export function disposition(desk: Desk, code: string): string {
  const found = desk.model.hello?.dispositions.find((choice) => choice.code === code);
  return found ? pick(found.path.at(-1), code) : code;
}
