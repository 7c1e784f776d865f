// A prompt: chosen by what it says, heard, kept to one language, or made on the spot.
import { html, nothing } from "lit-html";
import { icon } from "../../lib/icons.ts";
import { listed, t } from "../../lib/words.ts";
import { asList, asText } from "../lists.ts";
import { wordName } from "../names.ts";
import { type At, idOf, type Piece } from "./at.ts";
import { asName, select } from "./simple.ts";

export function prompt(at: At): Piece {
  const { prompts } = at.designer;
  const [, fixed = "", key = ""] = /^(?:([a-z]+):)?(.*)$/.exec(asText(at.value)) ?? [];
  const put = (language: string, name: string) => at.put(name ? (language ? `${language}:${name}` : name) : at.required ? "" : undefined);
  const options = prompts.keys.map((one) => ({ value: one, word: describe(at, one) }));
  const begin = html`<button type="button" class="btn btn-sm" @click=${() => prompts.begin(at.path)}>${icon("plus", "icon-sm")}${t("A new prompt …")}</button>`;
  return html`<div class="flow-prompt">${select(at, options, key, (next) => put(fixed, next))}
    <div class="flow-prompt-foot">${key ? html`${hearing(at, key, fixed)}${tongue(at, key, fixed, (language) => put(language, key))}` : prompts.here ? begin : nothing}</div>
    ${prompts.making === at.path ? maker(at, (name) => put(fixed, name)) : nothing}</div>`;
}

function describe(at: At, key: string): string {
  const said = at.designer.prompts.text(key);
  const missing = languagesOf(at).filter((language) => !at.designer.prompts.has(key, language));
  const lack = missing.length ? ` (${t("no sound: %(languages)s", { languages: listed(missing.map(wordName)) })})` : "";
  return `${key}${said ? ` – ${said.length > 60 ? `${said.slice(0, 59)}…` : said}` : ""}${lack}`;
}

function languagesOf(at: At): string[] {
  const { document, schema } = at.designer;
  const spoken = document["languages"];
  return spoken === undefined ? (schema.properties?.["languages"]?.items?.enum ?? []) : asList(spoken).map(asText);
}

function hearing(at: At, key: string, fixed: string): Piece {
  const { prompts } = at.designer;
  if (!prompts.here) return nothing;
  const languages = (fixed ? [fixed] : languagesOf(at)).filter((language) => prompts.has(key, language));
  const said = (language: string) => t("Play “%(prompt)s” in %(language)s", { prompt: key, language: wordName(language) });
  return html`${languages.map(
    (language) => html`<button type="button" class="btn btn-sm btn-ghost" aria-label=${said(language)} title=${prompts.text(key, language) || said(language)} @click=${() => prompts.play(key, language)}>${icon("player-play", "icon-sm")}${wordName(language)}</button>`,
  )}`;
}

function tongue(at: At, key: string, fixed: string, put: (language: string) => void): Piece {
  const possible = languagesOf(at);
  if (possible.length < 2 && !fixed) return nothing;
  const only = possible.map((language) => ({ value: language, word: t("only %(language)s", { language: wordName(language) }) }));
  const label = t("Language of “%(prompt)s”", { prompt: key });
  return select({ ...at, path: `${at.path}.language`, label }, only, fixed, put, t("in the caller's language"));
}

function maker(at: At, put: (name: string) => void): Piece {
  const { prompts } = at.designer;
  const id = `${idOf(at.path)}-new`;
  prompts.whenMade = put;
  const make = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const said = (name: string) => String(form.get(name) ?? "").trim();
    void prompts.make(asName(said("name")), Object.fromEntries(languagesOf(at).map((language) => [language, said(language)]).filter(([, text]) => text)));
  };
  return html`<form class="flow-new form-stack" aria-label=${t("A new prompt")} @submit=${make}>
    <div class="field"><label class="form-label" for=${id}>${t("Its name")}</label><input class="form-control" id=${id} name="name" maxlength="40" autocomplete="off" spellcheck="false" placeholder="spring_festival"></div>
    ${languagesOf(at).map((language) => html`<div class="field"><label class="form-label" for="${id}-${language}">${wordName(language)}</label><textarea class="form-control" id="${id}-${language}" name=${language} rows="2"></textarea></div>`)}
    ${prompts.fault ? html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}${prompts.fault}</p>` : nothing}
    <p class="form-hint">${t("The synthesiser speaks it at once. It can be recorded on the page Prompts.")}</p>
    <div class="form-acts"><button class="btn btn-primary" ?disabled=${prompts.busy}>${t("Make it")}</button><button type="button" class="btn" @click=${() => prompts.leave()}>${t("Cancel")}</button></div></form>`;
}
