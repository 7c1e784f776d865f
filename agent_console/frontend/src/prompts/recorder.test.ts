import assert from "node:assert/strict";
import { test } from "node:test";
import { loudness } from "./recorder.ts";

test("silence has no level, full scale the highest, and ordinary speech is in between", () => {
  assert.equal(loudness(new Float32Array(8)), 0);
  assert.equal(loudness(new Float32Array([0.001])), 0);
  assert.equal(loudness(new Float32Array([0, -1])), 1);
  const speech = loudness(new Float32Array([0.1, -0.05]));
  assert.ok(speech > 0.4 && speech < 0.8);
});
