// "Save and finish": everything the sheet holds in one wish, so that a call's paperwork is one key.
import type { Case, DispositionChoice } from "../lib/protocol.ts";
import { t } from "../lib/words.ts";
import type { Desk } from "./desk.ts";
import type { Draft } from "./drafts.ts";
import { keepSaved, toCallback, toTicket, whatIsMissing } from "./forms.ts";

export function suggested(desk: Desk, one: Case): DispositionChoice | undefined {
  return likeliest(desk.model.hello?.dispositions ?? [], one, desk.draft(one.call).disposition);
}

// What the agent chose, else the likeliest of the caller's choice in the menu or of the queue. Anything further would
// be a guess, and a guess that one key saves is a wrong record.
export function likeliest(
  choices: readonly DispositionChoice[], one: Pick<Case, "intent" | "queue">, chosen: string,
): DispositionChoice | undefined {
  const under = (topic: string | null) => choices.find((choice) => choice.code.split(/[._]/)[0] === topic);
  return choices.find((choice) => choice.code === chosen) ?? under(one.intent) ?? under(one.queue);
}

export async function finish(desk: Desk, one: Case): Promise<void> {
  const place = `finish:${one.call}`;
  const draft = desk.draft(one.call);
  const disposition = suggested(desk, one);
  if (!disposition && desk.model.hello?.dispositions.length) return askForDisposition(desk, one);
  const missing = whatIsMissing(draft, desk.now);
  if (missing) {
    desk.setFault(`${missing.form}:${one.call}`, missing.sentence, missing.field);
    desk.setFault(place, t("Something is still missing above."));
    document.getElementById(`${missing.form}-${missing.field}-${one.call}`)?.focus(); // which may lie under the sheet's foot
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

function askForDisposition(desk: Desk, one: Case): void {
  desk.setFault(`disposition:${one.call}`, chooseFirst());
  document.getElementById(`disposition-${one.call}`)?.focus();
}

export function chooseFirst(): string {
  return t("Choose what came of it before you save.");
}
