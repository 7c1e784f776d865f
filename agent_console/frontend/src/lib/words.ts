// The reader's words. Sentences come from the page's catalogue (gettext's, rendered by the server); the English text is
// the key. Names of things come with every message in all languages: `pick` takes the reader's.
export type Names = Readonly<Record<string, string>>;
export type Params = Readonly<Record<string, string | number>>;

const page = typeof document === "undefined" ? null : document;
const catalogue: { texts?: Record<string, string>; labels?: Record<string, Record<string, string>> } = JSON.parse(
  page?.getElementById("catalogue")?.textContent ?? "{}",
);
export const language: "zh" | "en" = page?.documentElement.lang.startsWith("zh") ? "zh" : "en";
const locale = language === "zh" ? "zh-CN" : "en-GB";
let zone: string | undefined;

export function setZone(name: string): void {
  zone = name;
  formats.clear();
}

export function t(text: string, params: Params = {}): string {
  return (catalogue.texts?.[text] || text).replace(/%\((\w+)\)s/g, (whole, key: string) => String(params[key] ?? whole));
}

// What a value of the server's enum `kind` is called; a word nobody knows is shown as it is.
export function label(kind: string, value: string): string {
  return catalogue.labels?.[kind]?.[value] ?? value;
}

export function labels(kind: string): [value: string, word: string][] {
  return Object.entries(catalogue.labels?.[kind] ?? {});
}

export function listed(words: readonly string[]): string {
  return words.join(language === "zh" ? "、" : ", ");
}

export function bracketed(words: string): string {
  return language === "zh" ? `（${words}）` : `(${words})`;
}

export function pick(names: Names | null | undefined, otherwise = ""): string {
  return names?.[language] || names?.["en"] || names?.["zh"] || otherwise;
}

// Time ---------------------------------------------------------------------------------------------------------------

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) });
    formats.set(key, found);
  }
  return found;
}

export function clock(at: string | Date): string {
  return format({ hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

// A day of the calendar, 2026-01-09, wherever it is read.
export function day(on: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${on}T00:00:00Z`));
}

export function exact(at: string | Date): string {
  return format({ dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

function dayNumber(at: Date): string {
  return format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

// "10:24" today, "tomorrow 10:00", "5 Jan 10:00" otherwise.
export function moment(at: string | Date, now: Date): string {
  const when = new Date(at);
  const time = clock(when);
  const day = dayNumber(when);
  const dayLength = 86_400_000;
  if (day === dayNumber(now)) return time;
  if (day === dayNumber(new Date(now.getTime() + dayLength))) return t("tomorrow %(time)s", { time });
  if (day === dayNumber(new Date(now.getTime() - dayLength))) return t("yesterday %(time)s", { time });
  const sameYear = when.getFullYear() === now.getFullYear();
  const date = format({ month: "short", day: "numeric", ...(sameYear ? {} : { year: "numeric" }) }).format(when);
  return `${date} ${time}`;
}

// Relative up to a day, the moment itself after that.
export function ago(at: string | Date, now: Date): string {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return t("just now");
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return moment(at, now);
}

// 0:07, 2:41, 1:02:05
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// As 2026-11-28T10:00, in the house's time zone, and back.
export function inputValue(at: Date): string {
  const part = Object.fromEntries(
    format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${part["year"]}-${part["month"]}-${part["day"]}T${part["hour"]}:${part["minute"]}`;
}

const typedMoment = /^\s*(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D{1,3}(\d{1,2})\D(\d{2})\s*$/;

// As it is typed: 2026-11-28 10:00, and whatever else begins with the year.
export function fromInput(value: string): Date | null {
  const [, year, month, day, hour, minute] = typedMoment.exec(value) ?? [];
  if (!year) return null;
  const two = (part: string | undefined) => String(part).padStart(2, "0");
  const text = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
  const wanted = new Date(`${text}:00Z`).getTime();
  if (Number.isNaN(wanted) || new Date(wanted).toISOString().slice(0, 16) !== text) return null; // no 30 February
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    const shown = new Date(`${inputValue(new Date(guess))}:00Z`).getTime();
    guess += wanted - shown;
  }
  return new Date(guess);
}
