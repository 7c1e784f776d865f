// Rows and tables in a form: one more, one less, one further up, one called otherwise. Pure.
import type { Fields, Json } from "./schema.ts";

export function replaced<T>(list: readonly T[], at: number, value: T): T[] {
  return list.map((one, index) => (index === at ? value : one));
}

export function without<T>(list: readonly T[], at: number): T[] {
  return list.filter((_one, index) => index !== at);
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = without(list, from);
  const one = list[from];
  return one === undefined ? rest : [...rest.slice(0, to), one, ...rest.slice(to)];
}

export function withoutKey(table: Fields, key: string): Fields {
  return Object.fromEntries(Object.entries(table).filter(([one]) => one !== key));
}

/** The same entry under another name, where it stood; nothing when another one is called so. */
export function rekeyed(table: Fields, old: string, key: string): Fields | null {
  if (key !== old && Object.hasOwn(table, key)) return null;
  return Object.fromEntries(Object.entries(table).map(([one, value]) => [one === old ? key : one, value]));
}

export function freeKey(table: Fields, wanted: string): string {
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? wanted : `${wanted}_${number}`;
    if (!Object.hasOwn(table, key)) return key;
  }
}

export function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: Json | undefined): string {
  return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
