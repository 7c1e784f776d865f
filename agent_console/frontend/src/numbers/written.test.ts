import assert from "node:assert/strict";
import { test } from "node:test";
import { isEmpty, read, written } from "./written.ts";

test("hours come out as they went in", () => {
  const text = "mon 09:00-12:00 13:00-18:00\n2026-10-01/2026-10-07 National Day\n2026-10-10 09:00-18:00";
  const hours = read(text);
  assert.deepEqual(hours, {
    week: { mon: ["09:00-12:00", "13:00-18:00"] },
    holidays: { "2026-10-01/2026-10-07": "National Day" },
    working_days: { "2026-10-10": ["09:00-18:00"] },
  });
  assert.equal(hours && written(hours), text);
});

test("a day is known by its Chinese name, and one on two lines is open at both", () => {
  assert.deepEqual(read("周一 09:00-12:00，13:00-18:00\n周一 19:00-20:00\n2026-10-01 国庆节")?.week, { mon: ["09:00-12:00", "13:00-18:00", "19:00-20:00"] });
  assert.deepEqual(read("\n \n"), { week: {}, holidays: {}, working_days: {} });
  assert.ok(isEmpty({ week: {}, holidays: {}, working_days: {} }));
});

test("what is no such line is left as it was written", () => {
  for (const text of ["someday 09:00-18:00", "mon at nine", "2026-10-01 9-18", "1.10.2026 x"]) assert.equal(read(text), null, text);
});
