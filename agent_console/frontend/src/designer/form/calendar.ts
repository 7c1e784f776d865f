// Hours of the week, holidays, and the days on which work is made up for.
import { html, type TemplateResult } from "lit-html";
import { icon } from "../../lib/icons.ts";
import { inputValue, t } from "../../lib/words.ts";
import { asDay, asTime, ends, hours, nextFree, span, weekdays } from "../days.ts";
import { asList, asText, rekeyed, replaced, without, withoutKey } from "../lists.ts";
import { type Fields, isFields, type Json } from "../schema.ts";
import { type At, faults, faultsAt, focusSoon, type Ground, hint, idOf, legend, type Piece, settle, typed } from "./at.ts";
import { addButton, removeButton } from "./buttons.ts";

export const usual = "09:00-18:00";

export function dayName(day: string): string {
  const words: Record<string, () => string> = {
    mon: () => t("Monday"), tue: () => t("Tuesday"), wed: () => t("Wednesday"), thu: () => t("Thursday"), fri: () => t("Friday"), sat: () => t("Saturday"), sun: () => t("Sunday"),
  };
  return words[day]?.() ?? day;
}

export function week(at: At<Ground>): Piece {
  const table = isFields(at.value) ? at.value : {};
  const put = (day: string, spans: Json[]) => at.put(spans.length ? inOrder({ ...table, [day]: spans }) : withoutKey(table, day));
  const same = () => at.put(inOrder({ ...table, ...Object.fromEntries(weekdays.slice(1, 5).map((day) => [day, table["mon"] ?? []])) }));
  const like = table["mon"] ? html`<button type="button" class="btn btn-sm btn-ghost" @click=${same}>${icon("copy", "icon-sm")}${t("Tuesday to Friday as Monday")}</button>` : "";
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    ${weekdays.map((day) => html`<div class="flow-day"><span class="flow-day-name">${dayName(day)}</span>${spansOf(at, day, dayName(day), asList(table[day]), (spans) => put(day, spans))}${faults({ ...at, path: `${at.path}.${day}` })}</div>`)}
    ${like}${faults(at, true)}</fieldset>`;
}

function inOrder(table: Fields): Fields {
  return Object.fromEntries(weekdays.filter((day) => table[day] !== undefined).map((day) => [day, table[day] ?? []]));
}

/** From when to when, as often as a day has it; without any it is closed. */
function spansOf(at: At<Ground>, key: string, name: string, spans: Json[], put: (spans: Json[]) => void): TemplateResult {
  const path = `${at.path}.${key}`;
  const add = () => {
    put([...spans, spans.length ? "13:00-18:00" : usual]);
    focusSoon(idOf(`${path}.${spans.length + 1}.from`));
  };
  const set = (index: number, which: number) => (event: Event) => {
    const [text, before] = [typed(event), hours(asText(spans[index]))[which] ?? ""];
    const written = asTime(text, which === 1);
    settle(event, written ?? before);
    if (written === null) return at.designer.refuse(path, t("“%(text)s” is no time of day; written as 09:00.", { text }));
    put(replaced(spans, index, replaced(hours(asText(spans[index])), which, written).join("-")));
  };
  const time = (index: number, which: number, label: string) =>
    html`<input class="form-control num" id=${idOf(`${path}.${index + 1}.${which ? "to" : "from"}`)} aria-label="${name}, ${label}" inputmode="numeric" maxlength="8" autocomplete="off" .value=${hours(asText(spans[index]))[which] ?? ""} @change=${set(index, which)}>`;
  const drop = (index: number) => () => {
    put(without(spans, index));
    focusSoon(`${idOf(path)}-add`);
  };
  return html`<div class="flow-spans">${spans.length ? "" : html`<span class="visually-quiet">${t("closed")}</span>`}
    ${spans.map((_one, index) => html`<span class="flow-span">${time(index, 0, t("from"))}<span aria-hidden="true">–</span>${time(index, 1, t("to"))}${removeButton(`${name}, ${asText(spans[index])}`, drop(index), `${idOf(`${path}.${index + 1}`)}-remove`)}</span>`)}
    <button type="button" class="btn btn-icon btn-ghost" id="${idOf(path)}-add" aria-label=${t("Add hours: %(day)s", { day: name })} title=${t("Add hours: %(day)s", { day: name })} @click=${add}>${icon("plus", "icon-sm")}</button></div>`;
}

// Days that are others -----------------------------------------------------------------------------------------------------

export function holidays(at: At<Ground>): Piece {
  return days(at, t("Add a holiday"), "", (table, key, put) => {
    const set = (event: Event) => put({ ...table, [key]: settle(event, typed(event).trim()) });
    return html`<input class="form-control" aria-label=${t("Name of the holiday")} placeholder=${t("Name of the holiday")} maxlength="60" autocomplete="off" .value=${asText(table[key])} @change=${set}>`;
  });
}

export function worked(at: At<Ground>): Piece {
  return days(at, t("Add a working day"), [usual], (table, key, put) => spansOf(at, key, key, asList(table[key]), (spans) => put(spans.length ? { ...table, [key]: spans } : withoutKey(table, key))));
}

type Rest = (table: Fields, key: string, put: (next: Fields) => void) => TemplateResult;

function days(at: At<Ground>, adding: string, value: Json, rest: Rest): Piece {
  const table = isFields(at.value) ? at.value : {};
  const put = (next: Fields) => at.put(Object.keys(next).length ? next : undefined);
  const add = () => {
    const day = nextFree(table, inputValue(new Date()).slice(0, 10));
    put({ ...table, [day]: value });
    focusSoon(idOf(`${at.path}.${Object.keys(table).length}.first`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    ${Object.keys(table).map((key, index) => dayRow(at, table, key, index, put, rest))}
    ${addButton(adding, add, `${idOf(at.path)}-add`)}${faults(at, true)}</fieldset>`;
}

function dayRow(at: At<Ground>, table: Fields, key: string, index: number, put: (next: Fields) => void, rest: Rest): Piece {
  const [path, [first, last]] = [`${at.path}.${index}`, ends(key)];
  const set = (which: "first" | "last") => (event: Event) => {
    const text = typed(event);
    const day = asDay(text);
    settle(event, which === "first" ? first : last); // until the drawing has it
    if (day === null) return at.designer.refuse(at.path, t("“%(text)s” is no day; written as 2026-10-01.", { text }));
    const [begins, until] = which === "last" ? [first, day] : [day, last < day ? day : moved(first, last, day)];
    const made = rekeyed(table, key, span(begins, until < begins ? begins : until));
    if (made) put(made);
    else at.designer.refuse(at.path, t("There is “%(name)s” already.", { name: span(begins, until) }));
  };
  const entry: At<Ground> = { ...at, path: `${at.path}.${key}` };
  return html`<div class="flow-days">${dayInput(`${path}.first`, t("First day"), first, set("first"))}<span aria-hidden="true">–</span>${dayInput(`${path}.last`, t("Last day"), last, set("last"))}
    ${removeButton(key, () => put(withoutKey(table, key)), `${idOf(path)}-remove`)}
    <div class="flow-days-rest">${rest(table, key, put)}</div>${beside(entry, key)}</div>`;
}

/** A single day stays one when it is moved; of several the last stays where it is. */
function moved(first: string, last: string, day: string): string {
  return first === last ? day : last;
}

/** What is said of days is said of their calendar, by their name. */
function beside(entry: At<Ground>, key: string): Piece {
  const above = entry.path.slice(0, -key.length - 1).split(".").slice(0, -1).join(".");
  const other: At<Ground> = { ...entry, path: `${above}.${key}` };
  return faultsAt(entry).length ? faults(entry) : faults(other);
}

function dayInput(path: string, label: string, day: string, set: (event: Event) => void): TemplateResult {
  return html`<span class="moment" data-moment="date"><input class="form-control num" type="text" id=${idOf(path)} aria-label=${label} inputmode="numeric" autocomplete="off" maxlength="30" .value=${day} @change=${set}><button type="button" class="btn btn-icon btn-ghost moment-pick" tabindex="-1" aria-label=${t("Choose in a calendar")} title=${t("Choose in a calendar")}>${icon("calendar", "icon-sm")}</button><input type="date" class="moment-native" tabindex="-1" aria-hidden="true"></span>`;
}

