import assert from "node:assert/strict";
import { test } from "node:test";
import { setZone } from "../lib/words.ts";
import { asked, dropOff, type NodeFigures, percent, spanOf, wayOfPort } from "./figures.ts";

setZone("Asia/Shanghai");
const now = new Date("2026-03-02T02:30:00Z"); // 10:30 in Shanghai

function node(visits: number, hung_up: number): NodeFigures {
  return { node: "main", callers: visits, visits, ways: {}, hung_up, errors: 0, median_s: 1, wrong: [] };
}

test("how many hang up is marked from a twentieth on, and from one in seven", () => {
  assert.deepEqual([node(100, 4), node(100, 5), node(100, 14), node(100, 15), node(0, 0)].map(dropOff), ["", "some", "some", "many", ""]);
});

test("the way of a case is told without its last word", () => {
  assert.deepEqual(["cases.2.to", "choices.*", "next"].map(wayOfPort), ["cases.2", "choices.*", "next"]);
});

test("a share that is there is never shown as nothing, and one that is not whole never as all", () => {
  assert.deepEqual([0, 0.001, 0.34, 0.999, 1].map(percent), ["0 %", "<1 %", "34 %", ">99 %", "100 %"]);
});

test("days begin when they begin in the house", () => {
  assert.equal(spanOf("today", "", "", now)?.since.toISOString(), "2026-03-01T16:00:00.000Z");
  assert.equal(spanOf("week", "", "", now)?.since.toISOString(), "2026-02-23T16:00:00.000Z");
  assert.equal(spanOf("month", "", "", now)?.since.toISOString(), "2026-01-31T16:00:00.000Z");
  assert.equal(spanOf("today", "", "", now)?.until, now);
});

test("a span holds its last day, and wants a first one before it", () => {
  const span = spanOf("span", "2026-02-01", "2026-02-28", now);
  assert.deepEqual([span?.since.toISOString(), span?.until.toISOString()], ["2026-01-31T16:00:00.000Z", "2026-02-28T16:00:00.000Z"]);
  assert.deepEqual([spanOf("span", "", "", now), spanOf("span", "2026-02-03", "2026-02-01", now)], [null, null]);
  assert.equal(spanOf("span", "2026-02-01", "", now)?.until, now);
});

test("every version together is asked for without a version", () => {
  assert.deepEqual(Object.keys(asked(0, now, now)), ["since", "until"]);
  assert.equal(asked(3, now, now)["version"], "3");
});
