// A voice menu talked through in the browser: what was done so far is sent with every key, and gone through by the server
// from the beginning with the menu as it is now. Nothing is kept anywhere, and nothing is really done.
import { ask } from "./api.ts";
import type { Finding } from "./draft.ts";
import type { Fields } from "./schema.ts";

export interface Line {
  kind: "node" | "heard" | "done" | "house" | "told" | "end";
  text: string;
  language: string | null;
  flow: string;
  node: string;
  drawn: string;
}

export interface Rehearsed {
  findings: Finding[];
  at: string;
  lines: Line[];
  used: number;
  waits: "key" | "outcome" | "";
  outcomes: { deed: string; text: string }[];
}

export interface Who {
  caller: string;
  dialled: string;
  at: string | null; // null: now
}

export interface Version {
  number: number;
}

export interface Person {
  id: string;
  name: string;
}

export function rehearsed(flow: string, what: { document: Fields } | { version: number }, who: Who, deeds: readonly string[]): Promise<Rehearsed> {
  return ask(`/flows/${flow}/rehearsal`, "POST", { ...what, ...who, deeds });
}

export async function versionsOf(flow: string): Promise<{ versions: Version[]; published: number }> {
  const [versions, menus] = await Promise.all([
    ask<{ items: Version[] }>(`/flows/${flow}/versions`),
    ask<{ items: { name: string; published: number }[] }>("/flows"),
  ]);
  return { versions: versions.items, published: menus.items.find((one) => one.name === flow)?.published ?? 0 };
}

export async function documentOf(flow: string, version: number): Promise<Fields> {
  return (await ask<{ document: Fields }>(`/flows/${flow}/versions/${version}`)).document;
}

export async function people(text: string): Promise<Person[]> {
  return (await ask<{ items: Person[] }>(`/customers?${new URLSearchParams({ q: text, limit: "6" })}`)).items;
}

// The number by which he is known for certain, if there is one.
export async function numberOf(person: string): Promise<string> {
  const { numbers } = await ask<{ numbers: { number: { dialable: string }; confirmed: boolean }[] }>(`/customers/${person}`);
  return (numbers.find((one) => one.confirmed) ?? numbers[0])?.number.dialable ?? "";
}
