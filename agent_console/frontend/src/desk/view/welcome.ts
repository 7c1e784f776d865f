// No conversation is open: is everything ready, and what comes next.
import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { ringMe } from "../ringme.ts";
import { fault } from "./parts.ts";

export function welcome(desk: Desk): TemplateResult {
  const { hello, agent } = desk.model;
  if (!hello) return skeleton();
  const resting = !agent || agent.state === "offline" || agent.state === "paused";
  return html`<div class="desk-empty">
    <h1>${resting ? t("Ready when you are") : t("All set")}</h1>
    <p class="visually-quiet">${resting ? t("Choose Ready above, and the next caller who needs what you can do comes to you.") : t("The next call opens here by itself, with everything known about the caller.")}</p>
    <ul class="checks">${checks(desk)}</ul>
    ${hello.demo ? demoCall(desk) : nothing}
    <p class="visually-quiet desk-hint"><kbd>?</kbd> ${t("shows the keys for everything on this screen")}</p>
  </div>`;
}

function skeleton(): TemplateResult {
  return html`<div class="desk-empty" aria-busy="true"><div class="bone bone-title"></div><div class="bone"></div><div class="bone"></div></div>`;
}

function checks(desk: Desk): TemplateResult[] {
  const { hello, links, agent } = desk.model;
  const webrtc = hello?.phone?.kind === "webrtc";
  const registered = webrtc ? desk.phone.status === "registered" : agent?.reachable === true;
  const line = Object.values(links).includes(true);
  return [
    check(desk.connection.status === "open", t("Connected to Callwright"), t("Connecting to Callwright")),
    check(line, t("The line to the telephone system is up"), t("Waiting for the telephone system")),
    ...(hello?.phone
      ? [check(registered, t("Your phone %(extension)s is connected", { extension: hello.phone.user }), t("Your phone %(extension)s is not connected yet", { extension: hello.phone.user }))]
      : []),
  ];
}

function check(good: boolean, done: string, waiting: string): TemplateResult {
  return html`<li class=${good ? "is-good" : "is-waiting"}>${good ? icon("circle-check") : icon("circle-dashed")}<span>${good ? done : waiting}</span></li>`;
}

// The demo: a visitor who has no phone lets somebody call.
function demoCall(desk: Desk): TemplateResult {
  return html`<div class="ring-me">
    <button type="button" class="btn btn-primary" ?disabled=${desk.pending("ring_me")} @click=${() => ringMe(desk)}>${icon("phone-incoming")}${t("Ring me")}</button>
    <a class="btn" href="/demo" target="_blank" rel="noopener">${t("Choose who calls")}</a>
    ${fault(desk, "ring_me")}
  </div>`;
}
