// The designer of a voice menu: the drawing, the panel beside it, and a draft that is saved as one goes.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { Painter } from "../lib/paint.ts";
import { t } from "../lib/words.ts";
import { ask } from "./api.ts";
import type { Aside } from "./aside.ts";
import { Canvas } from "./canvas.ts";
import { arranged, freeName, freePlace, isRounded, layoutOf, neighbour, newNode, nodesOf, type Place, renamed, renamedCalendar, withNode, withoutNode, withPlaces } from "./document.ts";
import { Draft, type Finding } from "./draft.ts";
import { idOf } from "./form/at.ts";
import { kindMenu } from "./form/kinds.ts";
import { History } from "./history.ts";
import { fieldName, kindName, names } from "./names.ts";
import { Funnel } from "./funnel.ts";
import { goToField, panel } from "./panel.ts";
import { Phone } from "./phone.ts";
import { Prompts } from "./prompts.ts";
import { type Fields, kindsOf, type Schema, type Way, withWay } from "./schema.ts";

export class Designer {
  document: Fields = {};
  schema: Schema = {};
  selected = "";
  refused: { path: string; sentence: string } | null = null; // what was typed into a field and could not be taken over
  readonly flow: string;
  readonly prompts: Prompts;
  readonly #draft: Draft;
  readonly #history = new History<Fields>();
  readonly #canvas: Canvas;
  readonly #painters: Painter[];
  readonly #phone: Phone;
  readonly #funnel: Funnel;

  constructor(root: HTMLElement) {
    this.flow = root.dataset["flow"] ?? "";
    this.prompts = new Prompts(root.dataset["sounds"] !== undefined, () => this.#paint(), (sentence) => this.say(sentence));
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
    this.#draft = new Draft(this.flow, { document: () => this.document, changed: () => this.#draw(), saved: () => void this.#phone.run() });
    this.#funnel = new Funnel(this, paper, () => {
      root.classList.toggle("shows-figures", this.#funnel.on);
      this.#draw();
    });
    this.#painters = [new Painter(bar, () => this.#bar()), new Painter(side, () => this.#side())];
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    void this.#load();
  }

  /** Of the chosen node; of the whole menu, also what is said of nodes that are not there. */
  findingsHere(): Finding[] {
    return this.#here(this.#draft.findings);
  }

  doubtsHere(): Finding[] {
    return this.#here(this.#draft.doubts);
  }

  #here(found: readonly Finding[]): Finding[] {
    return found.filter((one) => this.#place(one) === this.selected);
  }

  #place(finding: Finding): string {
    return finding.node in nodesOf(this.document) ? finding.node : "";
  }

  // Changes ------------------------------------------------------------------------------------------------------------

  change(next: Fields): void {
    if (this.#published) {
      this.#draw(); // a version that was published is only looked at
      return;
    }
    if (isRounded(next)) {
      this.say(t("Numbers of more than 15 digits cannot be kept here as they are; take the menu over from a file."));
      return;
    }
    this.#history.leave(this.document);
    this.#take(next);
  }

  changeNode(name: string, node: Fields): void {
    this.change(withNode(this.document, name, node));
  }

  select(name: string): void {
    if (name === this.selected) return;
    this.selected = name;
    this.refused = null;
    this.prompts.making = "";
    this.#canvas.select(name);
    this.#paint();
  }

  goTo(name: string): void {
    this.select(name);
    this.#canvas.show(name);
  }

  /** There, with the keyboard as well. */
  visit(name: string): void {
    this.goTo(name);
    this.#canvas.focus(name);
  }

  say(sentence: string): void {
    this.#draft.said = sentence;
    this.#paint();
  }

  /** Beside its field; the next change takes it away. */
  refuse(path: string, sentence: string): void {
    this.refused = { path, sentence };
    this.#paint();
  }

  /** The form of the whole menu, at one of its fields. */
  openWhole(field: string): void {
    this.select("");
    queueMicrotask(() => document.getElementById(idOf(field))?.focus());
  }

  /** From one thing that is wrong to the next, those of the whole menu first. */
  #nextFinding(): void {
    const all = [...this.#draft.findings, ...this.#draft.doubts];
    const places = [...new Set(all.map((one) => this.#place(one)))].sort();
    const next = places[(places.indexOf(this.selected) + 1) % places.length] ?? "";
    const other = [this.#phone, this.#funnel].find((one) => one.on);
    if (other) other.toggle();
    if (next) this.visit(next);
    else this.openWhole(all.find((one) => !this.#place(one))?.field ?? "");
  }

  /** Where a link leads: a node, or the whole menu, at one of its fields. */
  #open(node: string, field: string): void {
    if (node in nodesOf(this.document)) this.visit(node);
    else this.select("");
    if (field) queueMicrotask(() => goToField(field));
  }

  /** All nodes anew, whoever has put them where they stand; to be undone as one change. */
  #arrange(): void {
    this.change(withPlaces(this.document, arranged(this.document, this.schema)));
    this.#canvas.fit();
  }

  rename(old: string, name: string): void {
    if (name === old) return;
    if (!/^[a-z][a-z0-9_]{0,39}$/.test(name) || name in nodesOf(this.document)) {
      this.refuse("node-name", t("A node is called by a word of small letters, digits and _ that no other node has."));
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
    const made = this.#withNew(kind, name);
    this.selected = name;
    this.change(made);
    this.#canvas.show(name);
    this.#canvas.focus(name);
  }

  /** A new node to which a way of the chosen one leads: one change, to be undone as one. */
  grow(kind: string, lead: (to: string) => void): void {
    if (this.#published) return this.#draw();
    const [name, before] = [freeName(this.document, kind), this.document];
    const grown = this.#withNew(kind, name);
    this.document = grown;
    lead(name);
    if (this.document === grown) this.document = before; // it was refused
    else this.#history.replaceLast(before);
    this.#canvas.show(name);
  }

  #withNew(kind: string, name: string): Fields {
    const places = layoutOf(this.document, this.schema);
    places.set(name, freePlace(places, this.selected));
    return withPlaces(withNode(this.document, name, newNode(kind, kindsOf(this.schema).get(kind))), places);
  }

  renameCalendar(old: string, name: string): void {
    this.change(renamedCalendar(this.document, this.schema, old, name));
  }

  undo(): void {
    const last = this.#published ? undefined : this.#history.undo(this.document);
    if (last) this.#take(last);
  }

  redo(): void {
    const next = this.#published ? undefined : this.#history.redo(this.document);
    if (next) this.#take(next);
  }

  #take(next: Fields): void {
    this.document = next;
    this.refused = null;
    if (!(this.selected in nodesOf(next))) this.selected = "";
    this.#draft.change();
    this.#draw();
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
      document.querySelector<HTMLElement>(".designer-panel :is(input, select)")?.focus();
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
    const typing = event.target instanceof HTMLElement && event.target.matches("textarea, input:not([type=checkbox])");
    const held = event.ctrlKey || event.metaKey;
    if (held && event.key === "s") {
      event.preventDefault();
      const here = document.activeElement;
      if (here instanceof HTMLElement) {
        here.blur(); // so that what is being typed is taken over
        here.focus();
      }
      void this.#draft.save();
    } else if (held && !typing && /^[zy]$/i.test(event.key)) {
      event.preventDefault();
      if (event.shiftKey || event.key === "y") this.redo();
      else this.undo();
    } else if (event.key === "Escape" && this.selected && !event.defaultPrevented) {
      this.#canvas.focus(this.selected);
    }
  }

  async #load(): Promise<void> {
    try {
      const [document, schema] = await Promise.all([this.#draft.read(), ask<Schema>("/flows/schema"), this.prompts.read()]);
      this.schema = schema;
      this.document = document;
    } catch (error) {
      this.#draft.fault = String((error as Error).message);
    }
    this.#draw();
    this.#canvas.begin(String(this.document["start"] ?? ""));
    const wanted = new URLSearchParams(location.search);
    this.#phone.show(wanted.get("try"));
    this.#funnel.show(wanted.get("figures"));
    if (wanted.has("at") || wanted.has("field")) this.#open(wanted.get("at") ?? "", wanted.get("field") ?? "");
  }

  async #leave(event: MouseEvent): Promise<void> {
    const link = event.currentTarget as HTMLAnchorElement;
    if (event.ctrlKey || event.metaKey || event.shiftKey || !this.#draft.busy) return;
    event.preventDefault();
    await this.#draft.save();
    location.assign(link.href);
  }

  // Drawing ------------------------------------------------------------------------------------------------------------

  // The version that is looked at instead of the draft.
  get #published(): Fields | null {
    return this.#phone.document ?? this.#funnel.document;
  }

  #draw(): void {
    const faulty = new Map<string, number>();
    for (const one of this.#published ? [] : this.#draft.findings) faulty.set(one.node, (faulty.get(one.node) ?? 0) + 1);
    const doubted = new Set(this.#published ? [] : this.#draft.doubts.map((one) => one.node));
    const { schema, selected } = this;
    const drawn = this.#published ?? this.document;
    this.#canvas.draw({ document: drawn, schema, selected, faulty, doubted, kindName, wayName: (way, kind) => this.#wayName(way, kind) });
    this.#canvas.walk(this.#phone.here, this.#phone.passed);
    this.#funnel.mark();
    this.#paint();
  }

  #side(): TemplateResult {
    if (this.#funnel.on) return this.#funnel.view();
    return this.#phone.on ? this.#phone.view() : panel(this);
  }

  #wayName(way: Way, kind: string): string {
    const inner = way.path.split(".")[1];
    if (inner && way.field === "choices") return t("Key %(key)s", { key: inner });
    if (inner && way.field === "cases") return t("Case %(number)s", { number: inner });
    return inner ? `${fieldName(way.field)} ${inner}` : fieldName(way.field, kind);
  }

  #paint(): void {
    for (const painter of this.#painters) painter.paint();
  }

  #bar(): TemplateResult {
    const kinds = [...kindsOf(this.schema).keys()];
    const leave = (event: MouseEvent) => this.#leave(event);
    return html`
      <p class="crumbs"><a href="/menus" @click=${leave}>${t("Voice menus")}</a> / <a href="/menus/${this.flow}" @click=${leave}>${names.menus[this.flow] ?? this.flow}</a></p>
      ${kindMenu(this.schema, html`<summary class="btn">${icon("plus")}<span>${t("Add a node")}</span></summary>`, (kind) => this.add(kind))}
      <button type="button" class="btn" ?disabled=${!this.#history.canUndo} @click=${() => this.undo()}>${icon("arrow-back-up")}<span class="bar-word">${t("Undo")}</span></button>
      <button type="button" class="btn" ?disabled=${!this.#history.canRedo} @click=${() => this.redo()}>${icon("arrow-forward-up")}<span class="bar-word">${t("Redo")}</span></button>
      <button type="button" class="btn btn-icon" aria-label=${t("Smaller")} title=${t("Smaller")} @click=${() => this.#canvas.zoom(0.8)}>${icon("zoom-out")}</button>
      <button type="button" class="btn btn-icon" aria-label=${t("Larger")} title=${t("Larger")} @click=${() => this.#canvas.zoom(1.25)}>${icon("zoom-in")}</button>
      <button type="button" class="btn btn-icon" aria-label=${t("Fit")} title=${t("Fit")} @click=${() => this.#canvas.fit()}>${icon("arrows-maximize")}</button>
      <button type="button" class="btn" ?disabled=${!kinds.length || this.#published !== null} title=${t("Puts every node in its place anew, from left to right")} @click=${() => this.#arrange()}>${icon("layout-distribute-vertical")}<span class="bar-word">${t("Arrange")}</span></button>
      <button type="button" class="btn" @click=${() => this.select("")}>${icon("sitemap")}<span class="bar-word">${t("The whole menu")}</span></button>
      <button type="button" class="btn" ?disabled=${!kinds.length} aria-pressed=${String(this.#phone.on)} @click=${() => this.#beside(this.#phone, this.#funnel)}>${icon("phone")}${t("Try it")}</button>
      <button type="button" class="btn" ?disabled=${!kinds.length} aria-pressed=${String(this.#funnel.on)} @click=${() => this.#beside(this.#funnel, this.#phone)}>${icon("chart-funnel")}${t("What callers did")}</button>
      <span class="designer-state" role="status">${this.#draft.state}</span>
      ${this.#draft.findings.length + this.#draft.doubts.length && !this.#published ? html`<button type="button" class="btn btn-sm" @click=${() => this.#nextFinding()}>${icon("alert-circle", "icon-sm")}${t("Next finding")}</button>` : nothing}
      <a class="btn btn-primary" href="/menus/${this.flow}" @click=${leave}>${t("Look through and publish")}</a>
      ${this.#draft.fault ? html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}${this.#draft.fault} ${this.#draft.unsaved ? html`<a download="${this.flow}.json" href=${asFile(this.document)}>${t("Save yours as a file")}</a> · ` : nothing}<a href="">${t("Load it again")}</a></p>` : nothing}`;
  }

  // One thing at a time beside the drawing.
  #beside(wanted: Aside, other: Aside): void {
    if (other.on) other.toggle();
    wanted.toggle();
  }
}

function asFile(document: Fields): string {
  return `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(document, null, 2))}`;
}

const root = document.getElementById("designer");
if (root) new Designer(root);
