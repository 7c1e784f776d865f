// The side panel: what is said of the chosen node (or of the whole menu), as a form made from its schema.
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { icon } from "../lib/icons.ts";
import { t } from "../lib/words.ts";
import type { Designer, Finding } from "./designer.ts";
import { kindOfNode, nodesOf, withField } from "./document.ts";
import { type Field, type Fields, fieldsOf, isFields, type Json, kindsOf } from "./schema.ts";

type Piece = TemplateResult | typeof nothing;
type Put = (value: Json | undefined) => void;

export function panel(designer: Designer): TemplateResult {
  const node = nodesOf(designer.document)[designer.selected];
  return html`${keyed(designer.selected, node ? nodePanel(designer, designer.selected, node) : wholePanel(designer))}`;
}

function wholePanel(designer: Designer): TemplateResult {
  const put = (field: string) => (value: Json | undefined) => designer.change(withField(designer.document, field, value));
  return html`
    <h2>${t("The whole menu")}</h2>
    ${findings(designer, designer.findings.filter((one) => !one.node || !(one.node in nodesOf(designer.document))))}
    <div class="form-stack">${fieldsOf(designer.schema).map((field) => control(designer, field, designer.document[field.name], put(field.name), field.name))}</div>`;
}

function nodePanel(designer: Designer, name: string, node: Fields): TemplateResult {
  const put = (field: string) => (value: Json | undefined) => {
    const present = nodesOf(designer.document)[name];
    if (present) designer.changeNode(name, withField(present, field, value));
  };
  const kind = kindOfNode(node);
  return html`
    <h2>${designer.kindName(kind)}</h2>
    ${findings(designer, designer.findings.filter((one) => one.node === name))}
    <div class="form-stack">
      <div class="field"><label class="form-label" for="node-name">${t("Name of the node")}</label>
        <input class="form-control" id="node-name" .value=${name} autocomplete="off" spellcheck="false"
          @change=${(event: Event) => designer.rename(name, (event.target as HTMLInputElement).value.trim())}></div>
      ${fieldsOf(kindsOf(designer.schema).get(kind)).map((field) => control(designer, field, node[field.name], put(field.name), field.name))}
      <div class="form-acts">
        ${designer.document["start"] === name ? nothing : html`<button type="button" class="btn" @click=${() => designer.change({ ...designer.document, start: name })}>${t("Begin here")}</button>`}
        <button type="button" class="btn" @click=${() => designer.remove(name)}>${icon("x")}${t("Delete the node")}</button>
      </div>
    </div>`;
}

function findings(designer: Designer, found: readonly Finding[]): Piece {
  if (!found.length) return nothing;
  return html`<ul class="findings" aria-label=${t("What is wrong")}>${found.map((one) => html`<li>${icon("alert-circle", "icon-sm")}<span>${one.field ? html`<strong>${designer.pathName(one.field)}</strong> ` : nothing}${one.detail}</span></li>`)}</ul>`;
}

// Fields ---------------------------------------------------------------------------------------------------------------

function control(designer: Designer, field: Field, value: Json | undefined, put: Put, path: string): Piece {
  const id = `field-${path.replaceAll(".", "-")}`;
  const name = designer.fieldName(field.name);
  if (field.kind === "flag") return flag(id, name, field, value, put);
  if (field.kind === "table") return table(designer, id, name, value, put);
  if (field.kind === "group") return group(designer, field, name, value, put, path);
  return html`<div class="field">
    <label class="form-label" for=${id}>${name}${field.required ? html`<span class="required" aria-hidden="true"> *</span>` : nothing}</label>
    ${field.kind === "way" ? way(designer, id, value, put) : written(designer, id, field, value, put)}
  </div>`;
}

function flag(id: string, name: string, field: Field, value: Json | undefined, put: Put): TemplateResult {
  const usual = field.name === "barge_in";
  return html`<label class="form-check"><input class="form-check-input" type="checkbox" id=${id} .checked=${value === undefined ? usual : value === true}
    @change=${(event: Event) => put((event.target as HTMLInputElement).checked)}><span class="form-check-label">${name}</span></label>`;
}

function way(designer: Designer, id: string, value: Json | undefined, put: Put): TemplateResult {
  const to = isFields(value) ? String(value["to"] ?? "") : String(value ?? "");
  const word = isFields(value) ? String(value["label"] ?? "") : "";
  const names = Object.keys(nodesOf(designer.document));
  const led = (next: string) => put(next ? (word ? { to: next, label: word } : next) : undefined);
  return html`<select class="form-select" id=${id} @change=${(event: Event) => led((event.target as HTMLSelectElement).value)}>
    <option value="" .selected=${!to}>–</option>
    ${to && !names.includes(to) ? html`<option value=${to} .selected=${true}>${to} ?</option>` : nothing}
    ${names.map((name) => html`<option value=${name} .selected=${name === to}>${name}</option>`)}
  </select>`;
}

function written(designer: Designer, id: string, field: Field, value: Json | undefined, put: Put): TemplateResult {
  const asText = (event: Event) => (event.target as HTMLInputElement | HTMLTextAreaElement).value;
  const empty = (text: string) => (text === "" && !field.required ? undefined : text);
  switch (field.kind) {
    case "choice":
      return html`<select class="form-select" id=${id} @change=${(event: Event) => put(empty(asText(event)))}>
        ${field.required && value !== undefined ? nothing : html`<option value="">–</option>`}
        ${field.words.map((word) => html`<option value=${word} .selected=${word === value}>${designer.wordName(word)}</option>`)}</select>`;
    case "number":
      return html`<input class="form-control num" id=${id} type="number" step=${field.schema.type === "integer" ? "1" : "any"} min=${field.schema.minimum ?? nothing} max=${field.schema.maximum ?? nothing}
        .value=${value === undefined ? "" : String(value)} @change=${(event: Event) => put(asText(event) === "" ? undefined : Number(asText(event)))}>`;
    case "prompts":
      return html`<input class="form-control" id=${id} list="prompts" autocomplete="off" spellcheck="false" placeholder=${t("keys, with blanks between")}
        .value=${Array.isArray(value) ? value.join(" ") : ""} @change=${(event: Event) => put(listed(asText(event), field.required))}>`;
    case "json":
      return html`<textarea class="form-control flow-json" id=${id} rows="5" spellcheck="false" .value=${value === undefined ? "" : JSON.stringify(value, null, 1)}
        @change=${(event: Event) => takeJson(designer, event.target as HTMLTextAreaElement, put)}></textarea>`;
    default:
      return html`<input class="form-control" id=${id} autocomplete="off" spellcheck="false" .value=${value === undefined ? "" : String(value)} @change=${(event: Event) => put(empty(asText(event)))}>`;
  }
}

function listed(text: string, required: boolean): Json | undefined {
  const words = text.split(/[\s,，]+/).filter(Boolean);
  return words.length || required ? words : undefined;
}

// What is no JSON stays in the field, marked, and out of the document.
function takeJson(designer: Designer, area: HTMLTextAreaElement, put: Put): void {
  try {
    const value: Json | undefined = area.value.trim() ? JSON.parse(area.value) : undefined;
    area.removeAttribute("aria-invalid");
    put(value);
  } catch {
    area.setAttribute("aria-invalid", "true");
    designer.say(t("This is no JSON; it was not taken over."));
  }
}

// Keys and where each leads.
function table(designer: Designer, id: string, name: string, value: Json | undefined, put: Put): TemplateResult {
  const rows = isFields(value) ? value : {};
  const free = [..."1234567890*#"].find((key) => !(key in rows));
  const without = (key: string) => Object.fromEntries(Object.entries(rows).filter(([one]) => one !== key));
  const word = (key: string, label: string) => {
    const to = isFields(rows[key]) ? String(rows[key]["to"] ?? "") : String(rows[key] ?? "");
    put({ ...rows, [key]: label ? { to, label } : to });
  };
  return html`<fieldset class="flow-table"><legend class="form-label">${name}</legend>
    ${Object.entries(rows).map(([key, to]) => html`<div class="flow-row">
      <label class="num" for="${id}-${key}">${key}</label>
      ${way(designer, `${id}-${key}`, to, (next) => put({ ...rows, [key]: next ?? "" }))}
      <input class="form-control" aria-label=${t("Word for the agent of key %(key)s", { key })} placeholder=${designer.fieldName("label")} .value=${isFields(to) ? String(to["label"] ?? "") : ""} @change=${(event: Event) => word(key, (event.target as HTMLInputElement).value.trim())}>
      <button type="button" class="btn btn-icon btn-ghost" aria-label=${t("Take key %(key)s away", { key })} @click=${() => put(without(key))}>${icon("x", "icon-sm")}</button>
    </div>`)}
    ${free ? html`<button type="button" class="btn btn-sm" @click=${() => put({ ...rows, [free]: "" })}>${icon("plus", "icon-sm")}${t("Key %(key)s", { key: free })}</button>` : nothing}
  </fieldset>`;
}

function group(designer: Designer, field: Field, name: string, value: Json | undefined, put: Put, path: string): TemplateResult {
  const inner = isFields(value) ? value : {};
  const fields = fieldsOf(field.schema);
  return html`<details class="flow-group" ?open=${isFields(value)}><summary>${name}</summary><div class="form-stack">
    ${fields.map((one) =>
      control(designer, one, inner[one.name], (next) => {
        const made = withField(inner, one.name, next);
        put(Object.keys(made).length || field.required ? made : undefined);
      }, `${path}.${one.name}`),
    )}</div></details>`;
}
