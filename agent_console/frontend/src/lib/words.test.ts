import assert from "node:assert/strict";
import { test } from "node:test";
import { fromInput, inputValue } from "./words.ts";

test("a day and a time are read as people type them, the year first", () => {
  for (const typed of ["2026-11-28T10:05", "2026-11-28 10:05", " 2026/11/28, 10:05 ", "2026年11月28日 10:05"]) {
    const found = fromInput(typed);
    assert.equal(found && inputValue(found), "2026-11-28T10:05", typed);
  }
});

test("what is no day and time is none", () => {
  for (const typed of ["", "tomorrow", "2026-11-28", "2026-02-30 10:00", "28/11/2026 10:00", "2026-11-28 25:00"])
    assert.equal(fromInput(typed), null, typed);
});
