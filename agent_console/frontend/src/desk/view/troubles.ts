// What stands in the way of taking calls, each in a sentence with what to do.
import { html, nothing, type TemplateResult } from "lit-html";
import { clock, listed, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import type { PhoneStatus } from "../softphone.ts";

type Piece = TemplateResult | typeof nothing;

interface Trouble {
  text: string;
  kind: "info" | "warn" | "danger";
  action?: { text: string; run: () => void };
}

export function troubles(desk: Desk): Piece {
  const found = [connection(desk), telephony(desk), phone(desk), ...notEverywhere(desk)].filter((one) => one !== null);
  if (!found.length) return nothing;
  return html`<div class="troubles">
    ${found.map(
      (one) => html`<div class="trouble trouble-${one.kind}" role=${one.kind === "info" ? "status" : "alert"}>
        ${one.kind === "info" ? icon("info-circle") : icon("alert-triangle")}<span>${one.text}</span>
        ${one.action ? html`<button type="button" class="btn btn-sm" @click=${one.action.run}>${one.action.text}</button>` : nothing}
      </div>`,
    )}
  </div>`;
}

function connection(desk: Desk): Trouble | null {
  switch (desk.connection.status) {
    case "lost":
      return {
        kind: "danger",
        text: t("The connection to the server is lost since %(time)s. It is being restored; a call you are in goes on, and what you type is kept.", {
          time: clock(desk.connection.since),
        }),
      };
    case "logged_out":
      return {
        kind: "danger",
        text: t("You are logged out. What you typed is kept in this browser."),
        action: { text: t("Log in"), run: () => location.assign("/login?next=/desk") },
      };
    default:
      return null;
  }
}

function telephony(desk: Desk): Trouble | null {
  if (desk.connection.status !== "open") return null;
  if (desk.model.hello && !desk.model.hello.me.extension)
    return { kind: "info", text: t("You have no extension, so no calls can be given to you. An administrator can set one.") };
  const links = Object.values(desk.model.links);
  if (links.length > 0 && !links.includes(true))
    return { kind: "danger", text: t("The line to the telephone system is down. Callers are looked after by its safety queue until it is back.") };
  return null;
}

function phone(desk: Desk): Trouble | null {
  if (desk.model.hello?.phone?.kind !== "webrtc" || desk.connection.status === "logged_out") return null;
  if (desk.soundLost)
    return { kind: "danger", text: t("The sound of this call is lost. Hang up, and call the customer back: the number is on this screen.") };
  const inCall = desk.phone.call?.trouble;
  return forStatus(desk, inCall ? inCall : desk.phone.status);
}

// One of several Asterisks does not reach the phone: he goes on working, and there is nothing for him to do.
function notEverywhere(desk: Desk): Trouble[] {
  if (desk.model.hello?.phone?.kind !== "webrtc" || desk.connection.status === "logged_out") return [];
  const { lost, refused } = desk.phone.away;
  const found: Trouble[] = [];
  if (lost.length)
    found.push({
      kind: "info",
      text: t("Your phone has no connection to the telephone system %(systems)s right now; it is being restored. All other calls reach you as usual.", { systems: listed(lost) }),
    });
  if (refused.length)
    found.push({
      kind: "info",
      text: t("The telephone system %(systems)s does not accept your phone; an administrator can check your extension there. All other calls reach you as usual.", { systems: listed(refused) }),
    });
  return found;
}

function forStatus(desk: Desk, status: PhoneStatus | "hold_refused"): Trouble | null {
  switch (status) {
    case "hold_refused":
      return { kind: "warn", text: t("Your phone could not do that just now; the call goes on as it is. Please try again in a moment.") };
    case "asking":
      return { kind: "info", text: t("Please allow the microphone, so that calls can reach you.") };
    case "no_microphone":
      return { kind: "danger", text: t("No microphone was found. Plug in your headset; calls reach you as soon as it is there.") };
    case "denied":
      return { kind: "danger", text: t("This page may not use the microphone, so no call can reach you. Allow it at the left of the address bar.") };
    case "microphone_busy":
      return { kind: "danger", text: t("The microphone cannot be opened; another program may be using it. Close that program and reload this page.") };
    case "unsupported":
      return { kind: "danger", text: t("This browser cannot make calls. Use a current Chrome, Edge, Firefox or Safari.") };
    case "insecure":
      return { kind: "danger", text: t("Calls in the browser need a secure connection. Open this page with https.") };
    case "refused":
      return { kind: "danger", text: t("The telephone system does not accept your phone. An administrator can check your extension; it is tried again meanwhile.") };
    case "lost":
      return { kind: "warn", text: t("Your phone has lost its connection. It is being restored; calls wait until then.") };
    case "elsewhere":
      return {
        kind: "info",
        text: t("Your phone is in use in another browser or on another device. Here you see everything; it rings there."),
        action: { text: t("Use it here"), run: () => desk.line?.takeOver() },
      };
    default:
      return null;
  }
}
