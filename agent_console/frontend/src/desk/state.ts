// What the desk knows, and how it changes with every message. Pure: no DOM, no clock, no network.
import type { Case, Control, Hello, OwnState, Phase, TicketAsk, Told, Work } from "../lib/protocol.ts";

export interface Model {
  hello: Hello | null;
  agent: OwnState | null;
  cases: readonly Case[]; // oldest first
  active: string | null; // the call whose tab is open
  work: Work | null;
  ticketAsk: TicketAsk | null; // which ticket I am asked to take
  links: Readonly<Record<string, boolean>>;
  holder: string; // the browser that holds the phone
  control: Control; // what is under way in my calls beside the conversation
}

const noControl: Control = { calls: [], parked: [] };

export const empty: Model = { hello: null, agent: null, cases: [], active: null, work: null, ticketAsk: null, links: {}, holder: "", control: noControl };

const doneKept = 5; // finished tabs that stay for a look back

export function isOpen(phase: Phase): boolean {
  return phase !== "done" && phase !== "missed";
}

export function isLive(phase: Phase): boolean {
  return phase === "talking" || phase === "held";
}

export function isOffer(phase: Phase): boolean {
  return phase === "offered" || phase === "ringing";
}

// I call, and nobody has answered yet.
export function isCalling(phase: Phase): boolean {
  return phase === "dialling" || phase === "far_ringing";
}

// `busy`: the agent is typing in the open conversation, so nothing may take its place.
export function reduce(model: Model, message: Told, busy = false): Model {
  switch (message.t) {
    case "hello":
      return welcome(model, message);
    case "agent":
      return { ...model, agent: message.agent };
    case "case":
      return withCase(model, message.case, busy);
    case "work":
      return { ...model, work: message.work };
    case "ticket_ask":
      return { ...model, ticketAsk: message.ask };
    case "links":
      return { ...model, links: message.links };
    case "control":
      return { ...model, control: message.control };
    case "phone_holder":
      return { ...model, holder: message.holder };
    default:
      return model;
  }
}

// After a reload, or after the line was away: what the server says holds; finished tabs of before stay.
function welcome(model: Model, hello: Hello): Model {
  const said = new Map(hello.cases.map((one) => [one.call, one]));
  // A server that does not know the agent's state yet does not know his calls either.
  const before = model.cases.filter((one) => !said.has(one.call)).map((one) => (hello.agent ? over(one) : one));
  const cases = [...before, ...hello.cases];
  const active = cases.some((one) => one.call === model.active) ? model.active : choose(cases);
  return {
    hello,
    agent: hello.agent ?? model.agent,
    cases: pruned(cases, active),
    active,
    work: hello.work ?? model.work,
    ticketAsk: hello.ticket_ask,
    links: hello.links,
    holder: hello.phone?.holder ?? "",
    control: hello.control ?? model.control,
  };
}

// Logged out: a call at the ear stays to be seen until it is over, and whoever sits down next reads nothing else.
export function left(model: Model, inCall: boolean): Model {
  const cases = inCall ? model.cases.filter((one) => isLive(one.phase) || isCalling(one.phase)) : [];
  const active = cases.some((one) => one.call === model.active) ? model.active : (cases[0]?.call ?? null);
  return { ...model, agent: null, cases, active, work: null, ticketAsk: null };
}

// The server no longer knows it: it ended while we were not listening.
function over(one: Case): Case {
  if (!isOpen(one.phase)) return one;
  return { ...one, phase: isOffer(one.phase) ? "missed" : "done" };
}

function withCase(model: Model, changed: Case, busy: boolean): Model {
  const known = model.cases.some((one) => one.call === changed.call);
  const cases = known
    ? model.cases.map((one) => (one.call === changed.call ? changed : one))
    : [...model.cases, changed];
  const active = activeAfter(model, changed, known, busy);
  return { ...model, cases: pruned(cases, active), active };
}

// A new call opens its tab at once, unless that would take the place of work under way.
function activeAfter(model: Model, changed: Case, known: boolean, busy: boolean): string | null {
  if (known || !isOpen(changed.phase)) return model.active ?? changed.call;
  const shown = model.cases.find((one) => one.call === model.active);
  const occupied = shown !== undefined && (isOpen(shown.phase) || busy);
  return occupied ? model.active : changed.call;
}

function choose(cases: readonly Case[]): string | null {
  const rank = (one: Case) => (isLive(one.phase) || isCalling(one.phase) ? 3 : isOffer(one.phase) ? 2 : isOpen(one.phase) ? 1 : 0);
  return cases.reduce<Case | null>((best, one) => (best && rank(best) > rank(one) ? best : one), null)?.call ?? null;
}

function pruned(cases: readonly Case[], active: string | null): readonly Case[] {
  const finished = cases.filter((one) => !isOpen(one.phase) && one.call !== active);
  const tooMany = new Set(finished.slice(0, Math.max(0, finished.length - doneKept)));
  return cases.filter((one) => !tooMany.has(one));
}

export function open(model: Model, call: string): Model {
  return model.cases.some((one) => one.call === call) ? { ...model, active: call } : model;
}

// Only what is over can be closed; its neighbour takes the place.
export function close(model: Model, call: string): Model {
  const at = model.cases.findIndex((one) => one.call === call);
  const found = model.cases[at];
  if (!found || isOpen(found.phase)) return model;
  const cases = model.cases.filter((one) => one.call !== call);
  const active = model.active === call ? (cases[at] ?? cases[at - 1])?.call ?? null : model.active;
  return { ...model, cases, active };
}

export function activeCase(model: Model): Case | null {
  return model.cases.find((one) => one.call === model.active) ?? null;
}

// The call the call bar is about: the one at the ear, else the one that rings (here or over there), else the paperwork.
export function currentCase(model: Model): Case | null {
  for (const wanted of [isLive, isOffer, isCalling, (phase: Phase) => phase === "wrap_up"])
    for (const one of model.cases) if (wanted(one.phase)) return one;
  return null;
}
