// The calendars of a menu, each with its name.
import { html } from "lit-html";
import { t } from "../../lib/words.ts";
import { weekdays } from "../days.ts";
import { freeKey, rekeyed, withoutKey } from "../lists.ts";
import { entryOf, type Fields, isFields, type Json } from "../schema.ts";
import { type At, faults, fieldsWithin, focusSoon, hint, idOf, inner, legend, type Piece, settle, typed } from "./at.ts";
import { addButton, removeButton } from "./buttons.ts";
import { usual } from "./calendar.ts";
import { field } from "./fields.ts";
import { asName } from "./simple.ts";

export function calendars(at: At): Piece {
  const table = isFields(at.value) ? at.value : {};
  const put = (next: Fields) => at.put(Object.keys(next).length ? next : undefined);
  const add = () => {
    const name = freeKey(table, "house");
    put({ ...table, [name]: { week: Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, [usual]])) } });
    focusSoon(idOf(`${at.path}.${name}.name`));
  };
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}${hint(at)}
    ${Object.entries(table).map(([name, one]) => calendarOf(at, table, name, one, put))}
    ${addButton(t("Add a calendar"), add, `${idOf(at.path)}-add`)}${faults(at, true)}</fieldset>`;
}

function calendarOf(at: At, table: Fields, name: string, one: Json, put: (next: Fields) => void): Piece {
  const entry = inner(at, name, entryOf(at.schema), one, (next) => put({ ...table, [name]: next ?? {} }), name);
  const rename = (event: Event) => {
    const next = asName(typed(event));
    const usable = Boolean(next && rekeyed(table, name, next));
    settle(event, usable ? next : name);
    if (!usable) at.designer.refuse(entry.path, next ? t("There is “%(name)s” already.", { name: next }) : t("It needs a name."));
    else if (next !== name) at.designer.renameCalendar(name, next);
  };
  return html`<div class="flow-card" id=${idOf(entry.path)} tabindex="-1"><div class="flow-pair"><input class="form-control" id=${idOf(`${entry.path}.name`)} aria-label=${t("Name of the calendar")} maxlength="40" autocomplete="off" spellcheck="false" .value=${name} @change=${rename}>
    ${removeButton(name, () => put(withoutKey(table, name)), `${idOf(entry.path)}-remove`)}</div>
    ${faults(entry, true)}${fieldsWithin(entry).map(field)}</div>`;
}
