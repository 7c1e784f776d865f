import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "./ids.ts";

test("ids are unlike, of one length, and need no secure page", () => {
  const randomUUID = Object.getOwnPropertyDescriptor(Crypto.prototype, "randomUUID");
  Reflect.deleteProperty(Crypto.prototype, "randomUUID");
  try {
    const made = Array.from({ length: 1000 }, newId);
    assert.equal(new Set(made).size, 1000);
    assert.ok(made.every((id) => /^[0-9a-f]{32}$/.test(id)));
  } finally {
    if (randomUUID) Object.defineProperty(Crypto.prototype, "randomUUID", randomUUID);
  }
});
