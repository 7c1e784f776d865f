// A form made from a schema: each kind of field has its control. Small ones stand below a label; those with rows of their
// own draw themselves.
import { html, nothing } from "lit-html";
import { t } from "../../lib/words.ts";
import { blankFields, type FieldKind } from "../schema.ts";
import { type At, faults, faultsAt, fieldsWithin, hint, idOf, type Piece, star } from "./at.ts";
import { holidays, week, worked } from "./calendar.ts";
import { calendars } from "./calendars.ts";
import { comparison } from "./comparison.ts";
import { article, calendar, menu, queue, skillLevels, value, way } from "./picks.ts";
import { prompt } from "./prompt.ts";
import { choices, either, pairs, rows } from "./rows.ts";
import { choice, flag, given, key, languages, number, text, unknown } from "./simple.ts";

const small: Partial<Record<FieldKind, (at: At) => Piece>> = { way, prompt, value, given, queue, calendar, menu, article, key, choice, number, text, unknown };
const whole: Partial<Record<FieldKind, (at: At) => Piece>> = {
  flag, languages, choices, levels: skillLevels, pairs, rows, either, comparison, group, week, holidays, worked, named: calendars,
};

/** With its label. */
export function field(at: At): Piece {
  const drawn = small[at.kind];
  if (!drawn) return control(at);
  return html`<div class="field"><label class="form-label" for=${idOf(at.path)}>${at.label}${star(at)}</label>${drawn(at)}${hint(at)}${faults(at)}</div>`;
}

/** Without: in a row the label is for those who cannot see where it stands. */
export function control(at: At): Piece {
  return (small[at.kind] ?? whole[at.kind] ?? unknown)(at);
}

/** Those that are seldom touched, because something sensible holds without them, stand behind the others. */
export function fieldList(all: readonly At[]): Piece {
  const seldom = (one: At) => !one.required && (one.schema.default !== undefined || one.name === "about");
  const rest = all.filter(seldom);
  const open = rest.some((one) => one.value !== undefined || faultsAt(one).length);
  return html`${all.filter((one) => !seldom(one)).map(field)}
    ${rest.length ? html`<details class="flow-more" ?open=${open}><summary>${t("More settings")}</summary><div class="form-stack">${rest.map(field)}</div></details>` : nothing}`;
}

function group(at: At): Piece {
  if (at.required) return html`<div class="form-stack">${fieldsWithin(at).map(field)}${faults(at, true)}</div>`;
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">
    <label class="form-check"><input class="form-check-input" type="checkbox" .checked=${at.value !== undefined} @change=${(event: Event) => at.put((event.target as HTMLInputElement).checked ? blankFields(at.schema) : undefined)}><span class="form-check-label">${at.label}</span></label>
    ${at.value === undefined ? nothing : html`<div class="form-stack flow-inner">${fieldsWithin(at).map(field)}</div>`}${faults(at, true)}</fieldset>`;
}
