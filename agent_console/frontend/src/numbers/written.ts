// Opening hours as the form of a number sends them, a day a line, and as the calendar's form has them. Pure.
import { asList, asText } from "../designer/lists.ts";
import { weekdays } from "../designer/days.ts";
import { type Fields, isFields } from "../designer/schema.ts";

export interface Hours {
  week: Fields;
  holidays: Fields;
  working_days: Fields;
}

const chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const day = /^\d{4}-\d\d-\d\d(?:\/\d{4}-\d\d-\d\d)?$/;
const time = /^\d\d:\d\d-\d\d:\d\d$/;

/** Null: something in it is no such line, and whoever wrote it has to see it as it is. */
export function read(text: string): Hours | null {
  const hours: Hours = { week: {}, holidays: {}, working_days: {} };
  for (const line of text.split("\n").filter((one) => one.trim())) {
    const [first = "", ...rest] = line.replaceAll("：", ":").split(/[\s,，;；、]+/).filter(Boolean);
    const weekday = weekdays.find((one, index) => one === first.toLowerCase() || chinese[index] === first);
    const spans = rest.every((one) => time.test(one));
    if (weekday && spans) add(hours.week, weekday, rest);
    else if (day.test(first) && rest.length && spans) add(hours.working_days, first, rest);
    else if (day.test(first) && !/^\d/.test(rest[0] ?? "")) hours.holidays[first] = rest.join(" ");
    else return null;
  }
  return hours;
}

function add(table: Fields, name: string, spans: string[]): void {
  table[name] = [...asList(table[name]), ...spans];
}

export function written(hours: Hours): string {
  const spans = (table: Fields) => Object.entries(table).map(([name, list]) => [name, ...asList(list).map(asText)].join(" "));
  const holidays = Object.entries(hours.holidays).map(([name, said]) => `${name} ${asText(said)}`.trim());
  return [...spans(hours.week), ...holidays, ...spans(hours.working_days)].join("\n");
}

export function isEmpty(hours: Hours): boolean {
  return Object.values(hours).every((one) => isFields(one) && !Object.keys(one).length);
}
