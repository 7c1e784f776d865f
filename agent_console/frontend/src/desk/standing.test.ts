import assert from "node:assert/strict";
import { test } from "node:test";
import { away, isSame, nowhereAway, pauseMs, together, type Place, type Standing } from "./standing.ts";

function house(...standings: Standing[]): Place[] {
  return standings.map((standing, at) => ({ name: `hall-${at + 1}`, standing }));
}

test("of one Asterisk its word is the phone's", () => {
  for (const standing of ["connecting", "registered", "refused", "lost"] as const) {
    assert.equal(together(house(standing)), standing);
    assert.deepEqual(away(house(standing)), nowhereAway);
  }
});

test("registered anywhere is reachable", () => {
  for (const other of ["connecting", "registered", "refused", "lost"] as const) {
    assert.equal(together(house("registered", other)), "registered");
    assert.equal(together(house(other, "registered")), "registered");
  }
});

test("while one may still come there is no alarm", () => {
  assert.equal(together(house("lost", "connecting")), "connecting");
  assert.equal(together(house("refused", "connecting", "lost")), "connecting");
});

test("a refusal is said before a lost line, which mends itself", () => {
  assert.equal(together(house("lost", "refused")), "refused");
  assert.equal(together(house("lost", "lost")), "lost");
});

test("who is away is named while another has the phone", () => {
  assert.deepEqual(away(house("registered", "lost", "refused", "lost")), { lost: ["hall-2", "hall-4"], refused: ["hall-3"] });
  assert.deepEqual(away(house("refused", "registered")), { lost: [], refused: ["hall-1"] });
});

test("who has not come yet is not away", () => {
  assert.deepEqual(away(house("registered", "connecting")), nowhereAway);
});

test("with nobody left the phone itself is lost, and nobody is named", () => {
  assert.deepEqual(away(house("lost", "refused")), nowhereAway);
});

test("the same are away, whoever looked", () => {
  assert.ok(isSame(away(house("registered", "lost")), away(house("registered", "lost"))));
  assert.ok(!isSame(away(house("registered", "lost")), away(house("registered", "refused"))));
  assert.ok(!isSame(away(house("registered", "lost")), nowhereAway));
});

test("each try in vain makes the next one later, up to half a minute", () => {
  const tries = [1, 2, 3, 4, 5, 100].map(pauseMs);
  assert.deepEqual(tries, [5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
});
