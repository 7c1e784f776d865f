// The bar that is always there: my state, the call, the phone.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Case, OwnState } from "../../lib/protocol.ts";
import { whyLines } from "../../lib/why.ts";
import { label, labels, pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import { number } from "../caller.ts";
import { atDeskPhone, isMuted } from "../control.ts";
import type { Desk } from "../desk.ts";
import { currentCase, isCalling, isLive, isOffer } from "../state.ts";
import { came } from "./handing.ts";
import { certainty, fault, level, pauseReason, pressed } from "./parts.ts";
import { controlActions, dialField, underWay } from "./control.ts";
import { troubles } from "./troubles.ts";

type Piece = TemplateResult | typeof nothing;
const notPauses = new Set(["missed_call", "rejected"]); // the switchboard's own

export function callBar(desk: Desk): TemplateResult {
  const current = currentCase(desk.model);
  return html`
    <section class="callbar ${look(desk, current)}" aria-label=${t("Calls")}>
      ${stateControls(desk, current)}
      <div class="callbar-call" aria-live="polite">${theCall(desk, current)}</div>
      <div class="callbar-actions" role="group" aria-label=${t("Call controls")}>${callActions(desk, current)}</div>
      ${phoneMark(desk)}
    </section>
    ${fault(desk, "state")}${fault(desk, "call")}${fault(desk, "mute")}${underWay(desk)}${noCalls(desk, current)}${troubles(desk)}
  `;
}

function look(desk: Desk, current: Case | null): string {
  if (current && isOffer(current.phase)) return "is-ringing";
  if (current?.phase === "held") return "is-held";
  if (current && (isLive(current.phase) || isCalling(current.phase))) return "is-talking";
  if (current?.phase === "wrap_up") return "is-wrap";
  return desk.phone.call ? "is-ringing" : "";
}

// My state ----------------------------------------------------------------------------------------------------------

function stateControls(desk: Desk, current: Case | null): TemplateResult {
  const agent = desk.model.agent;
  const state = agent?.state ?? "offline";
  const resting = state === "offline" || state === "paused";
  return html`
    <div class="callbar-state">
      ${statePill(agent, current)}
      ${resting
        ? html`<button type="button" class="btn btn-success" ?disabled=${desk.pending("state")} @click=${() => setReady(desk)}>
            ${t("Ready")}
          </button>`
        : html`<button type="button" class="btn" ?disabled=${desk.pending("state")} @click=${() => setPaused(desk, "break")}>
            ${icon("player-pause", "icon-sm")}${t("Pause")}
          </button>`}
      <details class="menu" data-menu="state">
        <summary class="btn btn-icon" aria-label=${t("Choose a reason")} title=${t("Choose a reason")}>${icon("chevron-down", "icon-sm")}</summary>
        <div class="menu-list" role="menu">
          <div class="menu-head">${t("Stop taking calls for")}</div>
          ${labels("Pause")
            .filter(([code]) => !notPauses.has(code))
            .map(
              ([code, word], index) =>
                html`<button type="button" role="menuitem" class="menu-item" @click=${() => setPaused(desk, code)}>
                  <span>${word}</span><kbd>${index + 1}</kbd>
                </button>`,
            )}
          <div class="menu-line"></div>
          ${current
            ? nothing
            : html`<button type="button" role="menuitem" class="menu-item" @click=${() => askWhy(desk)}>
                <span>${t("Why do I get no calls?")}</span>
              </button>`}
          <button type="button" role="menuitem" class="menu-item" @click=${() => desk.ask("state", { do: "sign_off" })}>
            <span>${t("Go offline")}</span>
          </button>
        </div>
      </details>
    </div>
  `;
}

// "Why do I get no calls?", asked in the menu of states.
function noCalls(desk: Desk, current: Case | null): Piece {
  const lines = current ? null : desk.why.lines(mine(desk));
  if (!lines) return nothing;
  return html`<div class="trouble trouble-info">
    ${icon("info-circle")}${whyLines(lines)}
    <button type="button" class="btn btn-sm" @click=${() => desk.why.close()}>${t("Close")}</button>
  </div>`;
}

function askWhy(desk: Desk): void {
  const me = desk.model.hello?.me.id;
  if (me) desk.why.toggle(mine(desk), { do: "why_no_calls", agent: me });
}

// What was said of me offline is not true of me once I am ready.
function mine(desk: Desk): string {
  const { state = "offline", since = "" } = desk.model.agent ?? {};
  return `${state} ${since}`;
}

// While I talk, the pill tells of the call, its hold too.
function statePill(agent: OwnState | null, current: Case | null): TemplateResult {
  const state = agent?.state ?? "offline";
  const call = state === "talking" && current && isLive(current.phase) ? current : null;
  const held = call?.phase === "held";
  const ringing = state === "talking" && current !== null && (isCalling(current.phase) || isOffer(current.phase));
  const words = held || ringing ? phaseWord(current!) : label("AgentState", state);
  const reason = state === "paused" && agent?.reason ? pauseReason(agent.reason) : "";
  const inHand = current !== null && ["reserved", "ringing", "talking", "wrap_up"].includes(state);
  const since = inHand ? null : agent?.since; // the call's own clock stands beside it
  return html`<span class="state state-pill state-${held ? "held" : ringing ? "ringing" : state}" data-state=${state}>
    <span role="status">${words}${reason ? html` · ${reason}` : nothing}</span>
    ${since ? html`<cw-timer class="num" since=${since}></cw-timer>` : nothing}
  </span>`;
}

function talkingSince(one: Case): string {
  return one.phase === "held" ? one.since : (one.connected_at ?? one.since);
}

export function setReady(desk: Desk): void {
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
  void desk.ask("state", { do: "set_ready" });
}

export function setPaused(desk: Desk, reason: string): void {
  void desk.ask("state", { do: "set_paused", reason });
}

// The call ----------------------------------------------------------------------------------------------------------

function theCall(desk: Desk, current: Case | null): TemplateResult {
  if (current) return aboutCase(desk, current);
  const phoneCall = desk.phone.call;
  if (phoneCall) {
    return html`<span class="callbar-who"><strong>${phoneCall.name || phoneCall.number}</strong></span>
      <span class="callbar-facts">${phoneCall.name ? phoneCall.number : phoneCall.call ? nothing : t("A call that did not come through a queue")}</span>`;
  }
  return html`<span class="callbar-idle">${idle(desk)}</span>`;
}

function idle(desk: Desk): string {
  switch (desk.model.agent?.state) {
    case "ready":
      return t("Waiting for the next call");
    case "paused":
      return whyPaused(desk.model.agent.reason);
    default:
      return t("No call");
  }
}

// Who did not choose the pause himself must hear of it.
function whyPaused(reason: string): string {
  switch (reason) {
    case "rejected":
      return t("You passed a call on. You are on pause until you choose Ready.");
    case "missed_call":
      return t("You missed a call. You are on pause until you choose Ready.");
    default:
      return t("No calls while you pause");
  }
}

function aboutCase(desk: Desk, one: Case): TemplateResult {
  const queue = one.queue ? pick(desk.model.hello?.vocabulary.queues[one.queue], one.queue) : "";
  const name = desk.callerOf(one);
  const shown = number(one);
  const how = came(desk, one);
  return html`
    <span class="callbar-main">
    <button type="button" class="callbar-who" @click=${() => desk.openTab(one.call)} aria-label=${t("Show the conversation with %(name)s", { name })}>
      <strong class="truncate">${name}</strong>
    </button>
    ${clockOf(one)}
    </span>
    ${one.pop && one.pop.certainty !== "anonymous" ? html`${certainty(one.pop.certainty)}${one.pop.certainty === "known" ? level(one.pop.customer?.level ?? "") : nothing}` : nothing}
    <span class="callbar-facts">
      ${shown && shown !== name ? html`<span class="num nowrap">${shown}</span>` : nothing}
      ${queue ? html`<span class="nowrap">${queue}</span>` : nothing}
      ${how ? html`<span class="nowrap callbar-came">${how}</span>` : nothing}
    </span>
  `;
}

function clockOf(one: Case): TemplateResult {
  const [state, since] = isOffer(one.phase)
    ? ["ringing", one.offered_at ?? one.since]
    : isCalling(one.phase)
      ? ["ringing", one.arrived_at ?? one.since]
      : one.phase === "wrap_up"
      ? ["wrap_up", one.since]
      : [one.phase === "held" ? "held" : "talking", talkingSince(one)];
  return html`<span class="state state-${state} callbar-clock">
    <span class="visually-hidden">${phaseWord(one)}</span><cw-timer class="num" since=${since}></cw-timer>
  </span>`;
}

export function phaseWord(one: Case): string {
  switch (one.phase) {
    case "offered":
    case "ringing":
      return t("Ringing");
    case "dialling":
      return t("Dialling …");
    case "far_ringing":
      return t("Ringing over there");
    case "talking":
      return t("Talking");
    case "held":
      return one.advice ? t("Asking somebody") : t("On hold");
    case "wrap_up":
      return t("Wrap-up");
    case "missed":
      return t("Missed");
    case "done":
      return t("Done");
  }
}

// What can be done with it ------------------------------------------------------------------------------------------

function callActions(desk: Desk, current: Case | null): Piece {
  const phoneCall = desk.phone.call;
  const offered = current && isOffer(current.phase);
  if (offered || phoneCall?.state === "ringing" || phoneCall?.state === "answering") return offerActions(desk);
  if (phoneCall) return talkActions(desk);
  if (current && isLive(current.phase)) return html`${atDeskPhone(desk) ? voiceActions(desk) : nothing}${controlActions(desk)}${hangUp(desk)}`;
  return current && isCalling(current.phase) ? hangUp(desk) : dialField(desk);
}

function offerActions(desk: Desk): TemplateResult {
  const state = desk.phone.call?.state;
  const deskPhone = desk.model.hello?.phone?.kind === "sip";
  return html`
    ${deskPhone
      ? html`<span class="visually-quiet">${t("Pick up your desk phone")}</span>`
      : html`<button type="button" class="btn btn-success btn-call" ?disabled=${state !== "ringing"} @click=${() => desk.answer()} title="F2">
          ${icon("phone")}${t("Answer")}<kbd aria-hidden="true">F2</kbd>
        </button>`}
    <button type="button" class="btn btn-call" ?disabled=${desk.pending("call")} @click=${() => desk.reject()}>${icon("phone-off")}${t("Reject")}</button>
  `;
}

function talkActions(desk: Desk): TemplateResult {
  const call = desk.phone.call;
  const held = call?.state === "held";
  return html`
    <button type="button" class="btn btn-call ${held ? "btn-on-hold" : ""}" @click=${() => desk.phoneOrder({ do: held ? "resume" : "hold" })}>
      ${held ? icon("player-play") : icon("player-pause")}${held ? t("Resume") : t("Hold")}
    </button>
    ${voiceActions(desk)}
    ${controlActions(desk)}
    ${hangUp(desk)}
  `;
}

// Mute and keypad, at whichever phone he talks.
function voiceActions(desk: Desk): TemplateResult {
  const muted = isMuted(desk);
  return html`
    <button type="button" class="btn btn-call ${muted ? "btn-muted" : ""}" aria-pressed=${pressed(muted)} ?disabled=${desk.pending("mute")} @click=${() => toggleMute(desk)}>
      ${muted ? icon("microphone-off") : icon("microphone")}${t("Mute")}
    </button>
    <span class="keypad-place">
      <button type="button" class="btn btn-call btn-only" aria-label=${t("Keypad")} title=${t("Keypad")} aria-expanded=${pressed(desk.keypad)} aria-controls="keypad" @click=${() => toggleKeypad(desk)}>
        ${icon("grid-dots")}<span class="btn-word" aria-hidden="true">${t("Keypad")}</span>
      </button>
      ${desk.keypad ? keypad(desk) : nothing}
    </span>`;
}

function hangUp(desk: Desk): TemplateResult {
  return html`<button type="button" class="btn btn-danger btn-call" ?disabled=${desk.pending("call")} @click=${() => desk.hangUp()}>
    ${icon("phone-off")}${t("Hang up")}
  </button>`;
}

export function toggleMute(desk: Desk): void {
  const current = atDeskPhone(desk);
  if (current) void desk.ask("mute", { do: "mute_call", call: current.call, muted: !isMuted(desk) });
  else desk.phoneOrder({ do: isMuted(desk) ? "unmute" : "mute" });
}

export function toggleKeypad(desk: Desk): void {
  desk.keypad = !desk.keypad;
  desk.paint();
}

const keys: [digit: string, letters: string][] = [
  ["1", ""], ["2", "ABC"], ["3", "DEF"], ["4", "GHI"], ["5", "JKL"], ["6", "MNO"],
  ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"], ["*", ""], ["0", "+"], ["#", ""],
];

function keypad(desk: Desk): TemplateResult {
  return html`
    <div id="keypad" class="keypad" role="group" aria-label=${t("Digits for the caller's side")}>
      <output class="keypad-shown num" aria-live="polite">${desk.digits || html`<span class="visually-quiet">${t("Press or type digits")}</span>`}</output>
      <div class="keypad-keys">
        ${keys.map(
          ([digit, letters]) =>
            html`<button type="button" class="keypad-key" aria-label=${digit} @click=${() => desk.digit(digit)}>
              <span>${digit}</span><small aria-hidden="true">${letters}</small>
            </button>`,
        )}
      </div>
    </div>
  `;
}

// The phone ---------------------------------------------------------------------------------------------------------

function phoneMark(desk: Desk): Piece {
  const phone = desk.model.hello?.phone;
  if (!phone) return nothing;
  const good = phone.kind === "sip" ? desk.model.agent?.reachable === true : desk.phone.status === "registered";
  const words = good ? t("Phone connected") : t("Phone not connected");
  const away = phone.kind === "webrtc" && good && desk.line?.here === false;
  return html`<span class="phone-mark ${good ? "is-good" : "is-bad"}" data-phone=${phone.kind === "sip" ? phone.kind : desk.phone.status} title="${words} · ${phone.user}">
    ${good ? icon("headset") : icon("headset-off")}<span class="num">${phone.user}</span><span class="visually-hidden">${words}</span>
    ${away ? html`<span class="tag phone-away" title=${t("Your phone runs in another tab of this browser: it rings and is heard there. Everything can be done here too.")}>${t("in another tab")}</span>` : nothing}
  </span>`;
}
