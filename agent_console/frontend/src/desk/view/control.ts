// What can be done with a call beside holding and muting it, and what is under way in it.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Case, Consulting, ParkedCall } from "../../lib/protocol.ts";
import { pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import { controlOf, handOn, inCall, inConversation, placeCall, toggleRecording } from "../control.ts";
import type { Desk } from "../desk.ts";
import { fault, pressed } from "./parts.ts";
import { handOnDialog } from "./handon.ts";

type Piece = TemplateResult | typeof nothing;

// In the call bar, while the customer is at the ear.
export function controlActions(desk: Desk): Piece {
  const current = inConversation(desk);
  if (!current) return nothing;
  const state = controlOf(desk, current.call);
  if (state?.consult) return nothing;
  const open = desk.handing.call !== "";
  return html`
    <span class="hand-on-place">
      <button type="button" id="hand-on-transfer" class="btn btn-call" aria-expanded=${pressed(open && desk.handing.how === "transfer")} ?disabled=${state?.conference === true} @click=${() => handOn(desk, "transfer")}>
        ${icon("phone-outgoing")}${t("Transfer")}
      </button>
      <button type="button" id="hand-on-consult" class="btn btn-call" aria-expanded=${pressed(open && desk.handing.how === "consult")} ?disabled=${state?.conference === true} @click=${() => handOn(desk, "consult")}>
        ${icon("messages")}${t("Consult")}
      </button>
      ${handOnDialog(desk)}
    </span>
    ${iconButton(icon("parking"), t("Park"), () => inCall(desk, "park", current.call), desk.pending("control"))}
    ${state?.recording_paused_until ? nothing : iconButton(icon("player-record filled", "is-recording"), t("Pause recording"), () => toggleRecording(desk), desk.pending("control"))}
  `;
}

function iconButton(mark: TemplateResult, words: string, run: () => void, off: boolean): TemplateResult {
  return html`<button type="button" class="btn btn-call btn-only" aria-label=${words} title=${words} ?disabled=${off} @click=${run}>${mark}<span class="btn-word" aria-hidden="true">${words}</span></button>`;
}

// Under the call bar: whom I ask while the customer waits, three in the call, a recording that is paused.
export function underWay(desk: Desk): Piece {
  const current = inConversation(desk);
  const state = current && controlOf(desk, current.call);
  return html`
    ${fault(desk, "control")}${fault(desk, "dial")}
    ${current && state?.consult ? consultation(desk, current, state.consult) : nothing}
    ${current && state?.conference ? html`<div class="under-way" role="status">${icon("users-group")}<span>${t("Three in the call. Whoever hangs up leaves; the others go on talking.")}</span></div>` : nothing}
    ${current && state?.recording_paused_until ? paused(desk, current.call, state.recording_paused_until) : nothing}
  `;
}

function consultation(desk: Desk, current: Case, consult: Consulting): TemplateResult {
  const off = desk.pending("control");
  const colleague = consult.kind === "agent" || consult.kind === "queue";
  const waits = consult.answered ? nothing : colleague ? t("Once your colleague has picked up") : t("Once the other side has picked up");
  const act = (what: "complete_transfer" | "conference" | "cancel_transfer", words: string, kind = "", later = false) =>
    html`<button type="button" class="btn btn-call ${kind}" ?disabled=${off || (later && !consult.answered)} title=${later ? waits : nothing} @click=${() => inCall(desk, what, current.call)}>${words}</button>`;
  return html`<div class="under-way under-way-consult" role="group" aria-label=${t("Consultation")}>
    <span class="under-way-party">${icon("music")}<span><strong>${desk.callerOf(current)}</strong> <span class="visually-quiet nowrap">${t("hears music")}</span></span></span>
    <span class="under-way-party" role="status">${icon("messages")}<span><strong>${consulted(desk, consult)}</strong>
      <span class="state ${consult.answered ? "state-talking" : "state-ringing"}">${consult.answered ? t("talks with you") : t("is being asked")}</span>
      <cw-timer class="num" since=${consult.since}></cw-timer></span></span>
    <span class="under-way-acts">
      ${act("complete_transfer", t("Complete transfer"), consult.answered ? "btn-primary" : "", true)}${act("conference", t("Conference"), "", true)}${act("cancel_transfer", t("Cancel transfer"))}
    </span>
  </div>`;
}

function consulted(desk: Desk, consult: Consulting): string {
  const words = desk.model.hello?.vocabulary;
  switch (consult.kind) {
    case "agent":
      return pick(words?.agents[consult.value], consult.value);
    case "queue":
      return pick(words?.queues[consult.value], consult.value);
    case "number":
      return pick(consult.shown, consult.value);
    case "":
      return t("Somebody");
  }
}

function paused(desk: Desk, call: string, until: string): TemplateResult {
  return html`<div class="under-way under-way-paused" role="status">
    ${icon("player-pause")}<span><strong>${t("Recording paused")}</strong> <span class="visually-quiet">${t("resumes by itself")}</span> <cw-timer class="num" until=${until}></cw-timer></span>
    <span class="under-way-acts"><button type="button" class="btn btn-call" ?disabled=${desk.pending("control")} @click=${() => inCall(desk, "resume_recording", call)}>${icon("player-record")}${t("Resume recording")}</button></span>
  </div>`;
}

// Calls to a number ---------------------------------------------------------------------------------------------------

// In the call bar, while nothing is in hand.
export function dialField(desk: Desk): Piece {
  if (!desk.model.hello?.phone) return nothing;
  return html`<form class="dial" @submit=${(event: SubmitEvent) => void dial(event, desk)}>
    <label class="visually-hidden" for="dial">${t("Call a number")}</label>
    <input id="dial" class="form-control num" type="tel" autocomplete="off" maxlength="40" placeholder=${t("Call a number")} aria-invalid=${desk.fault("dial") ? "true" : nothing} @input=${() => desk.clearFault("dial")} />
    <button type="submit" class="btn btn-icon" aria-label=${t("Call this number")} title=${t("Call this number")} ?disabled=${desk.pending("dial")}>${icon("phone-outgoing")}</button>
  </form>`;
}

async function dial(event: SubmitEvent, desk: Desk): Promise<void> {
  event.preventDefault();
  const field = (event.target as HTMLFormElement).querySelector("input")!;
  if (await placeCall(desk, "dial", field.value)) field.value = "";
  else field.focus();
}

// Beside a number that is shown somewhere.
export function callButton(desk: Desk, number: string, shown: string, customer = ""): Piece {
  if (!desk.model.hello?.phone || !number) return nothing;
  const words = t("Call %(number)s", { number: shown });
  const busy = desk.phone.call !== null || inConversation(desk) !== null || desk.pending("dial");
  return html`<button type="button" class="btn btn-icon btn-ghost btn-call-number" aria-label=${words} title=${words} ?disabled=${busy} @click=${() => void placeCall(desk, "dial", number, customer)}>${icon("phone-outgoing", "icon-sm")}</button>`;
}

// Parked customers: whoever has a hand free fetches them -----------------------------------------------------------

export function parkedCalls(desk: Desk): Piece {
  const parked = desk.model.control.parked;
  if (!parked.length) return nothing;
  return html`<section class="work-group" aria-labelledby="parked-title">
    <h2 class="side-title" id="parked-title">${t("Parked")}<span class="count num">${parked.length}</span></h2>
    <ul class="work-rows">${parked.map((one) => parkedRow(desk, one))}</ul>
  </section>`;
}

function parkedRow(desk: Desk, one: ParkedCall): TemplateResult {
  const name = pick(one.customer) || pick(one.shown) || t("Number withheld");
  const by = one.by ? pick(desk.model.hello?.vocabulary.agents[one.by], one.by) : "";
  return html`<li class="work-row parked-row">
    <span class="work-line"><strong class="truncate">${name}</strong><cw-timer class="num row-time" since=${one.since}></cw-timer></span>
    <span class="work-line visually-quiet"><span class="truncate">${[one.lot, by ? t("parked by %(name)s", { name: by }) : ""].filter(Boolean).join(" · ")}</span>
      <button type="button" class="btn btn-sm" aria-label=${t("Retrieve %(name)s", { name })} ?disabled=${desk.pending(`retrieve:${one.call}`)} @click=${() => inCall(desk, "retrieve", one.call)}>${t("Retrieve")}</button></span>
    ${fault(desk, `retrieve:${one.call}`)}
  </li>`;
}
