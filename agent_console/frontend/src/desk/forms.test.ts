import assert from "node:assert/strict";
import { test } from "node:test";
import { noDraft, type CallbackDraft, type Draft, type TicketDraft } from "./drafts.ts";
import { afterSaving, missingInCallback } from "./forms.ts";

const ticket: TicketDraft = { open: true, key: "k", subject: "Leaks", type: "repair", priority: "normal", description: "" };
const made = { id: "t1", number: "T-1" };

test("what was saved is no draft any more", () => {
  const draft: Draft = { ...noDraft, ticket };
  assert.deepEqual(afterSaving(draft, draft, { ticket: made }), { ticket: null, tickets: [made] });
});

test("words typed while the answer was on its way stay open, and saved again they are the same ticket", () => {
  const sent: Draft = { ...noDraft, ticket };
  const typed: Draft = { ...noDraft, ticket: { ...ticket, description: "since Monday" } };
  const first = afterSaving(typed, sent, { ticket: made });
  assert.deepEqual(first, { ticket: typed.ticket, tickets: [made] });
  const again = { ...typed, ...first };
  assert.deepEqual(afterSaving(again, again, { ticket: { ...made, number: "T-1" } }), { ticket: null, tickets: [made] });
});

test("what was not saved is not touched", () => {
  const draft: Draft = { ...noDraft, ticket };
  assert.deepEqual(afterSaving(draft, draft, {}), {});
});

test("everything that is missing is said at once, in the order of the fields", () => {
  const empty: CallbackDraft = { open: true, key: "k", due: "", why: " ", number: "", mine: true };
  const fields = (callback: CallbackDraft) => missingInCallback(callback, new Date("2026-03-05T09:00:00Z")).map((one) => one.field);
  assert.deepEqual(fields(empty), ["why", "due", "number"]);
  assert.deepEqual(fields({ ...empty, why: "price", due: "2026-03-01T09:00" }), ["due", "number"]);
});
