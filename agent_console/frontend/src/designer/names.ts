// What things are called here, as the page brings it along: kinds of nodes, fields, values, queues, skills, other menus.
type Words = Readonly<Record<string, string>>;

export interface Names {
  kinds: Words;
  fields: Words;
  hints: Words;
  words: Words; // what can be chosen
  values: Words; // known of every call, or given by the house
  possible: Readonly<Record<string, readonly string[]>>; // what such a value can be
  queues: Words;
  skills: Words;
  calendars: Readonly<Record<string, string>>; // of the house
  menus: Words; // published ones, by their keys
  articles: Words; // those that callers may hear
  given: readonly string[]; // values that other menus give
}

const nothing: Names = { kinds: {}, fields: {}, hints: {}, words: {}, values: {}, possible: {}, queues: {}, skills: {}, calendars: {}, menus: {}, articles: {}, given: [] };

export const names: Names = { ...nothing, ...JSON.parse(document.getElementById("names")?.textContent ?? "{}") };

export const kindName = (kind: string): string => names.kinds[kind] ?? kind;
/** At some kinds of nodes a field is something else than at others: `wrong` of `check_pin` is a way out. */
export const fieldName = (field: string, kind = ""): string => names.fields[`${kind}.${field}`] ?? names.fields[field] ?? field;
export const wordName = (word: string): string => names.words[word] ?? word;

/** "cases.2.to" in words: what is a row's number, a key or a name stays as it is. */
export function pathName(path: string, kind = ""): string {
  return path.split(".").map((part, index) => fieldName(part, index ? "" : kind)).join(", ");
}

export function valueName(value: string): string {
  const said = names.values[value];
  return said ? `${said} (${value})` : value;
}
