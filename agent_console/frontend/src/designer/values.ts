// Which values of a call can be known where: what is given by nodes that a caller may have come through. Pure.
import { kindOfNode, nodesOf, waysOfNode } from "./document.ts";
import { entryOf, type Fields, isFields, type Json, kindsOf, type Schema } from "./schema.ts";

export interface Known {
  here: string[];
  elsewhere: string[]; // given in this menu, though on no way that leads here
}

export function valuesAt(document: Fields, schema: Schema, node: string): Known {
  const given = givenByNode(document, schema);
  const before = waysTo(document, schema, node);
  const here = new Set([...(schema["x-known"] ?? []), ...[...before].flatMap((name) => given.get(name) ?? [])]);
  const all = new Set([...given.values()].flat());
  return { here: [...here], elsewhere: [...all].filter((name) => !here.has(name)) };
}

export function givenByNode(document: Fields, schema: Schema): Map<string, string[]> {
  const kinds = kindsOf(schema);
  return new Map(
    Object.entries(nodesOf(document)).map(([name, node]) => {
      const form = kinds.get(kindOfNode(node));
      return [name, form ? [...(form["x-gives"] ?? []), ...given(node, form)].filter(Boolean) : []];
    }),
  );
}

function given(value: Json | undefined, schema: Schema): string[] {
  if (schema["x-value"] === "written") return typeof value === "string" ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => given(one, schema.items ?? {}));
  if (!isFields(value)) return [];
  const names = schema.propertyNames?.["x-value"] === "written" ? Object.keys(value) : [];
  return [...names, ...Object.entries(value).flatMap(([name, one]) => given(one, schema.properties?.[name] ?? entryOf(schema)))];
}

// Every node from which a way leads there, however long.
function waysTo(document: Fields, schema: Schema, node: string): Set<string> {
  const from = new Map<string, string[]>();
  const lead = (name: string, to: string) => from.set(to, [...(from.get(to) ?? []), name]);
  const otherwise = typeof document["error"] === "string" ? document["error"] : "";
  for (const name of Object.keys(nodesOf(document)))
    for (const way of waysOfNode(document, schema, name)) lead(name, way.to || (way.field === "error" ? otherwise : ""));
  const found = new Set<string>();
  let ahead = [node];
  while (ahead.length) {
    ahead = ahead.flatMap((name) => from.get(name) ?? []).filter((name) => !found.has(name));
    for (const name of ahead) found.add(name);
  }
  return found;
}
