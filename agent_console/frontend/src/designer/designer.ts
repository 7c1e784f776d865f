// The designer of a voice menu: the drawing, the panel beside it, and a draft that is saved as one goes.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { Painter } from "../lib/paint.ts";
import { t } from "../lib/words.ts";
import { Canvas } from "./canvas.ts";
import { freeName, isRounded, layoutOf, neighbour, newNode, nodesOf, type Place, renamed, withNode, withoutNode, withPlaces } from "./document.ts";
import { panel } from "./panel.ts";
import { Phone } from "./phone.ts";
import { type Fields, kindsOf, type Schema, type Way, withWay } from "./schema.ts";

export interface Finding {
  node: string;
  field: string;
  detail: string;
}

interface Draft {
  revision: number;
  based_on: number;
  document: Fields;
  text: string;
  findings: Finding[];
}

const quiet = 700; // milliseconds after the last change until it is saved
const most = 100; // changes that can be undone
const names: Record<"kinds" | "fields" | "words", Record<string, string>> = JSON.parse(
  document.getElementById("names")?.textContent ?? '{"kinds":{},"fields":{},"words":{}}',
);
const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";

export class Designer {
  document: Fields = {};
  schema: Schema = {};
  prompts: string[] = [];
  findings: Finding[] = [];
  selected = "";
  readonly flow: string;
  #revision = 0;
  #basedOn = 0;
  #before: Fields[] = [];
  #after: Fields[] = [];
  #unanswered: string[] = []; // what was sent, and may be kept although no answer came
  #said = "";
  #fault = "";
  #unsaved = false;
  #saving: Promise<void> | null = null;
  #timer = 0;
  readonly #canvas: Canvas;
  readonly #painters: Painter[];
  readonly #phone: Phone;

  constructor(root: HTMLElement) {
    this.flow = root.dataset["flow"] ?? "";
    root.innerHTML = '<div class="designer-bar"></div><div class="designer-paper"></div><aside class="designer-panel"></aside>';
    const [bar, paper, side] = root.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
    side.setAttribute("aria-label", t("What the node does"));
    this.#canvas = new Canvas(paper, {
      select: (name) => this.select(name),
      moved: (name, to) => this.#moved(name, to),
      led: (name, path, to) => this.#led(name, path, to),
      key: (event, name) => this.#key(event, name),
    });
    this.#phone = new Phone(this, root.dataset["zone"] ?? "", () => {
      root.classList.toggle("is-trying", this.#phone.on);
      this.#draw();
    });
    this.#painters = [new Painter(bar, () => this.#bar()), new Painter(side, () => (this.#phone.on ? this.#phone.view() : panel(this)))];
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.#unsaved || this.#saving) event.preventDefault();
    });
    void this.#load();
  }

  readonly kindName = (kind: string): string => names.kinds[kind] ?? kind;
  readonly fieldName = (field: string): string => names.fields[field] ?? field;
  readonly pathName = (path: string): string => path.split(".").map(this.fieldName).join(", ");
  readonly wordName = (word: string): string => names.words[word] ?? word;

  // Changes ------------------------------------------------------------------------------------------------------------

  change(next: Fields): void {
    if (this.#phone.document) {
      this.#draw(); // a version that was published is only looked at
      return;
    }
    if (isRounded(next)) {
      this.say(t("Numbers of more than 15 digits cannot be kept here as they are; take the menu over from a file."));
      return;
    }
    this.#before = [...this.#before, this.document].slice(-most);
    this.#after = [];
    this.#take(next);
  }

  changeNode(name: string, node: Fields): void {
    this.change(withNode(this.document, name, node));
  }

  select(name: string): void {
    if (name === this.selected) return;
    this.selected = name;
    this.#canvas.select(name);
    this.#paint();
  }

  goTo(name: string): void {
    this.select(name);
    this.#canvas.show(name);
  }

  say(sentence: string): void {
    this.#said = sentence;
    this.#paint();
  }

  rename(old: string, name: string): void {
    if (name === old) return;
    if (!/^[a-z][a-z0-9_]{0,39}$/.test(name) || name in nodesOf(this.document)) {
      this.say(t("A node is called by a word of small letters, digits and _ that no other node has."));
      return;
    }
    this.selected = name;
    this.change(renamed(this.document, this.schema, old, name));
  }

  remove(name: string): void {
    if (!(name in nodesOf(this.document))) return;
    this.selected = "";
    this.change(withoutNode(this.document, name));
  }

  add(kind: string): void {
    const name = freeName(this.document, kind);
    const places = layoutOf(this.document, this.schema);
    const beside = places.get(this.selected) ?? { x: 0, y: 0 };
    places.set(name, { x: beside.x + 40, y: beside.y + 120 });
    this.selected = name;
    this.change(withPlaces(withNode(this.document, name, newNode(kind, kindsOf(this.schema).get(kind))), places));
    this.#canvas.show(name);
    this.#canvas.focus(name);
  }

  undo(): void {
    const last = this.#phone.document ? undefined : this.#before.pop();
    if (!last) return;
    this.#after.push(this.document);
    this.#take(last);
  }

  redo(): void {
    const next = this.#phone.document ? undefined : this.#after.pop();
    if (!next) return;
    this.#before.push(this.document);
    this.#take(next);
  }

  #take(next: Fields): void {
    this.document = next;
    if (!(this.selected in nodesOf(next))) this.selected = "";
    this.#unsaved = true;
    this.#said = "";
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.save(), quiet);
  }

  #moved(name: string, to: Place): void {
    const places = layoutOf(this.document, this.schema);
    const here = places.get(name);
    if (here && here.x === to.x && here.y === to.y) return;
    this.change(withPlaces(this.document, places.set(name, to)));
  }

  #led(name: string, path: string, to: string): void {
    const node = nodesOf(this.document)[name];
    if (node) this.changeNode(name, withWay(node, path, to));
    this.select(name);
  }

  // Keys ---------------------------------------------------------------------------------------------------------------

  #key(event: KeyboardEvent, name: string): void {
    const places = layoutOf(this.document, this.schema);
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      if (event.altKey) this.#nudge(name, event.key, places);
      else this.#canvas.focus(neighbour(places, name, event.key) ?? name);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      document.querySelector<HTMLElement>(".designer-panel input, .designer-panel select")?.focus();
    } else if (event.key === "Delete") {
      const beside = ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"].map((key) => neighbour(places, name, key)).find(Boolean);
      this.remove(name);
      if (beside) this.#canvas.focus(beside);
    }
  }

  #nudge(name: string, key: string, places: Map<string, Place>): void {
    const at = places.get(name) ?? { x: 0, y: 0 };
    const [x = 0, y = 0] = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[key] ?? [];
    this.#moved(name, { x: Math.max(0, at.x + x), y: Math.max(0, at.y + y) });
  }

  #shortcut(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    const held = event.ctrlKey || event.metaKey;
    if (held && event.key === "s") {
      event.preventDefault();
      const here = document.activeElement;
      if (here instanceof HTMLElement) {
        here.blur(); // so that what is being typed is taken over
        here.focus();
      }
      void this.save();
    } else if (held && !typing && /^[zy]$/i.test(event.key)) {
      event.preventDefault();
      if (event.shiftKey || event.key === "y") this.redo();
      else this.undo();
    } else if (event.key === "Escape" && this.selected) {
      this.#canvas.focus(this.selected);
    }
  }

  // The draft ----------------------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    try {
      const [draft, schema, prompts] = await Promise.all([
        ask<Draft>(this.#path),
        ask<Schema>("/flows/schema"),
        ask<{ items: Record<string, string[]> }>("/flows/prompts"),
      ]);
      this.schema = schema;
      this.prompts = [...new Set(Object.values(prompts.items).flat())].sort();
      this.#revision = draft.revision;
      this.#basedOn = draft.based_on;
      this.document = draft.document;
      this.findings = draft.findings;
      if (draft.text) this.#fault = t("The draft is no JSON object. Import a file, or discard it.");
      else if (isRounded(draft.document)) this.#fault = t("This menu holds numbers of more than 15 digits, which would not be kept as they are. Change it as a file.");
    } catch (error) {
      this.#fault = String((error as Error).message);
    }
    this.#draw();
    this.#phone.ring(new URLSearchParams(location.search).get("try"));
  }

  // One saving after the other; what was changed meanwhile goes with the next.
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#saving) await this.#saving;
    if (!this.#unsaved || this.#fault) return;
    this.#saving = this.#put().finally(() => (this.#saving = null));
    await this.#saving;
  }

  async #put(): Promise<void> {
    const sent = this.document;
    this.#unsaved = false;
    this.#paint();
    try {
      const saved = await ask<Draft>(this.#path, { document: sent, revision: this.#revision, based_on: this.#basedOn });
      this.#kept(saved);
      this.findings = saved.findings;
      this.#said = t("Saved.");
      void this.#phone.run();
    } catch (error) {
      this.#unsaved = true;
      const { message, code, lost } = error as Refusal;
      const changed = code === "flow.draft_changed";
      if (changed && (await this.#arrived())) return this.#put();
      if (changed) this.#fault = message;
      else this.#said = message;
      if (lost) this.#unanswered.push(JSON.stringify(sent));
    }
    this.#draw();
  }

  #kept(draft: Draft): void {
    this.#revision = draft.revision;
    this.#basedOn = draft.based_on;
    this.#unanswered = [];
  }

  // Whether what stands in our way is what we have sent ourselves.
  async #arrived(): Promise<boolean> {
    const sent = this.#unanswered;
    const there = sent.length ? await ask<Draft>(this.#path).catch(() => null) : null;
    if (!there || !sent.includes(JSON.stringify(there.document))) return false;
    this.#kept(there);
    return true;
  }

  get #path(): string {
    return `/flows/${this.flow}/draft`;
  }

  async #leave(event: MouseEvent): Promise<void> {
    const link = event.currentTarget as HTMLAnchorElement;
    if (event.ctrlKey || event.metaKey || event.shiftKey || !(this.#unsaved || this.#saving)) return;
    event.preventDefault();
    await this.save();
    location.assign(link.href);
  }

  // Drawing ------------------------------------------------------------------------------------------------------------

  #draw(): void {
    const faulty = new Map<string, number>();
    for (const one of this.#phone.document ? [] : this.findings) faulty.set(one.node, (faulty.get(one.node) ?? 0) + 1);
    const { schema, selected } = this;
    const drawn = this.#phone.document ?? this.document;
    this.#canvas.draw({ document: drawn, schema, selected, faulty, kindName: this.kindName, wayName: (way) => this.#wayName(way) });
    this.#canvas.walk(this.#phone.here, this.#phone.passed);
    this.#paint();
  }

  #wayName(way: Way): string {
    const inner = way.path.split(".")[1];
    if (inner && way.field === "choices") return t("Key %(key)s", { key: inner });
    return inner ? `${this.fieldName(way.field)} ${inner}` : this.fieldName(way.field);
  }

  #paint(): void {
    for (const painter of this.#painters) painter.paint();
  }

  #bar(): TemplateResult {
    const kinds = [...kindsOf(this.schema).keys()];
    const leave = (event: MouseEvent) => this.#leave(event);
    return html`
      <p class="crumbs"><a href="/menus" @click=${leave}>${t("Voice menus")}</a> / <a href="/menus/${this.flow}" @click=${leave}>${this.flow}</a></p>
      <label class="visually-hidden" for="new-kind">${t("A new node")}</label>
      <select class="form-select" id="new-kind" @change=${(event: Event) => this.#chosen(event.target as HTMLSelectElement)}>
        <option value="">${t("Add a node …")}</option>${kinds.map((kind) => html`<option value=${kind}>${this.kindName(kind)}</option>`)}
      </select>
      <button type="button" class="btn" ?disabled=${!this.#before.length} @click=${() => this.undo()}>${icon("arrow-back-up")}${t("Undo")}</button>
      <button type="button" class="btn" ?disabled=${!this.#after.length} @click=${() => this.redo()}>${t("Redo")}</button>
      <button type="button" class="btn btn-icon" aria-label=${t("Smaller")} title=${t("Smaller")} @click=${() => this.#canvas.zoom(0.8)}>${icon("zoom-out")}</button>
      <button type="button" class="btn btn-icon" aria-label=${t("Larger")} title=${t("Larger")} @click=${() => this.#canvas.zoom(1.25)}>${icon("zoom-in")}</button>
      <button type="button" class="btn" @click=${() => this.select("")}>${t("The whole menu")}</button>
      <button type="button" class="btn" ?disabled=${!kinds.length} aria-pressed=${String(this.#phone.on)} @click=${() => this.#phone.toggle()}>${icon("phone")}${t("Try it")}</button>
      <span class="designer-state" role="status">${this.#state()}</span>
      <a class="btn btn-primary" href="/menus/${this.flow}" @click=${leave}>${t("Look through and publish")}</a>
      <datalist id="prompts">${this.prompts.map((key) => html`<option value=${key}></option>`)}</datalist>
      ${this.#fault ? html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}${this.#fault} ${this.#unsaved ? html`<a download="${this.flow}.json" href=${asFile(this.document)}>${t("Save yours as a file")}</a> · ` : nothing}<a href="">${t("Load it again")}</a></p>` : nothing}`;
  }

  #chosen(select: HTMLSelectElement): void {
    const kind = select.value;
    select.value = "";
    if (kind) this.add(kind);
  }

  #state(): string {
    if (this.#said && !this.#unsaved) return `${this.#said} ${this.#verdict()}`;
    if (this.#said) return this.#said;
    return this.#unsaved ? t("Not saved yet") : this.#verdict();
  }

  #verdict(): string {
    const count = this.findings.length;
    return count ? t("Findings: %(count)s", { count }) : t("Nothing is wrong with it.");
  }
}

function asFile(document: Fields): string {
  return `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(document, null, 2))}`;
}

class Refusal extends Error {
  readonly code: string;
  readonly lost: boolean; // whether it was done nobody knows

  constructor(message: string, lost: boolean, code = "") {
    super(message);
    this.lost = lost;
    this.code = code;
  }
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const put = body && { method: "PUT", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf } };
  const response = await fetch(`/api/v1${path}`, put).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response || !answer) throw new Refusal(t("The server does not answer. It is tried again with the next change."), true);
  if (!response.ok) throw new Refusal(answer.detail ?? response.statusText, response.status >= 500, answer.code);
  return answer;
}

const root = document.getElementById("designer");
if (root) new Designer(root);
