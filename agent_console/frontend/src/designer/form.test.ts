import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asDay, asTime, nextFree, span, ends } from "./days.ts";
import { calendarsFor, freePlace, newNode, nodesOf, renamedCalendar, wide } from "./document.ts";
import { History } from "./history.ts";
import { freeKey, moved, rekeyed, replaced, without } from "./lists.ts";
import { blank, entryOf, type FieldKind, type Fields, fieldsOf, kindOf, kindsOf, type Schema } from "./schema.ts";
import { givenByNode, valuesAt } from "./values.ts";

const schema: Schema = JSON.parse(readFileSync("../../ivr/flow/schema.json", "utf8"));
const main: Fields = JSON.parse(readFileSync("../../ivr/flows/main.json", "utf8"));
const kinds = kindsOf(schema);

function kindsWithin(one: Schema): FieldKind[] {
  const inner = [...fieldsOf(one).map((field) => field.schema), ...(one.items ? [one.items] : []), ...(one.anyOf ?? []).filter((form) => form.properties)];
  const entry = typeof one.additionalProperties === "object" ? [entryOf(one)] : [];
  return [kindOf(one), ...(kindOf(one) === "way" ? [] : [...inner, ...entry].flatMap(kindsWithin))];
}

test("no field of any node, however deep, is without a form", () => {
  for (const [kind, form] of kinds)
    for (const field of fieldsOf(form)) assert.ok(!kindsWithin(field.schema).includes("unknown"), `${kind}.${field.name}`);
  for (const field of fieldsOf(schema)) assert.ok(!kindsWithin(field.schema).includes("unknown"), field.name);
});

test("what a field is edited with follows from its schema", () => {
  const kind = (node: string, field: string) => fieldsOf(kinds.get(node)).find((one) => one.name === field)?.kind;
  const found = [kind("condition", "cases"), kind("say", "parts"), kind("queue", "skills"), kind("queue", "queue"), kind("http", "send"), kind("set", "values"), kind("collect", "into"), kind("collect", "terminator"), kind("look_up", "by"), kind("offer_callback", "calendar"), kind("sub_flow", "flow"), kind("menu", "prompts"), kind("collect", "confirm")];
  assert.deepEqual(found, ["rows", "rows", "levels", "queue", "pairs", "pairs", "given", "key", "value", "calendar", "menu", "rows", "group"]);
  const calendar = fieldsOf(entryOf(schema.properties?.["calendars"] ?? {})).map((one) => one.kind);
  assert.deepEqual(calendar, ["week", "holidays", "worked"]);
});

test("a new node has a first row wherever rows are needed", () => {
  assert.deepEqual(newNode("condition", kinds.get("condition")), {
    kind: "condition",
    cases: [{ when: [{ value: "", is: "equals", this: [""] }], to: "" }],
    otherwise: "",
  });
  assert.deepEqual(newNode("say", kinds.get("say")), { kind: "say", parts: [""], next: "" });
  assert.deepEqual(blank(fieldsOf(kinds.get("menu")).find((one) => one.name === "choices")?.schema ?? {}), { "1": "" });
});

test("rows are moved, replaced and taken away", () => {
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(without(["a", "b"], 0), ["b"]);
  assert.deepEqual(replaced(["a", "b"], 1, "x"), ["a", "x"]);
});

test("an entry keeps its place under its new name, and no two have the same", () => {
  assert.deepEqual(Object.entries(rekeyed({ a: 1, b: 2 }, "a", "z") ?? {}), [["z", 1], ["b", 2]]);
  assert.equal(rekeyed({ a: 1, b: 2 }, "a", "b"), null);
  assert.equal(freeKey({ value: 1, value_2: 2 }, "value"), "value_3");
});

test("times and days are understood as people type them", () => {
  assert.deepEqual(["9", "930", "9：30", "18.15", "24", "0", "25", "noon", "9:75"].map((one) => asTime(one, true)), ["09:00", "09:30", "09:30", "18:15", "24:00", "24:00", null, null, null]);
  assert.deepEqual([asTime("0", false), asTime("24", false)], ["00:00", null]);
  assert.deepEqual(["2026-10-1", "2026/10/01", "20261001", "2026年10月1日", "2026-02-30", "1 Oct"].map(asDay), ["2026-10-01", "2026-10-01", "2026-10-01", "2026-10-01", null, null]);
});

test("a stretch of days is one of them when both ends are the same, and the next one follows the latest", () => {
  assert.deepEqual([span("2026-10-01", "2026-10-01"), span("2026-10-01", "2026-10-07")], ["2026-10-01", "2026-10-01/2026-10-07"]);
  assert.deepEqual([ends("2026-10-01"), ends("2026-10-01/2026-10-07")], [["2026-10-01", "2026-10-01"], ["2026-10-01", "2026-10-07"]]);
  assert.equal(nextFree({ "2026-12-30/2026-12-31": "" }, "2026-11-28"), "2027-01-01");
  assert.equal(nextFree({ "2026-10-01": "" }, "2026-11-28"), "2026-11-28");
});

test("a value is known where a caller may have come through what gives it", () => {
  const at = valuesAt(main, schema, "ticket");
  assert.ok(["ani", "language", "ticket", "reopens"].every((name) => at.here.includes(name)), at.here.join());
  const early = valuesAt(main, schema, "language");
  assert.deepEqual(early.here, ["language", "ani", "dnis"]);
  assert.ok(early.elsewhere.includes("ticket_status"));
});

test("values are found in tables, and those a kind of node gives by itself", () => {
  const nodes: Fields = {
    a: { kind: "http", take: { state: "x", price: "y" }, url: "https://x/", method: "get", answered: "b", refused: "b" },
    b: { kind: "look_up", found: "c", several: "c", unknown: "c" },
    c: { kind: "collect", into: "number", prompts: [], longest: 1, next: "c", exhausted: "c" },
    d: { kind: "order_progress", number: "number", told: "c", unknown: "c" },
  };
  const given = givenByNode({ nodes }, schema);
  assert.deepEqual(given.get("a"), ["state", "price"]);
  assert.ok(given.get("b")?.includes("customer_name"));
  assert.deepEqual(given.get("c"), ["number"]);
  assert.deepEqual(given.get("d"), ["order_kind", "order_state", "order_expected"]);
});

// The hotline opens by a calendar of the house; this menu has one of its own.
const own: Fields = { ...main, calendars: { house: { week: {} } }, nodes: { ...nodesOf(main), hours: { ...nodesOf(main)["hours"], calendar: "house" } } };

test("a calendar that is called otherwise is found again by the nodes that look at it", () => {
  const made = renamedCalendar(own, schema, "house", "office");
  assert.ok("office" in (made["calendars"] as Fields));
  assert.equal(nodesOf(made)["hours"]?.["calendar"], "office");
});

test("a new node stands right of the one it follows, below what is there", () => {
  const places = new Map([["a", { x: 24, y: 24 }], ["b", { x: 24 + wide + 90, y: 24 }]]);
  assert.deepEqual(freePlace(places, "a"), { x: 24 + wide + 90, y: 144 });
});

test("changes are taken back and done again, and a change of two steps is one", () => {
  const history = new History<number>();
  history.leave(1);
  assert.equal(history.undo(2), 1);
  assert.equal(history.redo(1), 2);
  history.leave(2); // 2 -> 3 -> 4, where 3 is a step of the way
  history.leave(3);
  history.replaceLast(2);
  assert.equal(history.undo(4), 2);
});

test("a node opens by the menu's own calendars, or by the house's that none of them stands before", () => {
  const house = { house: "Head office", london: "London" };
  assert.deepEqual(calendarsFor(own, house), { own: ["house"], shared: [["london", "London"]] });
  assert.deepEqual(calendarsFor({}, house), { own: [], shared: [["house", "Head office"], ["london", "London"]] });
});
