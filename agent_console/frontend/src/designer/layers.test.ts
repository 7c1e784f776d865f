import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { arranged, heightOf, nodesOf, waysOfNode } from "./document.ts";
import { crossings, type Join, layered } from "./layers.ts";
import type { Fields, Schema } from "./schema.ts";

const schema: Schema = JSON.parse(readFileSync("../../ivr/flow/schema.json", "utf8"));
const main: Fields = JSON.parse(readFileSync("../../ivr/flows/main.json", "utf8"));

function joins(...ways: string[]): Join[] {
  return ways.map((way) => ({ from: way[0] ?? "", to: way[1] ?? "", port: Number(way[2] ?? 0) }));
}

test("every way leads to the right, and the longest one says how far", () => {
  assert.deepEqual(layered("a", ["a", "b", "c", "d"], joins("ab", "bc", "ac", "cd", "ad")), [["a"], ["b"], ["c"], ["d"]]);
});

test("a way back, or one to itself, is no reason to go right for ever", () => {
  assert.deepEqual(layered("a", ["c", "b", "a"], joins("ab", "bc", "ca", "bb")), [["a"], ["b"], ["c"]]);
});

test("what nothing leads to stands behind, with all that follows it", () => {
  const rows = layered("a", ["x", "y", "a", "b"], joins("ab", "xy", "yb"));
  assert.deepEqual(rows, [["a"], ["b"], ["x"], ["y"]]);
});

test("a menu that begins nowhere, or has no node, is drawn all the same", () => {
  assert.deepEqual(layered("gone", ["a", "b"], joins("ab")), [["a"], ["b"]]);
  assert.deepEqual(layered("", [], []), []);
});

test("those of a layer stand as the ways to them do", () => {
  const ways = joins("ad0", "ac1", "ab2", "dg", "cf", "be");
  const rows = layered("a", ["a", "b", "c", "d", "e", "f", "g"], ways);
  assert.deepEqual(rows, [["a"], ["d", "c", "b"], ["g", "f", "e"]]);
  assert.equal(crossings(rows, ways), 0);
});

test("in the hotline fewer lines cross than in the order in which it is written", () => {
  const names = Object.keys(nodesOf(main));
  const ways = names.flatMap((from) => waysOfNode(main, schema, from).map(({ to }, port) => ({ from, to, port })));
  const rows = layered(String(main["start"]), names, ways);
  const written = rows.map((row) => names.filter((name) => row.includes(name)));
  assert.ok(crossings(rows, ways) < crossings(written, ways), `${crossings(rows, ways)} of ${crossings(written, ways)}`);
  assert.deepEqual(rows.flat().sort(), [...names].sort());
});

test("no node of the hotline stands on another", () => {
  const boxes = [...arranged(main, schema)].map(([name, at]) => ({ ...at, bottom: at.y + heightOf(waysOfNode(main, schema, name)) }));
  for (const one of boxes) for (const other of boxes) assert.ok(one === other || one.x !== other.x || one.bottom < other.y || other.bottom < one.y);
});
