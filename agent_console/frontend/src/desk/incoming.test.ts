// Which calls to my phone are taken without a key, and by what name they stand in the call bar.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answersItself, callOf } from "./incoming.ts";

const from = { number: "13800138000", name: "张伟" };
const said = (headers: Record<string, string>) => (name: string) => headers[name];

test("a customer rings, also one who asked to be called back", () => {
  assert.equal(answersItself(said({})), false);
  assert.equal(answersItself(said({ "X-CW-Call": "cw-1" })), false);
  assert.equal(answersItself(said({ "X-CW-Call": "cw-1", "X-CW-Callback": "13800138000" })), false);
});

test("what I asked for myself is answered by itself, a prompt that I speak as well", () => {
  for (const name of ["X-CW-Click", "X-CW-Retrieve", "X-CW-Monitor", "X-CW-Take-Over", "X-CW-Prompt"])
    assert.equal(answersItself(said({ [name]: "x" })), true, name);
});

test("a call is named by who calls, by the number that I dialled, or by the prompt that I speak", () => {
  const { call, number, name, state } = callOf(said({ "X-CW-Call": "cw-1" }), from);
  assert.deepEqual([call, number, name, state], ["cw-1", "13800138000", "张伟", "ringing"]);
  const dialled = callOf(said({ "X-CW-Click": "4008001" }), from);
  assert.deepEqual([dialled.number, dialled.name], ["4008001", ""]);
  const spoken = callOf(said({ "X-CW-Prompt": "welcome" }), { number: "1009", name: "" });
  assert.deepEqual([spoken.call, spoken.number, spoken.name], ["", "1009", "welcome"]);
});
