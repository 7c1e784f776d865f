// What a voice menu's document may hold, read from its published JSON schema: the forms and the ways out of each kind of
// node follow from it, so that a kind that is new on the server needs nothing here.
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  propertyNames?: Schema;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: string[];
  const?: Json;
  default?: Json;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxLength?: number;
  "x-way"?: boolean;
  "x-prompt"?: boolean;
  "x-value"?: "read" | "written";
  "x-queue"?: boolean;
  "x-skill"?: boolean;
  "x-calendar"?: boolean;
  "x-menu"?: boolean;
  "x-format"?: string;
  "x-gives"?: string[]; // values that a kind of node gives whatever its fields say
  "x-known"?: string[]; // … and that every call has
}

const kindTable = [
  ["way", isWay],
  ["prompt", (one: Schema) => one["x-prompt"]],
  ["value", (one: Schema) => one["x-value"] === "read"],
  ["given", (one: Schema) => one["x-value"] === "written"],
  ["queue", (one: Schema) => one["x-queue"]],
  ["calendar", (one: Schema) => one["x-calendar"]],
  ["menu", (one: Schema) => one["x-menu"]],
  ["article", (one: Schema) => one["x-format"] === "article"],
  ["key", (one: Schema) => /^(?:key|end_key|optional_key)$/.test(one["x-format"] ?? "")],
  ["flag", (one: Schema) => one.type === "boolean"],
  ["choice", (one: Schema) => one.enum],
  ["number", (one: Schema) => one.type === "integer" || one.type === "number"],
  ["either", (one: Schema) => one.anyOf?.some((form) => form.properties)],
  ["comparison", (one: Schema) => one.properties?.["is"]?.enum && one.properties["not"]],
  ["choices", (one: Schema) => isWay(entryOf(one))],
  ["levels", (one: Schema) => one.propertyNames?.["x-skill"]],
  ["week", (one: Schema) => one.propertyNames?.["x-format"] === "weekday"],
  ["worked", (one: Schema) => one.propertyNames?.["x-format"] === "days" && entryOf(one).items],
  ["holidays", (one: Schema) => one.propertyNames?.["x-format"] === "days"],
  ["named", (one: Schema) => entryOf(one).properties],
  ["pairs", (one: Schema) => one.propertyNames],
  ["group", (one: Schema) => one.properties],
  ["languages", (one: Schema) => one.items?.enum],
  ["rows", (one: Schema) => one.items],
  ["text", (one: Schema) => one.type === "string" || !Object.keys(one).length || one.anyOf?.every((form) => form.type === "string" || form.const === "")],
  ["unknown", () => true],
] as const satisfies readonly (readonly [string, (one: Schema) => unknown])[];

/** What a field is edited with: the first in the table that it fits. */
export type FieldKind = (typeof kindTable)[number][0];

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  schema: Schema;
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
    .map(([name, one]) => ({ name, schema: one, required: required.has(name), kind: kindOf(one) }));
}

export function kindOf(schema: Schema): FieldKind {
  return kindTable.find(([, fits]) => fits(schema))?.[0] ?? "unknown";
}

/** What each entry of a table with free names may be. */
export function entryOf(schema: Schema): Schema {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
}

// What stands there before anything was chosen, as far as it can be guessed: ways lead nowhere yet.
export function blank(schema: Schema): Json {
  switch (kindOf(schema)) {
    case "choices":
      return { "1": "" };
    case "choice":
      return schema.enum?.[0] ?? "";
    case "number":
      return schema.default ?? schema.minimum ?? 0;
    case "flag":
      return schema.default ?? false;
    case "rows":
      return schema.items?.["x-prompt"] ? [] : [blank(schema.items ?? {})];
    case "languages":
      return [];
    case "either":
      return blank(schema.anyOf?.[0] ?? {});
    case "group":
      return blankFields(schema);
    case "comparison":
      return { ...blankFields(schema), this: [""] };
    case "named":
    case "pairs":
    case "levels":
    case "week":
    case "worked":
    case "holidays":
      return {};
    default:
      return schema.default ?? "";
  }
}

export function blankFields(schema: Schema | undefined): Fields {
  return Object.fromEntries(fieldsOf(schema).filter((one) => one.required).map((one) => [one.name, blank(one.schema)]));
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
