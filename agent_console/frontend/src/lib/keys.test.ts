import assert from "node:assert/strict";
import { test } from "node:test";
import { besideTheKeypad } from "./keys.ts";

test("with the keypad open letters do nothing, digits and what hangs up do", () => {
  const all = ["F2", "F4", "h", "m", "p", "r", "k", "1", "0", "*", "#", "?", "Escape", "Ctrl+Enter"].map((keys) => ({ keys, does: "", run: () => undefined }));
  const left = besideTheKeypad(all).map((one) => one.keys);
  assert.deepEqual(left, ["F2", "F4", "k", "1", "0", "*", "#", "Escape", "Ctrl+Enter"]);
});
