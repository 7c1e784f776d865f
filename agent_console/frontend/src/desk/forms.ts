// The ticket and the callback that are being written in a call: their first values, what is missing, what is sent.
import { newId } from "../lib/ids.ts";
import type { Case } from "../lib/protocol.ts";
import { fromInput, label, t } from "../lib/words.ts";
import type { Desk } from "./desk.ts";
import { sensibleTime, type CallbackDraft, type Draft, type Saved, type TicketDraft } from "./drafts.ts";

export function newTicket(desk: Desk, one: Case): TicketDraft {
  const note = desk.draft(one.call).note.trim();
  const firstLine = note.split("\n")[0]?.slice(0, 120) ?? "";
  const type = ["consultation", "repair", "complaint"].includes(one.intent) ? one.intent : "other";
  const subject = firstLine || (type === "other" ? "" : label("TicketType", type));
  return { open: true, key: newId(), subject, type, priority: "normal", description: note };
}

export function newCallback(desk: Desk, one: Case): CallbackDraft {
  const ticket = desk.draft(one.call).ticket?.subject ?? desk.draft(one.call).tickets.at(-1)?.number;
  return {
    open: true,
    key: newId(),
    due: sensibleTime(desk.now),
    why: ticket ? t("About: %(subject)s", { subject: ticket }) : "",
    number: one.pop?.certainty === "anonymous" ? "" : one.ani,
    mine: true,
  };
}

export interface Missing {
  field: string;
  sentence: string;
}

export function missingInTicket(ticket: TicketDraft): Missing[] {
  return ticket.subject.trim() ? [] : [{ field: "subject", sentence: t("Say in a few words what the ticket is about.") }];
}

// Everything at once, in the order of the fields.
export function missingInCallback(callback: CallbackDraft, now: Date): Missing[] {
  const due = fromInput(callback.due);
  const late = due !== null && due.getTime() < now.getTime() - 60_000;
  const found: [missing: boolean, field: string, sentence: string][] = [
    [!callback.why.trim(), "why", t("Say in a few words why, for whoever makes the call.")],
    [!due, "due", t("Choose when to call back.")],
    [late, "due", t("That time has passed already.")],
    [!callback.number.trim(), "number", t("Which number should be called?")],
  ];
  return found.filter(([missing]) => missing).map(([, field, sentence]) => ({ field, sentence }));
}

export function toTicket(ticket: TicketDraft): Record<string, string> {
  const { key, type, priority } = ticket;
  return { key, type, priority, subject: ticket.subject.trim(), description: ticket.description.trim() };
}

export function toCallback(callback: CallbackDraft): Record<string, unknown> {
  const { key, mine } = callback;
  const due = fromInput(callback.due);
  return { key, mine, due_at: due?.toISOString(), why: callback.why.trim(), number: callback.number.trim() };
}

export async function saveTicket(desk: Desk, one: Case): Promise<void> {
  const ticket = desk.draft(one.call).ticket;
  const place = `ticket:${one.call}`;
  if (!ticket) return;
  const missing = missingInTicket(ticket);
  if (missing.length) return lead(desk, place, missing);
  const answer = await desk.ask(place, { do: "create_ticket", call: one.call, ticket: toTicket(ticket) });
  if (answer.ok) keepSaved(desk, one.call, { ticket: answer.value }, { ticket, callback: null });
}

export async function saveCallback(desk: Desk, one: Case): Promise<void> {
  const callback = desk.draft(one.call).callback;
  const place = `callback:${one.call}`;
  if (!callback) return;
  const missing = missingInCallback(callback, desk.now);
  if (missing.length) return lead(desk, place, missing);
  const answer = await desk.ask(place, { do: "schedule_callback", call: one.call, callback: toCallback(callback) });
  if (answer.ok) keepSaved(desk, one.call, { callback: answer.value }, { ticket: null, callback });
}

// Says all that is missing, each beside its field, and goes to the first.
function lead(desk: Desk, place: string, missing: readonly Missing[]): void {
  desk.setFaults(place, missing);
  document.getElementById(fieldId(place, missing[0]!.field))?.focus();
}

// The id of a field of the form `ticket:<call>`; its fault has the same with `-fault`.
export function fieldId(place: string, field: string): string {
  const [form, call] = place.split(":");
  return `${form}-${field}-${call}`;
}

// What the server has made is no longer a draft, even when something after it failed.
export function keepSaved(desk: Desk, call: string, value: unknown, sent: Pick<Draft, "ticket" | "callback">): void {
  const saved = (value ?? {}) as SavedWith;
  if (saved.ticket || saved.callback) desk.write(call, afterSaving(desk.draft(call), sent, saved));
}

interface SavedWith {
  ticket?: Saved;
  callback?: Saved;
}

// Pure. What was typed while the answer was on its way stays open; saving again changes what was made.
export function afterSaving(draft: Draft, sent: Pick<Draft, "ticket" | "callback">, saved: SavedWith): Partial<Draft> {
  return {
    ...(saved.ticket ? { ticket: rest(draft.ticket, sent.ticket), tickets: withSaved(draft.tickets, saved.ticket) } : {}),
    ...(saved.callback ? { callback: rest(draft.callback, sent.callback), callbacks: withSaved(draft.callbacks, saved.callback) } : {}),
  };
}

function rest<Form>(typed: Form | null, sent: Form | null): Form | null {
  return JSON.stringify(typed) === JSON.stringify(sent) ? null : typed;
}

function withSaved(before: Saved[], saved: Saved): Saved[] {
  return [...before.filter((one) => one.id !== saved.id), saved];
}

