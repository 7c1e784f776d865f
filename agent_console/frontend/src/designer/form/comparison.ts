// What has to hold for a case: a value of the call, how it is compared, and with what; to be read as a sentence.
import { html, nothing } from "lit-html";
import { t } from "../../lib/words.ts";
import { withField } from "../document.ts";
import { asText } from "../lists.ts";
import { names } from "../names.ts";
import { type Fields, isFields, type Json, kindOf } from "../schema.ts";
import { type At, fieldsWithin, type Piece } from "./at.ts";
import { control } from "./fields.ts";
import { rows } from "./rows.ts";
import { select } from "./simple.ts";

const alone = "known"; // compared with nothing

const words: Record<string, () => [holds: string, not: string]> = {
  equals: () => [t("is"), t("is not")],
  begins_with: () => [t("begins with"), t("does not begin with")],
  below: () => [t("is a number below"), t("is no number below")],
  above: () => [t("is a number above"), t("is no number above")],
  known: () => [t("is known"), t("is not known")],
};

export function comparison(at: At): Piece {
  const row: Fields = isFields(at.value) ? at.value : {};
  const within = Object.fromEntries(fieldsWithin(at).map((one) => [one.name, one]));
  const { value, is, this: against } = within;
  if (!value || !is || !against) return nothing;
  const chosen = `${row["not"] === true ? "not " : ""}${asText(row["is"])}`;
  const options = (is.schema.enum ?? []).flatMap((one) => {
    const [holds, not] = words[one]?.() ?? [one, t("not: %(word)s", { word: one })];
    return [{ value: one, word: holds }, { value: `not ${one}`, word: not }];
  });
  return html`<div class="form-stack">${control(value)}${select(is, options, chosen, (next) => at.put(compared(row, next)), null)}
    ${row["is"] === alone ? nothing : rows({ ...against, kind: kindOf(against.schema), required: true, schema: { ...against.schema, items: possible(against, asText(row["value"])) } })}</div>`;
}

function compared(row: Fields, chosen: string): Fields {
  const [is, not] = chosen.startsWith("not ") ? [chosen.slice(4), true] : [chosen, undefined];
  const against: Json | undefined = is === alone ? undefined : (row["this"] ?? [""]);
  return withField(withField(withField(row, "is", is), "not", not), "this", against);
}

/** Where it is known what a value can be, it is chosen and not typed. */
function possible(against: At, value: string): NonNullable<At["schema"]["items"]> {
  const known = [...(names.possible[value] ?? [])];
  return known.length ? { ...against.schema.items, enum: known } : (against.schema.items ?? {});
}
