// Forms with rows: one more, one less, one further up, all of it by keyboard as well.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../lib/icons.ts";
import { t } from "../../lib/words.ts";
import { asList, asText, freeKey, moved, rekeyed, replaced, without, withoutKey } from "../lists.ts";
import { fieldName } from "../names.ts";
import { blank, entryOf, type Fields, isFields, type Json, kindOf, type Schema } from "../schema.ts";
import { type At, faults, fieldsWithin, focusSoon, hint, idOf, inner, legend, type Piece, settle, typed, wrong } from "./at.ts";
import { addButton, removeButton } from "./buttons.ts";
import { control } from "./fields.ts";
import { asName, select } from "./simple.ts";

const large = new Set(["group", "comparison", "either"]); // a card each

// Lists ----------------------------------------------------------------------------------------------------------------

export function rows(at: At): Piece {
  const list = asList(at.value);
  const item: Schema = at.schema.items ?? {};
  const put = (next: Json[]) => at.put(next.length || at.required ? next : undefined);
  const add = () => {
    put([...list, blank(item)]);
    focusSoon(idOf(`${at.path}.${list.length + 1}`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    <ol class="flow-rows">${list.map((one, index) => row(at, item, list, one, index, put))}</ol>
    ${addButton(adding(at), add, `${idOf(at.path)}-add`)}${faults(at, true)}</fieldset>`;
}

function row(at: At, item: Schema, list: Json[], one: Json, index: number, put: (next: Json[]) => void): Piece {
  const entry = inner(at, String(index + 1), item, one, (next) => put(replaced(list, index, next ?? "")), numbered(at, index));
  const big = large.has(entry.kind);
  return html`<li class="flow-row${big ? " is-large" : ""}" id=${big ? idOf(entry.path) : nothing} tabindex=${big ? "-1" : nothing}>
    ${big ? html`<span class="flow-row-name">${entry.label}</span>` : nothing}
    <div class="flow-row-body">${control(entry)}${big && entry.kind !== "either" ? nothing : faults(entry)}</div>
    <div class="flow-row-tools">${tools(at, list, index, put)}</div></li>`;
}

function numbered(at: At, index: number): string {
  const number = index + 1;
  return single[at.name]?.(number) ?? t("%(name)s, row %(number)s", { name: at.label, number });
}

const single: Record<string, (number: number) => string> = {
  cases: (number) => t("Case %(number)s", { number }),
  when: (number) => t("Condition %(number)s", { number }),
  parts: (number) => t("Part %(number)s", { number }),
};

function tools(at: At, list: Json[], index: number, put: (next: Json[]) => void): Piece {
  const id = (tool: string, row: number) => `${idOf(`${at.path}.${row + 1}`)}-${tool}`;
  const name = numbered(at, index);
  const move = (to: number, tool: string) => {
    put(moved(list, index, to));
    const edge = to === 0 ? "down" : to === list.length - 1 ? "up" : tool; // at the edge a button goes out of use
    focusSoon(id(edge, to));
  };
  const remove = () => {
    put(without(list, index));
    focusSoon(list.length > 1 ? id("remove", Math.min(index, list.length - 2)) : `${idOf(at.path)}-add`);
  };
  const mover = (tool: "up" | "down", to: number, said: string, drawn: TemplateResult) =>
    html`<button type="button" class="btn btn-icon btn-ghost" id=${id(tool, index)} ?disabled=${to < 0 || to >= list.length} aria-label=${said} title=${said} @click=${() => move(to, tool)}>${drawn}</button>`;
  const both = html`${mover("up", index - 1, t("Move up: %(name)s", { name }), icon("arrow-up", "icon-sm"))}${mover("down", index + 1, t("Move down: %(name)s", { name }), icon("arrow-down", "icon-sm"))}`;
  return html`${list.length > 1 ? both : nothing}${removeButton(name, remove, id("remove", index))}`;
}

const words: Record<string, () => string> = {
  cases: () => t("Add a case"),
  when: () => t("Add a condition"),
  parts: () => t("Add a part"),
  this: () => t("Or another one"),
  values: () => t("Add a value"),
  prompts: () => t("Add a prompt"),
};

function adding(at: At): string {
  const kind = at.schema.items?.["x-prompt"] ? "prompts" : at.name;
  return (words[kind] ?? (() => t("Add a row")))();
}

// One of two forms: a prompt, or a value and how it is said ---------------------------------------------------------------

export function either(at: At): Piece {
  const forms = at.schema.anyOf ?? [];
  const chosen = Math.max(0, forms.findIndex((form) => isFields(at.value) === Boolean(form.properties)));
  const form: Schema = forms[chosen] ?? {};
  const which = { ...at, path: `${at.path}.which`, label: t("What is said") };
  const options = forms.map((one, index) => ({ value: String(index), word: one.properties ? t("A value of the call") : one["x-prompt"] ? t("A prompt") : t("A text") }));
  const drawn = { ...at, path: `${at.path}.it`, schema: form, kind: kindOf(form) };
  return html`<div class="flow-either">${select(which, options, String(chosen), (next) => at.put(blank(forms[Number(next)] ?? {})), null)}
    ${form.properties ? html`<div class="flow-both">${fieldsWithin({ ...at, schema: form }).map(control)}</div>` : control(drawn)}</div>`;
}

// Keys of the telephone, and where each leads ----------------------------------------------------------------------------

export function choices(at: At): Piece {
  const table = isFields(at.value) ? at.value : {};
  const free = [..."1234567890*#"].filter((key) => !(key in table));
  const add = () => {
    at.put({ ...table, [free[0] ?? ""]: "" });
    focusSoon(idOf(`${at.path}.${free[0]}`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    ${Object.keys(table).map((key) => choiceRow(at, table, key, free))}
    ${free.length ? addButton(t("Key %(key)s", { key: free[0] ?? "" }), add, `${idOf(at.path)}-add`) : nothing}${faults(at, true)}</fieldset>`;
}

function choiceRow(at: At, table: Fields, key: string, free: readonly string[]): Piece {
  const to = table[key];
  const put = (next: Json | undefined) => at.put({ ...table, [key]: next ?? "" });
  const entry = inner(at, key, entryOf(at.schema), to, put, t("Key %(key)s leads to", { key }));
  const label = isFields(to) ? asText(to["label"]) : "";
  const word = (event: Event) => {
    const [target, said] = [isFields(to) ? asText(to["to"]) : asText(to), settle(event, asName(typed(event)))];
    put(said ? { to: target, label: said } : target);
  };
  const keys = [key, ...free].map((one) => ({ value: one, word: one }));
  return html`<div class="flow-choice">${select({ ...entry, path: `${entry.path}.key`, label: t("Key of the telephone") }, keys, key, (next) => at.put(rekeyed(table, key, next) ?? table), null)}
    ${control(entry)}
    <input class="form-control" aria-label=${t("Word for the agent of key %(key)s", { key })} placeholder=${fieldName("label")} maxlength="40" .value=${label} @change=${word}>
    ${removeButton(t("Key %(key)s", { key }), () => at.put(withoutKey(table, key)), `${idOf(entry.path)}-remove`)}${faults(entry)}</div>`;
}

// Names, and what belongs to each ----------------------------------------------------------------------------------------

export function pairs(at: At): Piece {
  const table = isFields(at.value) ? at.value : {};
  const put = (next: Fields) => at.put(Object.keys(next).length || at.required ? next : undefined);
  const add = () => {
    const name = freeKey(table, "value");
    put({ ...table, [name]: blank(entryOf(at.schema)) });
    focusSoon(idOf(`${at.path}.${name}.name`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    ${Object.entries(table).map(([name, one]) => pairRow(at, table, name, one, put))}
    ${addButton(adding({ ...at, name: "values" }), add, `${idOf(at.path)}-add`)}${faults(at, true)}</fieldset>`;
}

function pairRow(at: At, table: Fields, name: string, one: Json, put: (next: Fields) => void): Piece {
  const entry = inner(at, name, entryOf(at.schema), one, (next) => put({ ...table, [name]: next ?? "" }), t("What “%(name)s” is", { name }));
  const [is, { invalid, told }] = [`${entry.path}.name`, wrong(entry)];
  const rename = (event: Event) => {
    const next = at.schema.propertyNames?.["x-value"] ? asName(typed(event)) : typed(event).trim();
    const made = next ? rekeyed(table, name, next) : null;
    settle(event, made ? next : name);
    if (made) put(made);
    else at.designer.refuse(entry.path, next ? t("There is “%(name)s” already.", { name: next }) : t("It needs a name."));
  };
  return html`<div class="flow-pair"><input class="form-control" id=${idOf(is)} aria-label=${t("Name")} autocomplete="off" spellcheck="false" maxlength="60" aria-invalid=${invalid} aria-describedby=${told} .value=${name} @change=${rename}>
    ${control(entry)}${removeButton(name, () => put(withoutKey(table, name)), `${idOf(entry.path)}-remove`)}${faults(entry)}</div>`;
}

