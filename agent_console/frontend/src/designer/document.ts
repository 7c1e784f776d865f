// A voice menu's document in the designer's hands: every change makes a new document. Pure.
import { layered } from "./layers.ts";
import { rekeyed } from "./lists.ts";
import { blankFields, type Fields, fieldsOf, isFields, type Json, kindsOf, type Schema, type Way, waysOf, withWay } from "./schema.ts";

export interface Place {
  x: number;
  y: number;
}

export const wide = 220;
const edge = 24;
const gap = 32;
const head = 44;
const row = 22;

export function nodesOf(document: Fields): Record<string, Fields> {
  const nodes = document["nodes"];
  if (!isFields(nodes)) return {};
  return Object.fromEntries(Object.entries(nodes).filter((one): one is [string, Fields] => isFields(one[1])));
}

export function kindOfNode(node: Fields | undefined): string {
  return typeof node?.["kind"] === "string" ? node["kind"] : "";
}

// Whether there is a number that JavaScript has no room for.
export function isRounded(value: Json): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isRounded);
}

export function waysOfNode(document: Fields, schema: Schema, name: string): Way[] {
  const node = nodesOf(document)[name];
  return node ? waysOf(node, kindsOf(schema).get(kindOfNode(node))) : [];
}

export function heightOf(ways: readonly Way[]): number {
  return head + ways.length * row + 8;
}

export function portAt(index: number): number {
  return head + index * row + row / 2;
}

export function withNode(document: Fields, name: string, node: Fields): Fields {
  return { ...document, nodes: { ...nodesOf(document), [name]: node } };
}

export function withField(node: Fields, field: string, value: Json | undefined): Fields {
  const { [field]: _old, ...rest } = node;
  return value === undefined ? rest : field in node ? { ...node, [field]: value } : { ...rest, [field]: value };
}

// A node of this kind with what it cannot do without, as far as that can be guessed: its ways lead nowhere yet.
export function newNode(kind: string, form: Schema | undefined): Fields {
  return { kind, ...blankFields(form) };
}

export function freeName(document: Fields, kind: string): string {
  const taken = nodesOf(document);
  if (!(kind in taken)) return kind;
  for (let number = 2; ; number += 1) if (!(`${kind}_${number}` in taken)) return `${kind}_${number}`;
}

export function withoutNode(document: Fields, name: string): Fields {
  const { [name]: _gone, ...nodes } = nodesOf(document);
  return { ...document, nodes };
}

// Wherever the old name stood as a way, the new one stands.
export function renamed(document: Fields, schema: Schema, old: string, name: string): Fields {
  const kinds = kindsOf(schema);
  const nodes = Object.entries(nodesOf(document)).map(([one, node]): [string, Fields] => {
    const ways = waysOf(node, kinds.get(kindOfNode(node))).filter((way) => way.to === old);
    return [one === old ? name : one, ways.reduce((made, way) => withWay(made, way.path, name), node)];
  });
  const { layout } = document;
  const places = isFields(layout)
    ? { layout: Object.fromEntries(Object.entries(layout).map(([one, at]) => [one === old ? name : one, at])) }
    : {};
  const own = (field: string) => (document[field] === old ? { [field]: name } : {});
  return { ...document, ...own("start"), ...own("error"), ...places, nodes: Object.fromEntries(nodes) };
}

export function renamedCalendar(document: Fields, schema: Schema, old: string, name: string): Fields {
  const kinds = kindsOf(schema);
  const nodes = Object.entries(nodesOf(document)).map(([one, node]): [string, Fields] => {
    const fields = fieldsOf(kinds.get(kindOfNode(node))).filter((field) => field.kind === "calendar" && node[field.name] === old);
    return [one, fields.reduce((made, field) => withField(made, field.name, name), node)];
  });
  const calendars = isFields(document["calendars"]) ? (rekeyed(document["calendars"], old, name) ?? document["calendars"]) : {};
  return { ...document, calendars, nodes: Object.fromEntries(nodes) };
}

// Where nodes stand ----------------------------------------------------------------------------------------------------

export function layoutOf(document: Fields, schema: Schema): Map<string, Place> {
  const kept = isFields(document["layout"]) ? document["layout"] : {};
  const drawn = arranged(document, schema);
  for (const name of drawn.keys()) {
    const at = kept[name];
    if (Array.isArray(at) && typeof at[0] === "number" && typeof at[1] === "number") drawn.set(name, { x: onPaper(at[0]), y: onPaper(at[1]) });
  }
  return drawn;
}

function onPaper(at: number): number {
  return Math.min(20_000, Math.max(0, at));
}

export function withPlaces(document: Fields, places: ReadonlyMap<string, Place>): Fields {
  const layout = Object.fromEntries([...places].map(([name, at]) => [name, [Math.round(at.x), Math.round(at.y)]]));
  return { ...document, layout };
}

/** Right of this node, below what stands there already. */
export function freePlace(places: ReadonlyMap<string, Place>, beside: string): Place {
  const from = places.get(beside) ?? { x: 24 - wide - 90, y: 24 };
  const spot = { x: from.x + wide + 90, y: from.y };
  const taken = () => [...places.values()].some((at) => Math.abs(at.x - spot.x) < wide && Math.abs(at.y - spot.y) < 110);
  while (taken()) spot.y += 120;
  return spot;
}

// Nobody has put them anywhere: in layers, each in the middle of the height that the tallest takes.
export function arranged(document: Fields, schema: Schema): Map<string, Place> {
  const names = Object.keys(nodesOf(document));
  const ways = new Map(names.map((name) => [name, waysOfNode(document, schema, name)]));
  const joins = [...ways].flatMap(([from, all]) => all.map(({ to }, port) => ({ from, to, port })));
  const start = typeof document["start"] === "string" ? document["start"] : "";
  const height = (name: string) => heightOf(ways.get(name) ?? []);
  const layers = layered(start, names, joins);
  const tall = (layer: readonly string[]) => layer.reduce((sum, name) => sum + height(name) + gap, -gap);
  const tallest = Math.max(0, ...layers.map(tall));
  const places = new Map<string, Place>();
  layers.forEach((layer, column) => {
    let y = edge + Math.round((tallest - tall(layer)) / 2);
    for (const name of layer) {
      places.set(name, { x: edge + column * (wide + 90), y });
      y += height(name) + gap;
    }
  });
  return places;
}

// The node that stands nearest in this direction, for the arrow keys.
export function neighbour(places: ReadonlyMap<string, Place>, from: string, key: string): string | null {
  const here = places.get(from);
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!here || !direction) return null;
  const [dx = 0, dy = 0] = direction;
  const ahead = [...places].flatMap(([name, at]) => {
    const along = (at.x - here.x) * dx + (at.y - here.y) * dy;
    const aside = Math.abs((at.x - here.x) * dy) + Math.abs((at.y - here.y) * dx);
    return name !== from && along > 0 ? [{ name, far: along + 3 * aside }] : [];
  });
  return ahead.sort((one, other) => one.far - other.far)[0]?.name ?? null;
}

/** What a node may open by: the menu's own calendars, and those of the house that none of its own stands before. */
export function calendarsFor(document: Fields, house: Readonly<Record<string, string>>): { own: string[]; shared: [string, string][] } {
  const own = isFields(document["calendars"]) ? Object.keys(document["calendars"]) : [];
  return { own, shared: Object.entries(house).filter(([key]) => !own.includes(key)) };
}
