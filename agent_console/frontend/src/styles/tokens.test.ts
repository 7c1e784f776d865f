// Every text colour can be read on every surface it stands on, in light and in dark (WCAG AA).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const tokens = new Map([...css.matchAll(/--cw-([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name as string, (value as string).trim()]));

function colour(name: string, dark: boolean): string {
  const value = tokens.get(name) ?? name;
  const pair = /^light-dark\(([^,]+),\s*([^)]+)\)$/.exec(value);
  if (pair) return (dark ? pair[2] : pair[1]) as string;
  const other = /^var\(--cw-([\w-]+)\)$/.exec(value);
  return other ? colour(other[1] as string, dark) : value;
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ["bg", "surface", "surface-2", "hover"];
const pairs: [text: string, on: string][] = [
  ...["text", "text-2", "accent", "danger", "warn", "ok", "wrap", "paused", "offline"].flatMap((text) =>
    surfaces.map((on): [string, string] => [text, on]),
  ),
  ["ok", "ok-soft"], ["accent", "accent-soft"], ["warn", "warn-soft"], ["danger", "danger-soft"], ["wrap", "wrap-soft"], ["paused", "paused-soft"],
  ["offline", "paused-soft"], ["text", "accent-soft"], ["text-2", "accent-soft"], ["text", "warn-soft"], ["text-2", "warn-soft"],
  ["text", "danger-soft"], ["#ffffff", "accent-fill"], ["#ffffff", "ok-fill"], ["#ffffff", "danger-fill"],
];

for (const dark of [false, true])
  for (const [text, on] of pairs)
    test(`${text} on ${on}, ${dark ? "dark" : "light"}`, () => {
      const found = contrast(colour(text, dark), colour(on, dark));
      assert.ok(found >= 4.5, `${found.toFixed(2)} : 1`);
    });
