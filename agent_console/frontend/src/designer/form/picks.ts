// What is chosen from among what there is: nodes, values, queues, calendars, other menus, skills with their levels.
import { html, nothing } from "lit-html";
import { icon } from "../../lib/icons.ts";
import { t } from "../../lib/words.ts";
import { calendarsFor, kindOfNode, nodesOf } from "../document.ts";
import { asText, freeKey, rekeyed, withoutKey } from "../lists.ts";
import { kindName, names, valueName } from "../names.ts";
import { entryOf, isFields } from "../schema.ts";
import { valuesAt } from "../values.ts";
import { type At, faults, focusSoon, hint, idOf, inner, legend, type Piece } from "./at.ts";
import { addButton, removeButton } from "./buttons.ts";
import { kindMenu } from "./kinds.ts";
import { type Option, select } from "./simple.ts";

/** Where to: a node there is, or a new one of some kind. */
export function way(at: At): Piece {
  const { designer } = at;
  const labelled = isFields(at.value) ? at.value : null;
  const to = asText(labelled ? labelled["to"] : at.value);
  const lead = (next: string) => at.put(next ? (labelled ? { ...labelled, to: next } : next) : at.required ? "" : undefined);
  const nodes = Object.entries(nodesOf(designer.document)).map(([name, node]) => ({ value: name, word: `${name} · ${kindName(kindOfNode(node))}` }));
  const empty = at.path === "error" && designer.selected ? t("as for the whole menu") : "–";
  return html`<div class="flow-way-pick">${select(at, nodes, to, lead, empty)}${to ? onward(at, to) : fresh(at, lead)}</div>`;
}

function onward(at: At, to: string): Piece {
  const said = t("Go to %(name)s", { name: to });
  return html`<button type="button" class="btn btn-icon btn-ghost" ?disabled=${!(to in nodesOf(at.designer.document))} aria-label=${said} title=${said} @click=${() => at.designer.visit(to)}>${icon("arrow-right", "icon-sm")}</button>`;
}

function fresh(at: At, lead: (to: string) => void): Piece {
  const said = t("A new node for: %(field)s", { field: at.label });
  const summary = html`<summary class="btn btn-icon btn-ghost" aria-label=${said} title=${said}>${icon("plus", "icon-sm")}</summary>`;
  return kindMenu(at.designer.schema, summary, (kind) => at.designer.grow(kind, lead));
}

/** A value that can be known at this node; others behind, for it may be given on a way that is drawn later. */
export function value(at: At): Piece {
  return select(at, valueOptions(at), asText(at.value ?? at.schema.default), (next) => at.put(next || (at.required ? "" : undefined)), at.schema.default === undefined ? "–" : null);
}

function valueOptions(at: At): Option[] {
  const { here, elsewhere } = valuesAt(at.designer.document, at.designer.schema, at.designer.selected);
  const others = names.given.filter((name) => !here.includes(name) && !elsewhere.includes(name));
  return [
    ...here.map((name) => ({ value: name, word: valueName(name), group: t("Known here") })),
    ...elsewhere.map((name) => ({ value: name, word: valueName(name), group: t("Given elsewhere in this menu") })),
    ...others.map((name) => ({ value: name, word: valueName(name), group: t("Given by other menus") })),
  ];
}

export function queue(at: At): Piece {
  const queues = Object.entries(names.queues).map(([value, word]) => ({ value, word }));
  return select(at, queues, asText(at.value), (next) => at.put(next || undefined), at.path.startsWith("defaults") ? "–" : noQueue(at));
}

/** What it means that none is chosen. */
function noQueue(at: At): string {
  const kind = kindOfNode(nodesOf(at.designer.document)[at.designer.selected]);
  if (kind === "open_ticket" || kind === "voicemail") return t("in no queue's line");
  return kind === "offer_callback" ? t("the one in which he waits") : t("as it is so far");
}

export function calendar(at: At): Piece {
  const { document } = at.designer;
  const { own, shared } = calendarsFor(document, names.calendars);
  const options: Option[] = [
    ...own.map((name) => ({ value: name, word: name, ...(shared.length ? { group: t("Of this menu") } : {}) })),
    ...shared.map(([value, word]) => ({ value, word, group: t("Of the house") })),
  ];
  return html`${select(at, options, asText(at.value), (next) => at.put(next || (at.required ? "" : undefined)), at.required ? "–" : t("at any time"))}
    <button type="button" class="btn btn-sm flow-beside" @click=${() => at.designer.openWhole("calendars")}>${icon("calendar", "icon-sm")}${t("Calendars of this menu")}</button>`;
}

export function menu(at: At): Piece {
  const others = Object.entries(names.menus).filter(([key]) => key !== at.designer.flow);
  return select(at, others.map(([value, word]) => ({ value, word })), asText(at.value), (next) => at.put(next || (at.required ? "" : undefined)), at.name === "after_call" && !at.path.startsWith("defaults") ? t("as it is so far") : "–");
}

/** A knowledge article that is published. */
export function article(at: At): Piece {
  const known = Object.entries(names.articles).map(([value, word]) => ({ value, word }));
  return html`${select(at, known, asText(at.value), (next) => at.put(next || (at.required ? "" : undefined)))}
    <a class="btn btn-sm flow-beside" href="/articles" target="_blank">${icon("book", "icon-sm")}${t("Knowledge")}</a>`;
}

/** Skills, each with the lowest level that is enough. */
export function skillLevels(at: At): Piece {
  const levels = isFields(at.value) ? at.value : {};
  const put = (next: typeof levels) => at.put(Object.keys(next).length ? next : undefined);
  const free = Object.keys(names.skills).find((skill) => !(skill in levels));
  const add = () => {
    const skill = free ?? freeKey(levels, "skill");
    put({ ...levels, [skill]: 1 });
    focusSoon(idOf(`${at.path}.${skill}.skill`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}
    ${Object.entries(levels).map(([skill, level]) => skillRow(at, levels, skill, level, put))}
    ${free === undefined && Object.keys(names.skills).length ? nothing : addButton(t("Add a skill"), add, `${idOf(at.path)}-add`)}
    ${hint(at)}${faults(at, true)}</fieldset>`;
}

type Levels = Extract<At["value"], Record<string, unknown>>;

function skillRow(at: At, levels: Levels, skill: string, level: At["value"], put: (next: Levels) => void): Piece {
  const entry = inner(at, skill, entryOf(at.schema), level, () => undefined);
  const skills = Object.entries(names.skills).filter(([one]) => one === skill || !(one in levels)).map(([value, word]) => ({ value, word }));
  const enough = [1, 2, 3, 4, 5].map((one) => ({ value: String(one), word: t("level %(level)s or better", { level: one }) }));
  const renamed = (next: string) => put(rekeyed(levels, skill, next) ?? levels);
  const word = names.skills[skill] ?? skill;
  return html`<div class="flow-pair">${select({ ...entry, path: `${entry.path}.skill`, label: t("Skill") }, skills, skill, renamed, null)}
    ${select({ ...entry, label: t("Lowest level of %(skill)s", { skill: word }) }, enough, asText(level), (next) => put({ ...levels, [skill]: Number(next) }), null)}
    ${removeButton(word, () => put(withoutKey(levels, skill)), `${idOf(entry.path)}-remove`)}
    ${faults(entry)}</div>`;
}
