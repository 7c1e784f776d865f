// A voice menu talked through in the browser: what was done so far is sent with every key, and gone through by the server
// from the beginning with the menu as it is now. Nothing is kept anywhere, and nothing is really done.
import { t } from "../lib/words.ts";
import type { Finding } from "./designer.ts";
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

const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";

export function rehearsed(flow: string, what: { document: Fields } | { version: number }, who: Who, deeds: readonly string[]): Promise<Rehearsed> {
  return ask(`/flows/${flow}/rehearsal`, { ...what, ...who, deeds });
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

async function ask<T>(path: string, body?: object): Promise<T> {
  const post = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf } };
  const response = await fetch(`/api/v1${path}`, post).catch(() => null);
  if (!response) throw new Error(t("The server does not answer. Try it again."));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.detail ?? answer.detail ?? response.statusText);
  return answer;
}
