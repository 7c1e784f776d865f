// The side panel: what is said of the chosen node (or of the whole menu), as a form made from its schema.
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { icon } from "../lib/icons.ts";
import { t } from "../lib/words.ts";
import type { Designer } from "./designer.ts";
import { kindOfNode, nodesOf, withField } from "./document.ts";
import type { Finding } from "./draft.ts";
import { at, type At, idOf, type Put, settle, typed } from "./form/at.ts";
import { field, fieldList } from "./form/fields.ts";
import { asName } from "./form/simple.ts";
import { fieldName, kindName, names, pathName } from "./names.ts";
import { type Fields, fieldsOf, kindsOf, type Schema } from "./schema.ts";

export function panel(designer: Designer): TemplateResult {
  const node = nodesOf(designer.document)[designer.selected];
  return html`${keyed(designer.selected, node ? nodePanel(designer, designer.selected, node) : wholePanel(designer))}`;
}

// What a menu cannot do without comes first.
const first = ["names", "start", "languages", "language", "apology", "error", "calendars", "defaults"];

function wholePanel(designer: Designer): TemplateResult {
  const put = (name: string): Put => (value) => designer.change(withField(designer.document, name, value));
  const called = (one: At): At => ({ ...one, label: names.fields[`whole.${one.name}`] ?? one.label });
  const all = fields(designer, designer.schema, designer.document, put).map(called);
  return html`
    <h2>${t("The whole menu")}</h2>
    ${findings(designer)}
    <div class="form-stack">${first.flatMap((name) => all.filter((one) => one.name === name)).map(field)}
      ${fieldList(all.filter((one) => !first.includes(one.name)))}
      <p class="form-hint">${t("Choose a node to say what it does; drag from its dots to where a way leads.")} ${t("By keyboard: arrows go from node to node, Enter into the form and Esc back, Alt and arrows move a node, Delete takes it away.")}</p></div>`;
}

function nodePanel(designer: Designer, name: string, node: Fields): TemplateResult {
  const put = (one: string): Put => (value) => {
    const present = nodesOf(designer.document)[name];
    if (present) designer.changeNode(name, withField(present, one, value));
  };
  const kind = kindOfNode(node);
  const rename = (event: Event) => {
    const next = asName(typed(event));
    settle(event, name);
    designer.rename(name, next);
  };
  const refused = designer.refused?.path === "node-name" ? designer.refused : null;
  return html`
    <h2>${kindName(kind)}</h2>
    ${findings(designer)}
    <div class="form-stack">
      <div class="field"><label class="form-label" for="node-name">${t("Name of the node")}</label>
        <input class="form-control" id="node-name" .value=${name} autocomplete="off" spellcheck="false" maxlength="40"
          aria-invalid=${refused ? "true" : nothing} aria-describedby=${refused ? "node-name-fault" : nothing} @change=${rename}>
        ${refused ? html`<p class="fault" id="node-name-fault">${icon("alert-circle", "icon-sm")}${refused.sentence}</p>` : nothing}</div>
      ${fieldList(fields(designer, kindsOf(designer.schema).get(kind), node, put).map((one) => ({ ...one, label: fieldName(one.name, kind) })))}
      <div class="form-acts">
        ${designer.document["start"] === name ? nothing : html`<button type="button" class="btn" @click=${() => designer.change({ ...designer.document, start: name })}>${t("Begin here")}</button>`}
        <button type="button" class="btn" @click=${() => designer.remove(name)}>${icon("trash")}${t("Delete the node")}</button>
      </div>
    </div>`;
}

function fields(designer: Designer, schema: Schema | undefined, values: Fields, put: (name: string) => Put) {
  return fieldsOf(schema).map((one) => at(designer, one.name, one.schema, one.required, values[one.name], put(one.name)));
}

/** All of it above the form, each with the way to its field; then what is only to be thought of. */
function findings(designer: Designer): TemplateResult {
  return html`${listed(designer, designer.findingsHere(), false)}${listed(designer, designer.doubtsHere(), true)}`;
}

function listed(designer: Designer, found: readonly Finding[], doubt: boolean): TemplateResult | typeof nothing {
  if (!found.length) return nothing;
  const sign = doubt ? icon("alert-triangle", "icon-sm") : icon("alert-circle", "icon-sm");
  return html`<ul class="findings${doubt ? " is-doubt" : ""}" aria-label=${doubt ? t("To think of") : t("What is wrong")}>${found.map((one) => html`<li>${sign}<span>${place(one, kindOfNode(nodesOf(designer.document)[one.node]))}${one.detail}</span></li>`)}</ul>`;
}

function place(finding: Finding, kind: string): TemplateResult | typeof nothing {
  if (!finding.field) return nothing;
  return html`<button type="button" class="phone-node" @click=${() => goToField(finding.field)}>${pathName(finding.field, kind)}</button> `;
}

/** To the field itself, or to the nearest around it that is drawn. */
export function goToField(path: string): void {
  const parts = path.split(".");
  while (parts.length) {
    const found = document.getElementById(idOf(parts.join(".")));
    found?.closest("details")?.setAttribute("open", "");
    if (found) return found.focus();
    parts.pop();
  }
}

