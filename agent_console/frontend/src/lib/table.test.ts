import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "./table.ts";

const row = (call: string, queue: string, turn: number, priority = 0) => ({ call, queue, turn, priority });
const rows = [row("oldest", "service", 3), row("vip", "vip", 1), row("own priority", "service", 2, 4), row("last", "vip", 10)];

test("rows stand in the order of service, whatever else they say", () => {
  assert.deepEqual(inTurn(rows, "").map((one) => one.call), ["vip", "own priority", "oldest", "last"]);
});

test("of one queue the others are left out, and the order stays", () => {
  assert.deepEqual(inTurn(rows, "service").map((one) => one.call), ["own priority", "oldest"]);
});
