// One more row, one less.
import { html, type TemplateResult } from "lit-html";
import { icon } from "../../lib/icons.ts";
import { t } from "../../lib/words.ts";

export function removeButton(name: string, click: () => void, id: string): TemplateResult {
  const said = t("Remove %(name)s", { name });
  return html`<button type="button" class="btn btn-icon btn-ghost" id=${id} aria-label=${said} title=${said} @click=${click}>${icon("trash", "icon-sm")}</button>`;
}

export function addButton(word: string, click: () => void, id: string): TemplateResult {
  return html`<button type="button" class="btn btn-sm" id=${id} @click=${click}>${icon("plus", "icon-sm")}${word}</button>`;
}
