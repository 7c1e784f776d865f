// The panel's picture: choose, call, watch.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Because, StepTaken, WentOn } from "../lib/protocol.ts";
import { icon } from "../lib/icons.ts";
import { relaxed, wentOn } from "../lib/relaxing.ts";
import { clock, duration, label, pick, t } from "../lib/words.ts";
import type { Caller } from "./callers.ts";
import type { CallTold, Demo, TestCall } from "./demo.ts";

type Piece = TemplateResult | typeof nothing;

export function panel(demo: Demo): TemplateResult {
  return html`
    <header class="demo-head">
      <h1>${t("Let somebody call you")}</h1>
      <p class="visually-quiet">${t("A real call over SIP: it rings through Asterisk, hears the menu, presses its keys, waits, and speaks when somebody answers.")}</p>
      ${howTo(demo)}
    </header>
    <div class="demo-grid">
      <form class="panel demo-choose" @submit=${(event: SubmitEvent) => (event.preventDefault(), void demo.place())}>
        <fieldset>
          <legend>${t("Who is calling")}</legend>
          <div class="demo-callers">${demo.callers.map((caller) => callerCard(demo, caller))}</div>
        </fieldset>
        <div class="demo-rest">
          <fieldset>
            <legend>${t("Number dialled")}</legend>
            <div class="segments">${dids(demo).map(([number, name]) => segment("dnis", number, demo.dnis === number, name, () => demo.set({ dnis: number })))}</div>
          </fieldset>
          ${demo.dnis === "4008000" ? menuChoices(demo) : nothing}
        </div>
        <div class="demo-call">
          <button class="btn btn-success btn-lg" ?disabled=${demo.placing || demo.connection.status !== "open"}>${icon("phone-outgoing")}${demo.placing ? t("Dialling …") : t("Start the call")}</button>
          <span class="visually-quiet">${summary(demo)}</span>
          ${demo.fault ? html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}${demo.fault}</p>` : nothing}
        </div>
      </form>
      <section class="demo-calls" aria-label=${t("Calls placed here")} aria-live="polite">
        ${demo.calls.length ? repeat(demo.calls, (one) => one.call, (one) => story(demo, one)) : nothingYet()}
      </section>
    </div>
  `;
}

function howTo(demo: Demo): Piece {
  if (!demo.hello?.me.extension)
    return html`<p class="demo-how">${icon("info-circle", "icon-sm")}<span>${t("Agents take the calls. Log in as alice in another browser (or a private window), open the desk and choose Ready; the live board shows all of it.")} <a href="/board" target="_blank" rel="noopener">${t("Open the live board")}</a></span></p>`;
  return html`<p class="demo-how">${icon("info-circle", "icon-sm")}<span>${t("Keep your desk open beside this page and choose Ready there. Your browser rings when nobody fits the call better; as alice, choose Repair.")} <a href="/desk" target="_blank" rel="noopener">${t("Open my desk")}</a></span></p>`;
}

// Choosing ----------------------------------------------------------------------------------------------------------

const faces: Record<Caller["kind"], TemplateResult> = {
  person: icon("user"),
  company: icon("building"),
  stranger: icon("user-question"),
  abroad: icon("world"),
  withheld: icon("eye-off"),
};

function callerCard(demo: Demo, caller: Caller): TemplateResult {
  const chosen = demo.caller === caller;
  return html`<label class="demo-caller ${chosen ? "is-chosen" : ""}">
    <input type="radio" name="caller" class="visually-hidden" .checked=${chosen} @change=${() => demo.set({ caller })} />
    <span class="demo-face" data-certainty=${caller.certainty} aria-hidden="true">${faces[caller.kind]}</span>
    <span class="demo-caller-words"><strong class="truncate">${caller.name}</strong><span class="visually-quiet truncate num">${caller.note}</span></span>
    ${chosen ? icon("check", "icon-sm") : nothing}
  </label>`;
}

function dids(demo: Demo): [number: string, name: string][] {
  const found = Object.entries(demo.hello?.vocabulary.dids ?? {}).map(([number, names]): [string, string] => [number, pick(names, number)]);
  return found.length ? found : [["4008000", t("Service hotline")]];
}

function segment(group: string, value: string, chosen: boolean, text: string, choose: () => void): TemplateResult {
  return html`<label class="segment ${chosen ? "is-chosen" : ""}"><input type="radio" class="visually-hidden" name=${group} value=${value} .checked=${chosen} @change=${choose} />${text}</label>`;
}

function menuChoices(demo: Demo): TemplateResult {
  const choices: [string, string][] = [
    ["consultation", label("TicketType", "consultation")],
    ["repair", label("TicketType", "repair")],
    ["complaint", label("TicketType", "complaint")],
    ["operator", t("Operator")],
    ["", t("Presses nothing")],
  ];
  return html`
    <fieldset>
      <legend>${t("Language")}</legend>
      <div class="segments">${(["zh", "en"] as const).map((one) => segment("language", one, demo.language === one, label("Language", one), () => demo.set({ language: one })))}</div>
    </fieldset>
    <fieldset>
      <legend>${t("Choice in the menu")}</legend>
      <div class="segments">${choices.map(([value, text]) => segment("choice", value, demo.choice === value, text, () => demo.set({ choice: value })))}</div>
    </fieldset>
  `;
}

function summary(demo: Demo): string {
  return t("%(who)s dials %(number)s.", { who: demo.caller.name, number: demo.dnis });
}

// Watching ----------------------------------------------------------------------------------------------------------

function nothingYet(): TemplateResult {
  return html`<div class="panel panel-quiet demo-nothing">${icon("phone-ringing")}<p>${t("The call you place appears here, step by step, until it is over.")}</p></div>`;
}

function story(demo: Demo, one: TestCall): TemplateResult {
  const started = one.told[0]?.at ?? one.at.toISOString();
  return html`<article class="panel demo-story ${one.over ? "is-over" : ""}">
    <div class="panel-head">
      <h2 class="panel-title truncate">${one.caller.name}</h2>
      ${one.over ? html`<span class="visually-quiet num">${clock(started)}</span>` : html`<cw-timer class="num visually-quiet" since=${started}></cw-timer>`}
      <span class="spacer"></span>
      ${one.over
        ? html`<a class="btn btn-sm" href="/calls/${one.call}" target="_blank" rel="noopener">${t("Page of this call")}</a>`
        : html`<button type="button" class="btn btn-sm" @click=${() => demo.hangUp(one.call)}>${icon("phone-off", "icon-sm")}${t("Hang up")}</button>`}
    </div>
    <ol class="demo-steps">
      ${one.told.length ? nothing : html`<li class="is-now"><span class="demo-dot"></span><span>${t("Dialling …")}</span></li>`}
      ${one.told.map((told, index) => step(demo, told, index === one.told.length - 1 && !one.over))}
    </ol>
  </article>`;
}

function step(demo: Demo, told: CallTold, latest: boolean): Piece {
  const words = says(demo, told);
  if (!words) return nothing;
  return html`<li class=${latest ? "is-now" : ""}><span class="demo-dot"></span><span class="grow">${words}</span><time class="num visually-quiet" datetime=${told.at}>${clock(told.at)}</time></li>`;
}

function says(demo: Demo, told: CallTold): string {
  const event = told.event as Record<string, unknown>;
  const text = (field: string) => String(event[field] ?? "");
  const words = demo.hello?.vocabulary;
  const agent = pick(words?.agents[text("agent")], text("party"));
  switch (told.topic) {
    case "call.arrived":
      return t("Asterisk takes the call to %(number)s", { number: text("dnis") || demo.dnis });
    case "call.stepped":
      return stepped(text("label"), text("entered"));
    case "call.queued":
      return t("Waits in the queue %(queue)s", { queue: pick(words?.queues[text("queue")], text("queue")) });
    case "call.relaxed":
      return relaxed(event["step"] as StepTaken, words ?? undefined);
    case "call.overflowed":
      return wentOn(event as unknown as WentOn, words ?? undefined);
    case "call.offered":
      return t("%(name)s is chosen: %(why)s", { name: agent, why: because(event["because"] as Because) });
    case "call.ringing":
      return t("The phone of %(name)s rings", { name: agent });
    case "call.missed":
      return t("%(name)s does not take it", { name: agent });
    case "call.consulted":
      return t("%(name)s asks somebody else; music plays", { name: agent });
    case "call.answered":
      return t("%(name)s is asked", { name: agent });
    case "call.returned":
      return t("%(name)s is back", { name: agent });
    case "call.disconnected":
      return t("%(name)s leaves the conversation", { name: agent });
    case "call.transferred":
      return transferred(text("outcome"), { by: pick(words?.agents[text("by_agent")], text("by")), to: pick(words?.agents[text("to_agent")], pick(words?.queues[text("to")], text("to"))) });
    case "call.offer_failed":
      return t("%(name)s does not take it; the caller keeps his place", { name: agent });
    case "call.connected":
      return t("Speaks with %(name)s", { name: agent });
    case "call.held":
      return t("On hold");
    case "call.resumed":
      return t("Back in the conversation");
    case "call.fell_to_safety":
      return t("Looked after by Asterisk's own safety queue");
    case "call.ended":
      return ended(text("outcome"), Number(event["talk_s"] ?? 0));
    default:
      return "";
  }
}

function transferred(outcome: string, who: { by: string; to: string }): string {
  return outcome === "completed" ? t("%(by)s transfers the call to %(to)s", who) : t("%(by)s wanted to transfer to %(to)s, in vain", who);
}

function stepped(choice: string, key: string): string {
  const words = choice === "operator" ? t("Operator") : label("Language", choice) === choice ? label("TicketType", choice) : label("Language", choice);
  return key ? t("Presses %(key)s: %(choice)s", { key, choice: words || "–" }) : t("Hears the menu");
}

function because(reason: Because | undefined): string {
  switch (reason?.rule) {
    case "best_skill":
      return t("knows this best");
    case "familiar":
      return reason.tie === "owner" ? t("looks after this customer") : t("the last to talk with this customer");
    case "least_occupied":
      return t("least to do with calls lately");
    case "round_robin":
      return t("it is their turn");
    case "fixed_order":
      return t("first in the order of this queue");
    case "least_needed":
      return t("needed least by other callers");
    case "ring_all":
      return t("everybody who can help is called at once");
    case "preferred":
      return t("closest to what the call prefers");
    case "longest_idle":
      return t("free the longest");
    default:
      return t("the only one free who can help");
  }
}

function ended(outcome: string, talked: number): string {
  return outcome === "answered" ? t("Over, after %(time)s of conversation", { time: duration(talked) }) : t("Over: %(outcome)s", { outcome: label("CallOutcome", outcome) });
}
