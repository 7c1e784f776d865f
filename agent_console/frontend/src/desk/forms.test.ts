import assert from "node:assert/strict";
import { test } from "node:test";
import { noDraft, type Draft, type TicketDraft } from "./drafts.ts";
import { afterSaving } from "./forms.ts";

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
