// To whom a call may be handed on: what the dialog lists for what was typed, and why somebody cannot be chosen. Pure.
import type { AgentState, Targets, Vocabulary } from "../lib/protocol.ts";
import { label, pick, t } from "../lib/words.ts";

export interface Choice {
  kind: "agent" | "queue" | "number";
  value: string;
  name: string;
  note: string; // extension, or who waits there
  state: AgentState | null;
  since: string;
  whyNot: string; // "" when it can be chosen
}

const busy: AgentState[] = ["reserved", "ringing", "talking"];
const order: AgentState[] = ["ready", "wrap_up", "paused", "reserved", "ringing", "talking", "offline"];

export function choices(targets: Targets, words: Vocabulary, me: string, text: string): Choice[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = (choice: Choice, names: Readonly<Record<string, string>> | undefined) =>
    wanted.every((word) => [choice.note, choice.name, ...Object.values(names ?? {})].join(" ").toLowerCase().includes(word));
  const known = [
    ...colleagues(targets, words, me).filter((one) => found(one, words.agents[one.value])),
    ...queues(targets, words).filter((one) => found(one, words.queues[one.value])),
  ];
  return [...known, ...number(targets, text).filter((one) => !one.whyNot || !known.length)];
}

function colleagues(targets: Targets, words: Vocabulary, me: string): Choice[] {
  return targets.agents
    .filter((one) => one.agent !== me)
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.extension.localeCompare(b.extension))
    .map((one) => ({
      kind: "agent",
      value: one.agent,
      name: pick(words.agents[one.agent], one.extension),
      note: one.extension,
      state: one.state,
      since: one.since,
      whyNot: one.state === "offline" ? t("signed off") : busy.includes(one.state) ? t("has a call") : one.reachable ? "" : t("phone not connected"),
    }));
}

function queues(targets: Targets, words: Vocabulary): Choice[] {
  return targets.queues.map((one) => ({
    kind: "queue",
    value: one.queue,
    name: pick(words.queues[one.queue], one.queue),
    note: t("%(waiting)s waiting · %(ready)s ready", { waiting: one.waiting, ready: one.ready }),
    state: null,
    since: "",
    whyNot: "",
  }));
}

function number(targets: Targets, text: string): Choice[] {
  const typed = targets.number;
  if (!typed || typed.typed !== text.trim()) return [];
  const shown = pick(typed.shown, typed.typed);
  return [{ kind: "number", value: typed.typed, name: shown, note: t("number outside"), state: null, since: "", whyNot: typed.valid ? "" : t("not a number that can be called") }];
}

export function stateWord(choice: Choice): string {
  return choice.state ? label("AgentState", choice.state) : "";
}

// The first that can be chosen.
export function firstFree(found: readonly Choice[]): number {
  return Math.max(0, found.findIndex((one) => !one.whyNot));
}
