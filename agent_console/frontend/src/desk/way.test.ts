import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../lib/protocol.ts";
import { wayHere } from "./way.ts";

function came(path: [entered: string, label: string][], waited_s = 0): string {
  const because = waited_s ? { waited_s } : null;
  const one = { path: path.map(([entered, label]) => ({ node: "n", entered, label })), because } as unknown as Case;
  return wayHere(one, (label) => label.toUpperCase());
}

test("what he chose and typed, and how long he waited", () => {
  assert.equal(came([["1", "zh"], ["2", "repair"], ["202601050007", "entered"]], 40), "2 REPAIR → typed 202601050007 → waited 0:40");
});

test("what says nothing of what he wants is passed over", () => {
  assert.equal(came([["2", "en"], ["7", ""], ["9", "repeat"], ["", ""], ["0", "operator"]]), "0 OPERATOR");
});

test("a secret stays one, and what the house did is said", () => {
  assert.equal(came([["****", "known"], ["", "ticket_told"]]), "KNOWN: typed **** → TICKET_TOLD");
});

test("of many steps the last ones", () => {
  assert.equal(came([..."123456"].map((key) => [key, "x"])), "… → 2 X → 3 X → 4 X → 5 X → 6 X");
});

test("nothing to say", () => {
  assert.equal(came([]), "");
});
