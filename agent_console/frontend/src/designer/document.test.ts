import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { arranged, freeName, isRounded, layoutOf, neighbour, newNode, nodesOf, renamed, waysOfNode, withField, withoutNode, withPlaces } from "./document.ts";
import { type Fields, fieldsOf, kindsOf, type Schema, waysOf, withWay } from "./schema.ts";

const schema: Schema = JSON.parse(readFileSync("../../ivr/flow/schema.json", "utf8"));
const main: Fields = JSON.parse(readFileSync("../../ivr/flows/main.json", "utf8"));
const kinds = kindsOf(schema);

test("every kind of node the server knows has a form", () => {
  assert.ok(kinds.size >= 19);
  for (const [kind, form] of kinds) for (const field of fieldsOf(form)) assert.ok(field.kind, `${kind}.${field.name}`);
});

test("every way of the hotline leads to one of its nodes", () => {
  const nodes = nodesOf(main);
  for (const name of Object.keys(nodes))
    for (const way of waysOfNode(main, schema, name)) assert.ok(way.to === "" ? !way.required : way.to in nodes, `${name}.${way.path}`);
});

test("ways are found in tables, in lists, and where a label stands beside them", () => {
  const menu: Fields = { kind: "menu", prompts: ["a"], choices: { "1": "b", "2": { to: "c", label: "two" } }, exhausted: "d" };
  const ways = waysOf(menu, kinds.get("menu"));
  assert.deepEqual(ways.map((way) => [way.path, way.to]), [["choices.1", "b"], ["choices.2", "c"], ["exhausted", "d"], ["error", ""], ["on_silence", ""]]);
  const decide: Fields = { kind: "condition", cases: [{ when: [], to: "x" }], otherwise: "y" };
  assert.deepEqual(waysOf(decide, kinds.get("condition")).map((way) => way.path), ["cases.1.to", "otherwise"]);
});

test("a way is led elsewhere and keeps its label; led nowhere it is gone", () => {
  const node: Fields = { choices: { "2": { to: "c", label: "two" } }, cases: [{ to: "x" }], error: "e" };
  assert.deepEqual(withWay(node, "choices.2", "z")["choices"], { "2": { to: "z", label: "two" } });
  assert.deepEqual(withWay(node, "cases.1.to", "z")["cases"], [{ to: "z" }]);
  assert.equal("error" in withWay(node, "error", ""), false);
});

test("a node that is renamed is found again by whoever leads to it", () => {
  const made = renamed(withPlaces(main, arranged(main, schema)), schema, "welcome", "hello");
  assert.equal(made["start"], "hello");
  assert.ok("hello" in nodesOf(made) && !("welcome" in nodesOf(made)));
  assert.deepEqual(Object.keys(nodesOf(made)).length, Object.keys(nodesOf(main)).length);
});

test("a new node has what it needs and leads nowhere", () => {
  assert.deepEqual(newNode("play", kinds.get("play")), { kind: "play", prompts: [], next: "" });
  assert.equal(freeName({ nodes: { play: {}, play_2: {} } }, "play"), "play_3");
});

test("fields keep their order, and can be emptied", () => {
  assert.deepEqual(Object.keys(withField({ a: 1, b: 2 }, "a", 3)), ["a", "b"]);
  assert.deepEqual(withField({ a: 1 }, "a", undefined), {});
  assert.deepEqual(nodesOf(withoutNode({ nodes: { a: {}, b: {} } }, "a")), { b: {} });
});

test("nodes stand in columns by their distance, unless somebody has put them elsewhere", () => {
  const places = layoutOf({ ...main, layout: { welcome: [5, 6] } }, schema);
  assert.deepEqual(places.get("welcome"), { x: 5, y: 6 });
  assert.equal(places.size, Object.keys(nodesOf(main)).length);
  const spots = new Set([...arranged(main, schema).values()].map((at) => `${at.x},${at.y}`));
  assert.equal(spots.size, places.size);
});

test("arrow keys go to the node that stands nearest there", () => {
  const places = new Map([["a", { x: 0, y: 0 }], ["b", { x: 300, y: 10 }], ["c", { x: 310, y: 400 }]]);
  assert.equal(neighbour(places, "a", "ArrowRight"), "b");
  assert.equal(neighbour(places, "b", "ArrowDown"), "c");
  assert.equal(neighbour(places, "a", "ArrowLeft"), null);
});

test("numbers that would not be kept as they are are known", () => {
  const collect = (lowest: string): Fields => JSON.parse(`{"nodes": {"a": {"cases": [1, {"lowest": ${lowest}}]}}}`);
  assert.deepEqual(["9007199254740991", "0.5", "null", "110101199003071234", "1e400"].map((one) => isRounded(collect(one))), [false, false, false, true, false]);
});

test("no node stands where nobody could scroll to", () => {
  assert.deepEqual(layoutOf({ start: "a", nodes: { a: { kind: "hangup" } }, layout: { a: [-500, 1e9] } }, schema).get("a"), { x: 0, y: 20_000 });
});
