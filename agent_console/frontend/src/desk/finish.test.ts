import assert from "node:assert/strict";
import { test } from "node:test";
import { likelyFirst } from "./finish.ts";

const choices = ["other.invoice", "repair.booked", "repair.solved"].map((code) => ({ code, path: [] }));
const order = (intent: string, queue: string | null) => likelyFirst(choices, { intent, queue }).map((choice) => choice.code);

test("what the caller chose in the menu comes first in the list, else what his queue is about", () => {
  assert.deepEqual(order("repair", "other"), ["repair.booked", "repair.solved", "other.invoice"]);
  assert.deepEqual(order("operator", "repair"), ["repair.booked", "repair.solved", "other.invoice"]);
});

test("a call that says nothing of itself leaves the list as it is", () => {
  assert.deepEqual(order("", "vip"), ["other.invoice", "repair.booked", "repair.solved"]);
  assert.deepEqual(order("operator", null), ["other.invoice", "repair.booked", "repair.solved"]);
});
