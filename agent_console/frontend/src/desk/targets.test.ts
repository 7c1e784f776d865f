import assert from "node:assert/strict";
import { test } from "node:test";
import type { Targets, Vocabulary } from "../lib/protocol.ts";
import { choices, firstFree } from "./targets.ts";

const since = "2026-01-05T09:00:00Z";
const words: Vocabulary = {
  queues: { repair: { zh: "报修", en: "Repair" } },
  skills: {},
  dids: {},
  agents: { me: { zh: "李爱丽", en: "Alice Li" }, bob: { zh: "王博", en: "Bob Wang" }, carol: { zh: "陈可", en: "Carol Chen" }, dora: { zh: "杜拉", en: "Dora" } },
  departments: {}, wrap_up_s: {}, wrap_up: {},
  service_level_s: {}, service_level_percent: {},
};
const targets: Targets = {
  agents: [
    { agent: "me", extension: "1001", state: "talking", since, reachable: true },
    { agent: "bob", extension: "1002", state: "talking", since, reachable: true },
    { agent: "carol", extension: "1003", state: "ready", since, reachable: true },
    { agent: "dora", extension: "1004", state: "paused", since, reachable: false },
  ],
  queues: [{ queue: "repair", waiting: 2, ready: 1 }],
  number: { typed: "021 6488", shown: { en: "021 6488" }, valid: false },
};
const names = (text: string) => choices(targets, words, "me", text).map((one) => one.name);

test("the free come first, and nobody hands a call to himself", () => {
  assert.deepEqual(names(""), ["Carol Chen", "Dora", "Bob Wang", "Repair"]);
});

test("a name is found in either language, by the extension, and a queue by its name", () => {
  assert.deepEqual(names("王"), ["Bob Wang"]);
  assert.deepEqual(names("1003"), ["Carol Chen"]);
  assert.deepEqual(names("报修"), ["Repair"]);
});

test("who cannot be chosen says why", () => {
  const why = Object.fromEntries(choices(targets, words, "me", "").map((one) => [one.name, one.whyNot]));
  assert.deepEqual(why, { "Carol Chen": "", Dora: "phone not connected", "Bob Wang": "has a call", Repair: "" });
});

test("what was typed is a number when the server says so, and of this very text", () => {
  assert.deepEqual(choices(targets, words, "me", "021 6488").map((one) => [one.kind, one.whyNot]), [["number", "not a number that can be called"]]);
  assert.deepEqual(choices(targets, words, "me", "021 64881"), []);
});

test("the first that can be chosen is marked", () => {
  assert.equal(firstFree(choices(targets, words, "me", "bob")), 0);
  assert.equal(firstFree(choices({ ...targets, agents: targets.agents.slice(1, 3) }, words, "me", "")), 0);
});
