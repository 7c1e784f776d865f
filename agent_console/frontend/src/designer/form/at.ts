// One field of a form: where it stands in the document, what it holds, and what becomes of it.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../lib/icons.ts";
import type { Designer } from "../designer.ts";
import type { Finding } from "../draft.ts";
import { fieldName, names } from "../names.ts";
import { type FieldKind, type Fields, fieldsOf, isFields, type Json, kindOf, type Schema } from "../schema.ts";
import { withField } from "../document.ts";

export type Piece = TemplateResult | typeof nothing;
export type Put = (value: Json | undefined) => void;

/** What every form stands on: it tells what is wrong beside its fields. */
export interface Ground {
  refused: { path: string; sentence: string } | null; // what was typed and could not be taken over
  refuse(path: string, sentence: string): void;
  findingsHere(): readonly Finding[];
}

export interface At<G extends Ground = Designer> {
  designer: G;
  name: string;
  label: string;
  path: string; // "cases.1.when.2.value", as findings have it
  schema: Schema;
  kind: FieldKind;
  required: boolean;
  value: Json | undefined;
  put: Put;
}

export function at<G extends Ground>(designer: G, name: string, schema: Schema, required: boolean, value: Json | undefined, put: Put): At<G> {
  return { designer, name, label: fieldName(name), path: name, schema, kind: kindOf(schema), required, value, put };
}

/** What stands within: a row of a list, an entry of a table, a field of a group. */
export function inner<G extends Ground>(outer: At<G>, name: string, schema: Schema, value: Json | undefined, put: Put, label = outer.label): At<G> {
  return { ...outer, name, label, path: `${outer.path}.${name}`, schema, kind: kindOf(schema), required: true, value, put };
}

export function fieldsWithin<G extends Ground>(outer: At<G>): At<G>[] {
  const value: Fields = isFields(outer.value) ? outer.value : {};
  return fieldsOf(outer.schema).map((field) => ({
    ...inner(outer, field.name, field.schema, value[field.name], (next) => putField(outer, value, field.name, next), fieldName(field.name)),
    required: field.required,
  }));
}

function putField(outer: At<Ground>, value: Fields, field: string, next: Json | undefined): void {
  const made = withField(value, field, next);
  outer.put(Object.keys(made).length || outer.required ? made : undefined);
}

export function idOf(path: string): string {
  return `field-${path.replace(/[^\w]/g, (sign) => (sign === "." ? "-" : `_${sign.charCodeAt(0)}_`))}`;
}

// What is wrong with it ------------------------------------------------------------------------------------------------

/** Beside a field stands what is said of it; of what has fields of its own, only what is said of the whole. */
export function faultsAt(here: At<Ground>, whole = false): string[] {
  const own = here.designer.refused?.path === here.path ? [here.designer.refused.sentence] : [];
  const told = here.designer.findingsHere().filter((one) => one.field === here.path || (!whole && one.field.startsWith(`${here.path}.`)));
  return [...new Set([...own, ...told.map((one) => one.detail)])];
}

export function faults(here: At<Ground>, whole = false): Piece {
  const found = faultsAt(here, whole);
  if (!found.length) return nothing;
  return html`<p class="fault" id="${idOf(here.path)}-fault">${icon("alert-circle", "icon-sm")}<span>${found.join(" ")}</span></p>`;
}

/** For the attributes of a control: whether it is wrong, and where that is told. */
export function wrong(here: At<Ground>): { invalid: "true" | typeof nothing; told: string | typeof nothing } {
  const found = faultsAt(here).length > 0;
  return found ? { invalid: "true", told: `${idOf(here.path)}-fault` } : { invalid: nothing, told: nothing };
}

export function hint(here: At<Ground>): Piece {
  const said = names.hints[here.name];
  return said ? html`<p class="form-hint">${said}</p>` : nothing;
}

export function star(here: At<Ground>): Piece {
  return here.required ? html`<span class="required" aria-hidden="true"> *</span>` : nothing;
}

export function legend(here: At<Ground>): TemplateResult {
  return html`<legend class="form-label">${here.label}${star(here)}</legend>`;
}

export function typed(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;
}

/** What was typed, as it will stand there; a drawing meanwhile leaves alone what is being typed. */
export function settle(event: Event, text: string): string {
  (event.target as HTMLInputElement).value = text;
  return text;
}

/** After the next drawing, for what has just come, or has moved; of a row its first control. */
export function focusSoon(id: string): void {
  queueMicrotask(() => {
    const found = document.getElementById(id);
    (found?.matches("li") ? found.querySelector<HTMLElement>("input, select, textarea") : found)?.focus();
  });
}
