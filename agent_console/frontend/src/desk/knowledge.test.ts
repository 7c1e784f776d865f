import assert from "node:assert/strict";
import { test } from "node:test";
import { Knowledge, sideOf } from "./knowledge.ts";

const article = (title: string) => ({ number: "K-0001", category: "", sides: { zh: { title, body: "先拔电源。" } } });

test("an article is read in the reader's language, else in the other one", () => {
  assert.equal(sideOf(article("重启"), "en").language, "zh");
  const both = { ...article("重启"), sides: { zh: { title: "重启", body: "" }, en: { title: "Reset", body: "" } } };
  assert.equal(sideOf(both, "en").title, "Reset");
});

test("what was typed last is shown, whichever answer comes first", async () => {
  const asked: { path: string; answer: (title: string) => void }[] = [];
  globalThis.fetch = ((path: string) =>
    new Promise((resolve) => asked.push({ path, answer: (title) => resolve(new Response(JSON.stringify({ items: [article(title)] }))) }))) as typeof fetch;
  const knowledge = new Knowledge(() => {});
  knowledge.text = "路由";
  const first = knowledge.look();
  knowledge.text = "路由器";
  const second = knowledge.look();
  asked[1]?.answer("late word");
  await second;
  asked[0]?.answer("early word");
  await first;
  assert.equal(knowledge.found[0]?.sides["zh"]?.title, "late word");
  assert.ok(asked[1]?.path.endsWith(encodeURIComponent("路由器")));
});

test("a server that does not answer is told", async () => {
  globalThis.fetch = (() => Promise.reject(new Error("away"))) as typeof fetch;
  const knowledge = new Knowledge(() => {});
  knowledge.text = "x";
  await knowledge.look();
  assert.equal(knowledge.state, "lost");
});
