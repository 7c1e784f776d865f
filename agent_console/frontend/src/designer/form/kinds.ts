// The kinds of node there are, as a menu: those that go on first, then those that end the call.
import { html, type TemplateResult } from "lit-html";
import { kindName } from "../names.ts";
import { fieldsOf, kindsOf, type Schema } from "../schema.ts";

export function kindMenu(schema: Schema, summary: TemplateResult, pick: (kind: string) => void): TemplateResult {
  const kinds = [...kindsOf(schema)];
  const ends = (form: Schema) => !fieldsOf(form).some((field) => field.required && (field.kind === "way" || field.kind === "choices"));
  const item = ([kind]: [string, Schema]) => html`<button type="button" role="menuitem" @click=${() => pick(kind)}>${kindName(kind)}</button>`;
  return html`<details class="menu kind-menu">${summary}<div class="menu-list" role="menu">
    <div class="kind-group" role="presentation">${kinds.filter(([, form]) => !ends(form)).map(item)}</div>
    <div class="kind-group" role="presentation">${kinds.filter(([, form]) => ends(form)).map(item)}</div></div></details>`;
}
