// What a caller asks for, and how he came to ask for less while he waited: in the words of the screens.
import type { StepTaken, Tried, Vocabulary, WentOn } from "./protocol.ts";
import { bracketed, duration, label, listed, pick, t } from "./words.ts";

export function relaxed(step: StepTaken, words: Vocabulary | undefined): string {
  const time = duration(step.after_s);
  const skill = pick(words?.skills[step.skill ?? ""], step.skill ?? "");
  const asked = step.asked ?? "";
  switch (step.kind) {
    case "lower":
      return t("%(skill)s %(asked)s was asked for; after waiting %(time)s, %(level)s is enough.", { skill, asked, level: step.level ?? "", time });
    case "drop":
      return t("%(skill)s %(asked)s was asked for; after waiting %(time)s, no longer.", { skill, asked, time });
    case "widen":
      return t("After waiting %(time)s the colleagues of %(queue)s may take the call, too.", { time, queue: pick(words?.queues[step.queue ?? ""], step.queue ?? "") });
    case "keep": {
      const who = { time: duration(step.for_s ?? 0), agent: pick(words?.agents[step.agent ?? ""], step.agent ?? "") };
      if (step.tie === "owner") return t("Waits up to %(time)s for %(agent)s, who looks after this customer.", who);
      return t("Waits up to %(time)s for %(agent)s, who was the last to talk with this customer.", who);
    }
    case "place_back":
      return t("Called again, and has the place in line back: the wait counts %(time)s longer.", { time: duration(step.for_s ?? 0) });
    case "open_up":
      return t("After waiting %(time)s for %(agent)s anybody may take the call.", { time, agent: pick(words?.agents[step.agent ?? ""], step.agent ?? "") });
    case "call_in":
      return t("After waiting %(time)s the department %(department)s is called in.", { time, department: pick(words?.departments[step.department ?? ""], step.department ?? "") });
  }
}

/** What is said for good-bye, where it is one of ours. */
function announcement(prompt: string): string {
  switch (prompt) {
    case "all_busy":
      return t("All our colleagues are busy");
    case "nobody_there":
      return t("Nobody is there at the moment");
    case "closed":
      return t("We are closed");
    default:
      return prompt;
  }
}

/** Why a caller went on out of a queue, and where to. */
export function wentOn(one: WentOn, words: Vocabulary | undefined): string {
  const told = { time: duration(one.waited_s), queue: pick(words?.queues[one.queue], one.queue), why: label("OverflowWhy", one.why), to: one.to };
  switch (one.kind) {
    case "queue":
      return t("Went on from %(queue)s to %(to)s after %(time)s: %(why)s.", { ...told, to: pick(words?.queues[one.to], one.to) });
    case "number":
      return t("Went on from %(queue)s to the number %(to)s after %(time)s: %(why)s.", told);
    case "message":
      return t("Heard the announcement “%(to)s” of %(queue)s after %(time)s: %(why)s.", { ...told, to: announcement(one.to) });
    case "callback":
      return t("Was offered a callback at the same place in %(queue)s after %(time)s: %(why)s.", told);
    case "voicemail":
      return t("Was asked for a voice message in %(queue)s after %(time)s: %(why)s.", told);
  }
}

/** Who waits on the phone no longer, and is called when it is his turn. */
export function calledBack(tries: number): string {
  return tries ? t("Is called back when it is their turn; called in vain: %(tries)s", { tries }) : t("Is called back when it is their turn");
}

/** Why somebody who was asked for a caller did not take him. */
export function notTaken(one: Tried, words: Vocabulary | undefined): string {
  const agent = { agent: pick(words?.agents[one.agent], one.agent) };
  switch (one.why) {
    case "no_answer":
      return t("%(agent)s did not answer.", agent);
    case "busy":
      return t("The phone of %(agent)s was busy.", agent);
    case "rejected":
      return t("%(agent)s passed the call on.", agent);
    case "unreachable":
      return t("The phone of %(agent)s was not connected.", agent);
    case "phone_gone":
      return t("The phone of %(agent)s was disconnected while it rang.", agent);
    case "line_lost":
      return t("The line to the telephone system broke while the phone of %(agent)s rang.", agent);
    default:
      return t("The phone of %(agent)s could not be reached.", agent);
  }
}

/** `Repair ≥ 3, Chinese ≥ 2`, and where one of several ways is enough: each, in brackets when it asks for more than one thing. */
export function asked(requires: Record<string, number>, ways: readonly Record<string, number>[], words: Vocabulary | undefined): string {
  const level = ([skill, least]: [string, number]): string => `${pick(words?.skills[skill], skill)} ≥ ${least}`;
  const all = (way: Record<string, number>): string => listed(Object.entries(way).map(level));
  if (!ways.length) return all(requires);
  const apart = (way: Record<string, number>): string => (Object.keys(way).length > 1 ? bracketed(all(way)) : all(way));
  return ways.map(ways.length > 1 ? apart : all).reduce((one, two) => t("%(one)s or %(two)s", { one, two }));
}
