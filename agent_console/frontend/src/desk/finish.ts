// "Save and finish": everything the sheet holds in one wish, so that a call's paperwork is one key.
import type { Case, DispositionChoice } from "../lib/protocol.ts";
import { t } from "../lib/words.ts";
import type { Desk } from "./desk.ts";
import { keepSaved, toCallback, toTicket, whatIsMissing } from "./forms.ts";

const lastKey = "cw-last-disposition";

// What the agent chose, else the likeliest: of the caller's choice in the menu, of the queue, else what came of the last call.
export function suggested(desk: Desk, one: Case): DispositionChoice | undefined {
  const choices = desk.model.hello?.dispositions ?? [];
  const by = (code: string | null) => choices.find((choice) => choice.code === code);
  const under = (topic: string | null) => choices.find((choice) => choice.code.split(/[._]/)[0] === topic);
  return (
    by(desk.draft(one.call).disposition) ??
    under(one.intent) ??
    under(one.queue) ??
    by(localStorage.getItem(lastKey)) ??
    choices[0]
  );
}

export async function finish(desk: Desk, one: Case): Promise<void> {
  const place = `finish:${one.call}`;
  const draft = desk.draft(one.call);
  const missing = whatIsMissing(draft, desk.now);
  if (missing) {
    desk.setFault(`${missing.form}:${one.call}`, missing.sentence, missing.field);
    desk.setFault(place, t("Something is still missing above."));
    return;
  }
  desk.clearFault(place);
  const code = suggested(desk, one)?.code ?? "";
  const answer = await desk.ask(place, {
    do: "finish",
    call: one.call,
    disposition: code,
    note: draft.note.trim(),
    ticket: draft.ticket?.open ? toTicket(draft.ticket) : null,
    callback: draft.callback?.open ? toCallback(draft.callback) : null,
  });
  if (answer.code !== "pending") keepSaved(desk, one.call, answer.value);
  if (!answer.ok) return;
  if (code) localStorage.setItem(lastKey, code);
  desk.saved(one.call);
}
