// Days and hours as people type them, and as a calendar of a menu keeps them. Pure.
import type { Fields } from "./schema.ts";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** "9", "930", "9：30" -> "09:30"; midnight at the end of a day is 24:00. Null: no time of a day. */
export function asTime(typed: string, ends: boolean): string | null {
  const [, hour, minute = "00"] = /^\s*(\d{1,2})(?:\s*[:：.]?\s*([0-5]\d))?\s*$/.exec(typed) ?? [];
  if (hour === undefined || Number(hour) > 24 || (Number(hour) === 24 && (minute !== "00" || !ends))) return null;
  const time = `${hour.padStart(2, "0")}:${minute}`;
  return ends && time === "00:00" ? "24:00" : time;
}

/** 2026-10-1, 2026/10/01, 20261001 and 2026年10月1日 are 2026-10-01. Null: there is no such day. */
export function asDay(typed: string): string | null {
  const text = typed.trim();
  const [, year = "", month = "", day = ""] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? /^(\d{4})\D(\d{1,2})\D(\d{1,2})\D?$/.exec(text) ?? [];
  const found = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = new Date(`${found}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== found ? null : found;
}

export function dayAfter(day: string): string {
  return new Date(new Date(`${day}T00:00:00Z`).getTime() + 86_400_000).toISOString().slice(0, 10);
}

/** "2026-10-01/2026-10-07" has a first and a last day; one day alone is both. */
export function ends(days: string): [first: string, last: string] {
  const [first = "", last = first] = days.split("/");
  return [first, last];
}

export function span(first: string, last: string): string {
  return first === last ? first : `${first}/${last}`;
}

export function hours(span: string): [begins: string, ends: string] {
  const [begins = "", until = ""] = span.split("-");
  return [begins, until];
}

/** The day after the latest one that stands in a table of days, but not before today. */
export function nextFree(table: Fields, today: string): string {
  const latest = Object.keys(table).map((one) => ends(one)[1]).sort().at(-1);
  return latest && latest >= today ? dayAfter(latest) : today;
}
