// Controls of one line: a text, a number, one of several words, a key of the telephone, yes or no.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../../lib/words.ts";
import { asList, asText } from "../lists.ts";
import { wordName } from "../names.ts";
import { type At, faults, hint, idOf, legend, type Piece, settle, typed, wrong } from "./at.ts";

export interface Option {
  value: string;
  word: string;
  group?: string;
}

/** A list to choose from; what stands there and is no choice any more is shown all the same. */
export function select(at: At, options: readonly Option[], chosen: string, put: (value: string) => void, empty: string | null = "–"): Piece {
  const { invalid, told } = wrong(at);
  const unknown = chosen && !options.some((one) => one.value === chosen) ? [{ value: chosen, word: `${chosen} ?` }] : [];
  const all: readonly Option[] = [...(empty === null ? [] : [{ value: "", word: empty }]), ...unknown, ...options];
  const groups = [...new Set(all.map((one) => one.group ?? ""))];
  const drawn = (group: string) => all.filter((one) => (one.group ?? "") === group).map((one) => html`<option value=${one.value} .selected=${live(one.value === chosen)}>${one.word}</option>`);
  return html`<select class="form-select" id=${idOf(at.path)} aria-label=${within(at)} aria-invalid=${invalid} aria-describedby=${told} @change=${(event: Event) => put(typed(event))}>
    ${groups.map((group) => (group ? html`<optgroup label=${group}>${drawn(group)}</optgroup>` : drawn(group)))}</select>`;
}

/** In a row there is no label that one could see. */
function within(at: At): string | typeof nothing {
  return at.path.includes(".") ? at.label : nothing;
}

export function text(at: At): Piece {
  const { invalid, told } = wrong(at);
  return html`<input class="form-control" id=${idOf(at.path)} aria-label=${within(at)} autocomplete="off" spellcheck="false" maxlength=${at.schema.maxLength ?? nothing} placeholder=${asText(at.schema.default) || nothing}
    aria-invalid=${invalid} aria-describedby=${told} .value=${asText(at.value)} @change=${(event: Event) => at.put(settle(event, typed(event).trim()) || (at.required ? "" : undefined))}>`;
}

export function number(at: At): Piece {
  const { invalid, told } = wrong(at);
  const { minimum, maximum } = at.schema;
  const put = (event: Event) => {
    const written = typed(event);
    if (written === "" && at.required) settle(event, String(minimum ?? 0));
    at.put(typed(event) === "" ? undefined : Number(typed(event)));
  };
  return html`<input class="form-control num flow-number" id=${idOf(at.path)} aria-label=${within(at)} type="number" step=${at.schema.type === "integer" ? "1" : "any"} min=${minimum ?? nothing} max=${maximum ?? nothing}
    placeholder=${asText(at.schema.default) || nothing} aria-invalid=${invalid} aria-describedby=${told} .value=${asText(at.value)} @change=${put}>`;
}

export function choice(at: At): Piece {
  const possible = (at.schema.enum ?? []).map((word) => ({ value: word, word: wordName(word) }));
  const chosen = asText(at.value ?? at.schema.default);
  const optional = !at.required && at.schema.default === undefined;
  return select(at, possible, chosen, (word) => at.put(word || undefined), optional || !chosen ? "–" : null);
}

export function key(at: At): Piece {
  const ends = at.schema["x-format"] === "end_key";
  const keys = ends ? ["#", "*"] : [..."1234567890*#"];
  const none = ends ? t("none: the last digit ends it") : at.schema["x-format"] === "optional_key" ? t("none") : null;
  const chosen = at.value ?? at.schema.default;
  return select(at, keys.map((one) => ({ value: one, word: t("Key %(key)s", { key: one }) })), asText(chosen), (one) => at.put(one), none);
}

/** A name that this node gives to a value. */
export function given(at: At): Piece {
  const { invalid, told } = wrong(at);
  const put = (event: Event) => at.put(settle(event, asName(typed(event))) || (at.required ? "" : undefined));
  return html`<input class="form-control" id=${idOf(at.path)} aria-label=${within(at)} autocomplete="off" spellcheck="false" maxlength="40" placeholder=${t("a name, such as order_number")}
    aria-invalid=${invalid} aria-describedby=${told} .value=${asText(at.value)} @change=${put}>`;
}

/** As names are written here, as far as that can be guessed. */
export function asName(written: string): string {
  return written.trim().toLowerCase().replace(/[\s-]+/g, "_");
}

export function flag(at: At): Piece {
  const usual = at.schema.default === true;
  const put = (checked: boolean) => at.put(checked === usual ? undefined : checked);
  return html`<div class="field"><label class="form-check"><input class="form-check-input" type="checkbox" id=${idOf(at.path)} .checked=${live(at.value === undefined ? usual : at.value === true)}
    @change=${(event: Event) => put((event.target as HTMLInputElement).checked)}><span class="form-check-label">${at.label}</span></label>${hint(at)}${faults(at)}</div>`;
}

export function languages(at: At): Piece {
  const possible = at.schema.items?.enum ?? [];
  const spoken = at.value === undefined ? possible : asList(at.value).map(asText);
  const put = (word: string, checked: boolean) => at.put(possible.filter((one) => (one === word ? checked : spoken.includes(one))));
  return html`<fieldset class="field flow-set" id=${idOf(at.path)} tabindex="-1">${legend(at)}<div class="check-row">${possible.map(
    (word) => html`<label class="form-check"><input class="form-check-input" type="checkbox" .checked=${live(spoken.includes(word))} @change=${(event: Event) => put(word, (event.target as HTMLInputElement).checked)}><span class="form-check-label">${wordName(word)}</span></label>`,
  )}</div>${hint(at)}${faults(at)}</fieldset>`;
}

/** What a later version of the server may bring along, and cannot be put into a form by us. */
export function unknown(at: At): Piece {
  return html`<p class="form-hint" id=${idOf(at.path)} tabindex="-1">${t("This is changed as a file.")} <code>${JSON.stringify(at.value ?? null)}</code></p>`;
}

