import assert from "node:assert/strict";
import { test } from "node:test";
import { likeliest } from "./finish.ts";

const choices = ["repair.booked", "repair.solved", "other.invoice"].map((code) => ({ code, path: [] }));
const preset = (intent: string, queue: string | null, chosen = "") => likeliest(choices, { intent, queue }, chosen)?.code;

test("what the caller chose in the menu presets what came of it, else his queue", () => {
  assert.equal(preset("repair", null), "repair.booked");
  assert.equal(preset("operator", "other"), "other.invoice");
});

test("what the agent chose outweighs both", () => {
  assert.equal(preset("repair", "repair", "other.invoice"), "other.invoice");
});

test("a call that says nothing of itself presets nothing", () => {
  assert.equal(preset("", "vip"), undefined);
  assert.equal(preset("operator", null), undefined);
});
