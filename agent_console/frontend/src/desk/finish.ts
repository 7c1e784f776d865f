// "Save and finish": everything the sheet holds in one wish, so that a call's paperwork is one key.
import type { Case, DispositionChoice } from "../lib/protocol.ts";
import { t } from "../lib/words.ts";
import type { Desk } from "./desk.ts";
import type { Draft } from "./drafts.ts";
import { fieldId, keepSaved, missingInCallback, missingInTicket, toCallback, toTicket, type Missing } from "./forms.ts";

// What came of it is the agent's word alone: a guess that one key saves is a wrong record.
export function chosen(desk: Desk, one: Case): DispositionChoice | undefined {
  const code = desk.draft(one.call).disposition;
  return desk.model.hello?.dispositions.find((choice) => choice.code === code);
}

// What the caller chose in the menu, else his queue, says which to show first.
export function likelyFirst(choices: readonly DispositionChoice[], one: Pick<Case, "intent" | "queue">): DispositionChoice[] {
  const topic = (choice: DispositionChoice) => choice.code.split(/[._]/)[0];
  const near = [one.intent, one.queue].find((key) => choices.some((choice) => topic(choice) === key));
  return [...choices.filter((choice) => topic(choice) === near), ...choices.filter((choice) => topic(choice) !== near)];
}

// A call that came through no queue is asked about as well; a queue may leave it to the agent.
export function mustSay(desk: Desk, one: Case): boolean {
  const { dispositions = [], vocabulary } = desk.model.hello ?? {};
  return dispositions.length > 0 && (!one.queue || (vocabulary?.wrap_up[one.queue] ?? "mandatory") === "mandatory");
}

export async function finish(desk: Desk, one: Case): Promise<void> {
  const place = `finish:${one.call}`;
  const draft = desk.draft(one.call);
  const disposition = chosen(desk, one);
  const first = sayWhatIsMissing(desk, one, draft);
  if (first) {
    if (!first.startsWith("disposition")) desk.setFault(place, t("Something is still missing above."));
    document.getElementById(first)?.focus(); // which may lie under the sheet's foot
    return;
  }
  desk.clearFault(place);
  const answer = await desk.ask(place, {
    do: "finish",
    call: one.call,
    disposition: disposition?.code ?? "",
    note: draft.note.trim(),
    ticket: draft.ticket?.open ? toTicket(draft.ticket) : null,
    callback: draft.callback?.open ? toCallback(draft.callback) : null,
  });
  if (answer.code !== "pending") keepSaved(desk, one.call, answer.value, draft);
  if (answer.ok && !writtenSince(draft, desk.draft(one.call))) desk.saved(one.call);
}

// While the answer was on its way: it is not saved yet, and the sheet stays to save it.
function writtenSince(sent: Draft, now: Draft): boolean {
  return now.note !== sent.note || now.disposition !== sent.disposition || now.ticket?.open === true || now.callback?.open === true;
}

// Everything at once, each beside its field; the id of the first.
function sayWhatIsMissing(desk: Desk, one: Case, draft: Draft): string | undefined {
  const [outcome, ticket, callback] = ["disposition", "ticket", "callback"].map((form) => `${form}:${one.call}`) as [string, string, string];
  const needed = mustSay(desk, one) && !chosen(desk, one);
  const found: [place: string, missing: Missing[]][] = [
    [outcome, needed ? [{ field: "", sentence: chooseFirst() }] : []],
    [ticket, draft.ticket?.open ? missingInTicket(draft.ticket) : []],
    [callback, draft.callback?.open ? missingInCallback(draft.callback, desk.now) : []],
  ];
  const wrong = found.filter(([, missing]) => missing.length);
  for (const [place, missing] of wrong) desk.setFaults(place, missing);
  const first = wrong[0];
  return first && (first[0] === outcome ? `disposition-${one.call}` : fieldId(first[0], first[1][0]!.field));
}

export function chooseFirst(): string {
  return t("Choose what came of it before you save.");
}
