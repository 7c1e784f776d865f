// What a voice menu's document may hold, read from its published JSON schema: the forms and the ways out of each kind of
// node follow from it, so that a kind that is new on the server needs nothing here.
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: string[];
  const?: Json;
  minimum?: number;
  maximum?: number;
  "x-way"?: boolean;
  "x-prompt"?: boolean;
}

export type FieldKind = "way" | "prompts" | "flag" | "choice" | "number" | "text" | "table" | "group" | "json";

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  schema: Schema;
  words: string[]; // of a choice
}

// One way out of a node, as it is drawn.
export interface Way {
  path: string; // "next", "choices.1", "cases.2.to"
  field: string;
  to: string; // empty: leads nowhere yet
  required: boolean;
}

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function kindsOf(schema: Schema): Map<string, Schema> {
  const nodes = schema.properties?.["nodes"]?.additionalProperties;
  const forms = typeof nodes === "object" ? (nodes.oneOf ?? []) : [];
  return new Map(forms.map((form) => [String(form.properties?.["kind"]?.const), form]));
}

const notForForms = new Set(["kind", "nodes", "layout", "$schema"]);

export function fieldsOf(schema: Schema | undefined): Field[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {})
    .filter(([name]) => !notForForms.has(name))
    .map(([name, one]) => ({ name, schema: one, required: required.has(name), kind: kindOf(one), words: wordsOf(one) }));
}

function wordsOf(schema: Schema): string[] {
  return (schema.enum ?? []).map(String);
}

function kindOf(schema: Schema): FieldKind {
  if (isWay(schema)) return "way";
  if (schema.items?.["x-prompt"]) return "prompts";
  if (schema.type === "boolean") return "flag";
  if (schema.enum) return "choice";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return isWay(schema.additionalProperties) ? "table" : "json";
  if (schema.type === "object") return "group";
  if (schema.type === "array") return "json";
  return "text";
}

function isWay(schema: Schema): boolean {
  return Boolean(schema["x-way"] || schema.anyOf?.some((one) => one["x-way"]));
}

// Ways -----------------------------------------------------------------------------------------------------------------

export function waysOf(node: Fields, form: Schema | undefined): Way[] {
  return fieldsOf(form).flatMap((field) => waysIn(field.schema, node[field.name], field.name, field.name, field.required));
}

function waysIn(schema: Schema, value: Json | undefined, path: string, field: string, required: boolean): Way[] {
  if (isWay(schema)) return [{ path, field, required, to: target(value) }];
  if (schema.items && Array.isArray(value))
    return value.flatMap((one, at) => waysIn(schema.items as Schema, one, `${path}.${at + 1}`, field, true));
  if (!isFields(value)) return [];
  const named = schema.properties ?? {};
  const others = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  return Object.entries(value).flatMap(([name, one]) => {
    const inner = named[name] ?? others;
    return inner ? waysIn(inner, one, `${path}.${name}`, field, true) : [];
  });
}

function target(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return isFields(value) && typeof value["to"] === "string" ? value["to"] : "";
}

// The same value with this way leading to another node; a way that was written with a label keeps it.
export function withWay(value: Fields, path: string, to: string): Fields {
  const [name = "", ...rest] = path.split(".");
  const next: Fields = { ...value };
  if (!rest.length && !to) delete next[name];
  else next[name] = led(next[name], rest, to);
  return next;
}

function led(value: Json | undefined, rest: string[], to: string): Json {
  if (rest.length) return Array.isArray(value) ? ledIn(value, rest, to) : withWay(isFields(value) ? value : {}, rest.join("."), to);
  return isFields(value) ? { ...value, to } : to;
}

function ledIn(list: Json[], [at, ...rest]: string[], to: string): Json[] {
  return list.map((one, index) => (String(index + 1) === at ? led(one, rest, to) : one));
}
