// What callers did in a voice menu, as the server counts it, and what follows from the counts. Pure but for the asking.
import { fromInput, inputValue, language, t } from "../lib/words.ts";

export interface NodeFigures {
  node: string;
  callers: number;
  visits: number;
  ways: Record<string, number>;
  hung_up: number;
  errors: number;
  median_s: number;
  wrong: { entered: string; times: number }[];
}

export interface Sheet {
  since: string;
  until: string;
  formula: number;
  calls: number;
  served: number;
  handed_on: number;
  gave_up: number;
  by_error: number;
  containment: number | null;
  nodes: NodeFigures[];
}

export type Period = "today" | "week" | "month" | "span";

// Of whom came to a node, so many hung up there.
export const some = 0.05;
export const many = 0.15;

export function dropOff(figures: NodeFigures): "" | "some" | "many" {
  const share = figures.visits ? figures.hung_up / figures.visits : 0;
  return share >= many ? "many" : share >= some ? "some" : "";
}

// The port of the drawing that a way leaves by; the last word of "cases.2.to" is not told.
export function wayOfPort(port: string): string {
  return port.startsWith("cases.") ? port.replace(/\.to$/, "") : port;
}

export function percent(share: number): string {
  const whole = Math.round(share * 100);
  const text = share > 0 && whole === 0 ? "<1" : share < 1 && whole === 100 ? ">99" : String(whole);
  return language === "zh" ? `${text}%` : `${text} %`;
}

export function counted(count: number): string {
  return new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB").format(count);
}

// From the beginning of a day of the house on, to now or the end of another. Null: no days that one could mean.
export function spanOf(period: Period, from: string, to: string, now: Date): { since: Date; until: Date } | null {
  const today = inputValue(now).slice(0, 10);
  if (period !== "span") {
    const back = { today: 0, week: 6, month: 29 }[period];
    const since = fromInput(`${daysLater(today, -back)} 00:00`);
    return since && { since, until: now };
  }
  const since = fromInput(`${from} 00:00`);
  const until = to ? fromInput(`${daysLater(to, 1)} 00:00`) : now;
  return since && until && since < until ? { since, until } : null;
}

function daysLater(day: string, days: number): string {
  const noon = new Date(`${day}T12:00:00Z`).getTime() + days * 86_400_000;
  return Number.isNaN(noon) ? "" : new Date(noon).toISOString().slice(0, 10);
}

export async function figuresOf(flow: string, version: number, since: Date, until: Date): Promise<Sheet> {
  const query = new URLSearchParams({ ...asked(version, since, until) });
  const response = await fetch(`/api/v1/flows/${flow}/figures?${query}`).catch(() => null);
  if (!response) throw new Error(t("The server does not answer. Try it again."));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.detail ?? answer.detail ?? response.statusText);
  return answer;
}

export function asked(version: number, since: Date | string, until: Date | string): Record<string, string> {
  const span = { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
  return version ? { version: String(version), ...span } : span;
}
