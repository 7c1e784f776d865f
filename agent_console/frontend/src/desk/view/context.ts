// Around the call: how the caller came here, why it is mine, and what is known of him beside.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Because, Case, CaseCallback, ScreenPop } from "../../lib/protocol.ts";
import { clock, duration, label, pick, t } from "../../lib/words.ts";
import { relaxed } from "../../lib/relaxing.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { number } from "../caller.ts";
import { callButton } from "./control.ts";
import { menuWord } from "./conversation.ts";
import { came } from "./handing.ts";

type Piece = TemplateResult | typeof nothing;

export function context(desk: Desk, one: Case): TemplateResult {
  return html`
    <section class="side">
      <h2 class="side-title">${t("How the call came here")}</h2>
      <ol class="way">${way(desk, one)}</ol>
    </section>
    ${one.callback ? askedToBeCalled(one.callback) : nothing}
    ${one.because && one.offer ? mine(desk, one.because) : nothing}
    ${one.pop ? people(desk, one.pop) : nothing}
    ${one.pop?.customer ? facts(one.pop) : nothing}
  `;
}

function way(desk: Desk, one: Case): TemplateResult[] {
  const words = desk.model.hello?.vocabulary;
  const did = pick(words?.dids[one.dnis]);
  const steps: TemplateResult[] = [];
  if (one.callback) steps.push(step("phone-outgoing", html`${t("We call %(number)s back", { number: number(one) })}`, one.arrived_at ? clock(one.arrived_at) : ""));
  else if (one.direction === "outbound") steps.push(step("phone-outgoing", html`${t("You called %(number)s", { number: number(one) })}`, one.arrived_at ? clock(one.arrived_at) : ""));
  else if (one.direction === "internal") steps.push(step("users", html`${t("Between colleagues")}`, one.arrived_at ? clock(one.arrived_at) : ""));
  else if (one.dnis) steps.push(step("phone-incoming", html`<span class="num">${one.dnis}</span>${did ? html` ${did}` : nothing}`, one.arrived_at ? clock(one.arrived_at) : ""));
  for (const { label: key, entered, node } of one.path)
    steps.push(step("number", html`${key ? menuWord(key) : node}`, entered ? pressed(entered) : ""));
  if (one.queue) steps.push(step("users-group", html`${t("Queue %(name)s", { name: pick(words?.queues[one.queue], one.queue) })}`, waited(one)));
  const how = came(desk, one);
  if (how) steps.push(step("arrow-forward-up", html`${how}`, ""));
  if (one.unreached) steps.push(step("phone-x", html`${unreached(one.unreached)}`, one.ended_at ? clock(one.ended_at) : ""));
  if (one.by_safety_queue) steps.push(step("lifebuoy", html`${t("By the safety queue of the telephone system")}`, ""));
  return steps;
}

function unreached(code: string): string {
  switch (code) {
    case "no_answer":
      return t("Nobody answered.");
    case "busy":
      return t("The line was busy.");
    case "rejected":
      return t("The call was turned down.");
    case "no_such_number":
      return t("There is no such number.");
    default:
      return t("The call failed.");
  }
}

function pressed(entered: string): string {
  return entered.length > 1 ? t("typed %(digits)s", { digits: entered }) : t("pressed %(digit)s", { digit: entered });
}

function waited(one: Case): string {
  const seconds = one.because?.waited_s ?? 0;
  return seconds >= 1 ? t("waited %(time)s", { time: duration(seconds) }) : "";
}

const stepIcons: Record<string, TemplateResult> = {
  "phone-incoming": icon("phone-incoming", "icon-sm"),
  "phone-outgoing": icon("phone-outgoing", "icon-sm"),
  "arrow-forward-up": icon("arrow-forward-up", "icon-sm"),
  users: icon("users", "icon-sm"),
  number: icon("dialpad", "icon-sm"),
  "users-group": icon("users-group", "icon-sm"),
  lifebuoy: icon("lifebuoy", "icon-sm"),
  "phone-x": icon("phone-x", "icon-sm"),
};

function step(mark: string, text: TemplateResult, second: string): TemplateResult {
  return html`<li>${stepIcons[mark]}<span class="way-text">${text}</span>${second ? html`<span class="way-note num">${second}</span>` : nothing}</li>`;
}

// He did not want to wait on the phone, and was promised this call.
function askedToBeCalled(asked: CaseCallback): TemplateResult {
  return html`<section class="side" data-callback>
    <h2 class="side-title">${t("Asked to be called back")}</h2>
    <p class="because">${t("Asked for it at %(time)s, waiting since then:", { time: clock(asked.promised_at) })} <cw-timer class="num" since=${asked.promised_at}></cw-timer></p>
    ${asked.tries ? html`<p class="because visually-quiet">${t("Called in vain so far: %(tries)s", { tries: asked.tries })}</p>` : nothing}
  </section>`;
}

// The engine's reason, in a sentence a person would say.

function mine(desk: Desk, because: Because): TemplateResult {
  return html`<section class="side">
    <h2 class="side-title">${t("Why you")}</h2>
    <p class="because">${rule(because)}</p>
    ${because.skills.length
      ? html`<ul class="side-skills">${because.skills.map((one) => html`<li><span>${pick(desk.model.hello?.vocabulary.skills[one.skill], one.skill)}</span>${dots(one.has, one.asked)}</li>`)}</ul>`
      : nothing}
    ${because.steps.map((step) => html`<p class="because visually-quiet">${relaxed(step, desk.model.hello?.vocabulary)}</p>`)}
  </section>`;
}

export function rule(because: Because): string {
  switch (because.rule) {
    case "best_skill":
      return t("Of %(count)s free colleagues, you know this subject best.", { count: because.candidates });
    case "familiar":
      return because.tie === "owner" ? t("You look after this customer.") : t("You were the last to talk with this customer.");
    case "least_occupied":
      return t("Of %(count)s free colleagues who can do this, you have had least to do with calls lately.", { count: because.candidates });
    case "round_robin":
      return t("Of %(count)s free colleagues who can do this, it is your turn.", { count: because.candidates });
    case "fixed_order":
      return t("Of %(count)s free colleagues who can do this, you come first in the order of this queue.", { count: because.candidates });
    case "least_needed":
      return t("Of %(count)s free colleagues who can do this, you are needed least by other callers.", { count: because.candidates });
    case "ring_all":
      return t("All %(count)s of you who are free and can do this are being called; the first to answer has the call.", { count: because.candidates });
    case "preferred":
      return t("Of %(count)s free colleagues, you come closest to what the call prefers.", { count: because.candidates });
    case "longest_idle":
      return t("Of those who come first for this call you have been free the longest (%(time)s).", { time: duration(because.idle_s) });
    case "found_ringing":
      return t("Your phone was ringing for this caller when Callwright started again.");
    default:
      return t("You were the only one free who can help this caller.");
  }
}

function dots(has: number, asked: number): TemplateResult {
  return html`<span class="dots" title=${t("You have level %(has)s, the call asks for %(asked)s", { has, asked })}>
    <span class="visually-hidden">${t("You have level %(has)s, the call asks for %(asked)s", { has, asked })}</span>
    ${[1, 2, 3, 4, 5].map((index) => html`<i class=${index <= has ? "is-on" : ""} aria-hidden="true"></i>`)}
  </span>`;
}

function people(desk: Desk, pop: ScreenPop): Piece {
  if (!pop.contacts.length && !pop.numbers.length) return nothing;
  return html`<section class="side">
    <h2 class="side-title">${pop.contacts.length ? t("Contacts") : t("Numbers")}</h2>
    <ul class="people">
      ${pop.contacts.map(
        (one) => html`<li class=${one.calling ? "is-calling" : ""}>${icon("user", "icon-sm")}<span class="truncate">${pick(one.names)}</span><span class="row-note truncate">${one.title}</span></li>`,
      )}
      ${pop.numbers.map(
        (one) => html`<li class=${one.calling ? "is-calling" : ""}>${icon("phone", "icon-sm")}<span class="num">${pick(one.shown)}</span><span class="row-note">${numberLabel(one.label)}${one.confirmed ? nothing : html` · ${t("not confirmed")}`}</span>${callButton(desk, one.number, pick(one.shown), pop.customer?.id ?? "")}</li>`,
      )}
    </ul>
  </section>`;
}

function numberLabel(key: string): string {
  switch (key) {
    case "mobile":
      return t("Mobile");
    case "office":
      return t("Office");
    case "home":
      return t("Home");
    default:
      return key;
  }
}

function facts(pop: ScreenPop): Piece {
  const customer = pop.customer;
  if (!customer) return nothing;
  const lines: [string, string][] = [
    [t("Kind"), label("CustomerKind", customer.kind)],
    [t("Speaks"), customer.language ? label("Language", customer.language) : ""],
    [t("Address"), [customer.city, customer.address].filter(Boolean).join(" ")],
    [t("Remark"), customer.note],
  ];
  return html`<section class="side">
    <h2 class="side-title">${t("Customer")}</h2>
    <dl class="side-facts">${lines.filter(([, text]) => text).map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
  </section>`;
}
