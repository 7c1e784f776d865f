import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Wish } from "./protocol.ts";
import { Why } from "./why.ts";

function asked() {
  const wishes: Wish[] = [];
  const answers: ((answer: Partial<Answer>) => void)[] = [];
  let painted = 0;
  const why = new Why(
    (wish) => {
      wishes.push(wish);
      return new Promise((resolve) => answers.push((answer) => resolve({ t: "answer", id: "", ok: true, code: "", sentence: "", field: "", value: null, ...answer })));
    },
    () => (painted += 1),
  );
  return { why, wishes, answers, painted: () => painted };
}

const wish: Wish = { do: "why_no_calls", agent: "usr_1" };

test("asks when it is opened, and shows what was answered", async () => {
  const { why, wishes, answers } = asked();
  why.toggle("usr_1", wish);
  assert.deepEqual(why.lines("usr_1"), []);
  answers[0]!({ value: { lines: ["Nobody is waiting."] } });
  await new Promise(setImmediate);
  assert.deepEqual(why.lines("usr_1"), ["Nobody is waiting."]);
  assert.equal(why.lines("usr_2"), null);
  assert.equal(wishes.length, 1);
});

test("a second press closes it, and a late answer opens nothing", async () => {
  const { why, answers } = asked();
  why.toggle("usr_1", wish);
  why.toggle("usr_1", wish);
  answers[0]!({ value: { lines: ["too late"] } });
  await new Promise(setImmediate);
  assert.equal(why.lines("usr_1"), null);
});

test("what was refused is said", async () => {
  const { why, answers } = asked();
  why.toggle("call-1", { do: "why_waiting", call: "call-1" });
  answers[0]!({ ok: false, sentence: "This caller is not waiting any more." });
  await new Promise(setImmediate);
  assert.deepEqual(why.lines("call-1"), ["This caller is not waiting any more."]);
});

test("what has changed meanwhile is asked again, one question after the other, and the old words stay until then", async () => {
  const { why, wishes, answers } = asked();
  why.refresh();
  assert.equal(wishes.length, 0);
  why.toggle("usr_1", wish);
  why.refresh();
  why.refresh();
  assert.equal(wishes.length, 1);
  answers[0]!({ value: { lines: ["On a call at the moment."] } });
  await new Promise(setImmediate);
  assert.deepEqual(why.lines("usr_1"), ["On a call at the moment."]);
  assert.equal(wishes.length, 2);
  answers[1]!({ value: { lines: ["Nobody is waiting."] } });
  await new Promise(setImmediate);
  assert.deepEqual(why.lines("usr_1"), ["Nobody is waiting."]);
  why.close();
  why.refresh();
  assert.equal(wishes.length, 2);
});

test("of whom nobody knows any more nothing is asked", async () => {
  const { why, wishes, answers } = asked();
  why.toggle("call-1", { do: "why_waiting", call: "call-1" });
  answers[0]!({ ok: false, sentence: "This caller is not waiting any more." });
  await new Promise(setImmediate);
  why.refresh();
  assert.equal(wishes.length, 1);
});
