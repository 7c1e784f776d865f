import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepTaken, Vocabulary } from "./protocol.ts";
import { asked, relaxed } from "./relaxing.ts";

const words: Vocabulary = {
  queues: { service: { zh: "服务热线", en: "Service" } },
  skills: { zh: { zh: "中文", en: "Chinese" }, en: { zh: "英语", en: "English" } },
  dids: {}, agents: { a1: { zh: "艾丽", en: "Alice" } }, departments: { sales: { zh: "销售部", en: "Sales" } }, wrap_up_s: {}, wrap_up: {}, service_level_s: {}, service_level_percent: {},
};
const step: StepTaken = { kind: "lower", after_s: 30, skill: "zh", asked: 4, level: 3, queue: null, department: null };

test("each step is told in a sentence", () => {
  const told = [step, { ...step, kind: "drop" }, { ...step, kind: "widen", queue: "service" }, { ...step, kind: "call_in", department: "sales" }].map((one) => relaxed(one as StepTaken, words));
  assert.deepEqual(told, [
    "Chinese 4 was asked for; after waiting 0:30, 3 is enough.",
    "Chinese 4 was asked for; after waiting 0:30, no longer.",
    "After waiting 0:30 the colleagues of Service may take the call, too.",
    "After waiting 0:30 the department Sales is called in.",
  ]);
});

test("who waits for somebody who knows him is told so", () => {
  const kept: StepTaken = { ...step, kind: "keep", after_s: 0, agent: "a1", tie: "last_agent", for_s: 20 };
  assert.equal(relaxed(kept, words), "Waits up to 0:20 for Alice, who was the last to talk with this customer.");
  assert.equal(relaxed({ ...kept, tie: "owner" }, words), "Waits up to 0:20 for Alice, who looks after this customer.");
  assert.equal(relaxed({ ...kept, kind: "open_up", after_s: 20 }, words), "After waiting 0:20 for Alice anybody may take the call.");
});

test("a wish is told skill by skill, or way by way", () => {
  assert.equal(asked({ zh: 2, en: 1 }, [], words), "Chinese ≥ 2, English ≥ 1");
  assert.equal(asked({}, [{ zh: 2 }, { en: 3, zh: 1 }], words), "Chinese ≥ 2 or (English ≥ 3, Chinese ≥ 1)");
  assert.equal(asked({}, [{ en: 3, zh: 1 }], words), "English ≥ 3, Chinese ≥ 1");
  assert.equal(asked({}, [], words), "");
});
