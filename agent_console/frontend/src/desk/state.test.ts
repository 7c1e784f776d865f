import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Hello } from "../lib/protocol.ts";
import { close, currentCase, empty, left, open, reduce, type Model } from "./state.ts";

function aCase(call: string, phase: Case["phase"]): Case {
  return {
    call, phase, since: "2026-01-05T09:00:00Z", ani: "", ani_name: "", shown: {}, dnis: "", offer: null, queue: null, language: "",
    intent: "", because: null, path: [], arrived_at: null, offered_at: null, connected_at: null, ended_at: null, why_missed: "", unreached: "", taken_by: null,
    by_safety_queue: false, direction: "inbound", colleague: null, about: null, rings_for: "call", sent_by: null, callback: null, advice: false, transfer: null,
    notes: [], pop: null, draft: null,
  };
}

function hello(cases: Case[], known = true): Hello {
  return {
    t: "hello", at: "2026-01-05T09:00:00Z", zone: "UTC", me: { id: "u", login: "u", names: {}, role: "agent", extension: "1001", directs: false, monitors: false, not_mine: [] },
    vocabulary: { queues: {}, skills: {}, dids: {}, agents: {}, departments: {}, wrap_up_s: {}, wrap_up: {}, service_level_s: {}, service_level_percent: {} }, links: {}, demo: false, phone: null,
    agent: known ? { state: "ready", since: "2026-01-05T09:00:00Z", reason: "", call: null, reachable: true, wrap_up_until: null } : null, cases, work: null, dispositions: [], control: null, ticket_ask: null, version: 1,
  };
}

function after(...steps: [string, Case["phase"]][]): Model {
  return steps.reduce((model, [call, phase]) => reduce(model, { t: "case", case: aCase(call, phase) }), empty);
}

test("the first call opens its tab", () => {
  assert.equal(after(["a", "offered"]).active, "a");
});

test("a second call never takes the place of the first", () => {
  const model = after(["a", "wrap_up"], ["b", "offered"]);
  assert.equal(model.active, "a");
  assert.deepEqual(model.cases.map((one) => one.call), ["a", "b"]);
  assert.equal(currentCase(model)?.call, "b");
});

test("a new call does take the place of a finished one", () => {
  assert.equal(after(["a", "done"], ["b", "offered"]).active, "b");
});

test("not while somebody types in the finished one", () => {
  const model = after(["a", "done"]);
  assert.equal(reduce(model, { t: "case", case: aCase("b", "offered") }, true).active, "a");
});

test("the call I am making is what the bar is about, unless one is at the ear or rings", () => {
  assert.equal(currentCase(after(["a", "wrap_up"], ["b", "dialling"]))?.call, "b");
  assert.equal(currentCase(after(["b", "far_ringing"], ["c", "ringing"]))?.call, "c");
  assert.equal(currentCase(after(["b", "far_ringing"], ["c", "held"]))?.call, "c");
});

test("a reload stands on the call at the ear", () => {
  const model = reduce(empty, hello([aCase("a", "wrap_up"), aCase("b", "talking")]));
  assert.equal(model.active, "b");
});

test("what ended while the line was away is over", () => {
  const model = reduce(after(["a", "talking"], ["b", "ringing"]), hello([]));
  assert.deepEqual(model.cases.map((one) => one.phase), ["done", "missed"]);
});

test("a server that knows nothing yet ends nothing", () => {
  const model = reduce(after(["a", "talking"]), hello([], false));
  assert.deepEqual(model.cases.map((one) => one.phase), ["talking"]);
});

test("only what is over can be closed, and the neighbour takes the place", () => {
  const model = after(["a", "talking"], ["b", "done"]);
  assert.equal(close(model, "a"), model);
  const closed = close(open(model, "b"), "b");
  assert.deepEqual(closed.cases.map((one) => one.call), ["a"]);
  assert.equal(closed.active, "a");
});

test("finished tabs do not pile up", () => {
  const model = after(...Array.from({ length: 12 }, (_, index): [string, Case["phase"]] => [`c${index}`, "done"]));
  assert.ok(model.cases.length <= 6);
});

test("whoever is logged out keeps nothing but the call at his ear", () => {
  const model = after(["a", "wrap_up"], ["b", "talking"], ["c", "offered"]);
  assert.deepEqual(left(model, true).cases.map((one) => one.call), ["b"]);
  assert.equal(left(model, true).active, "b");
  assert.deepEqual(left(model, false).cases, []);
  assert.equal(left(reduce(model, hello([])), false).active, null);
  assert.equal(left(reduce(model, hello([])), false).agent, null);
});

test("which ticket I am asked to take is as it was said last", () => {
  const ask = {
    ticket: "tkt_1", number: "T-1", subject: "x", description: "", priority: "high", customer: {}, queue: "repair", since: "2026-01-05T09:00:00Z", until: "2026-01-05T09:01:30Z",
    because: { rule: "only_one", skills: [], waited_s: 0, idle_s: 0, candidates: 1, excluded: [], preferred: [], steps: [], tie: null },
  };
  const asked = reduce(empty, { t: "ticket_ask", ask });
  assert.equal(asked.ticketAsk, ask);
  assert.equal(reduce(asked, { t: "ticket_ask", ask: null }).ticketAsk, null);
  assert.equal(reduce(asked, hello([])).ticketAsk, null, "a fresh picture holds");
  assert.equal(left(asked, false).ticketAsk, null);
});
