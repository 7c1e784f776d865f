// The drawing of a voice menu: JointJS draws boxes and lines, drags them, and tells what was done. It keeps nothing: after
// each change it is drawn anew from the document.
import { dia, shapes } from "@joint/core";
import { t } from "../lib/words.ts";
import { heightOf, kindOfNode, layoutOf, nodesOf, type Place, portAt, waysOfNode, wide } from "./document.ts";
import type { Fields, Schema, Way } from "./schema.ts";

export interface Drawn {
  document: Fields;
  schema: Schema;
  selected: string;
  faulty: ReadonlyMap<string, number>; // node -> how many findings
  doubted: ReadonlySet<string>; // nodes of which something is to be thought of
  kindName: (kind: string) => string;
  wayName: (way: Way, kind: string) => string;
}

export interface Hand {
  select(name: string): void;
  moved(name: string, to: Place): void;
  led(name: string, path: string, to: string): void;
  key(event: KeyboardEvent, name: string): void;
}

const box = dia.Element.define(
  "cw.Box",
  {
    size: { width: wide, height: 60 },
    ports: {
      groups: {
        out: {
          position: { name: "absolute" },
          markup: [
            { tagName: "text", selector: "word", className: "flow-way" },
            { tagName: "circle", selector: "dot", className: "flow-dot" },
          ],
          attrs: { word: { x: -14, y: 4, textAnchor: "end" }, dot: { r: 6, magnet: true } },
        },
      },
    },
    attrs: {
      body: { width: "calc(w)", height: "calc(h)", rx: 8 },
      name: { x: 12, y: 20 },
      kind: { x: 12, y: 36 },
      flag: { x: "calc(w-12)", y: 21, textAnchor: "end" },
    },
  },
  {
    markup: [
      { tagName: "rect", selector: "body", className: "flow-body" },
      { tagName: "text", selector: "name", className: "flow-name" },
      { tagName: "text", selector: "kind", className: "flow-kind" },
      { tagName: "text", selector: "flag", className: "flow-flag" },
    ],
  },
);

function line(source: object, target: object): dia.Link {
  return new shapes.standard.Link({
    z: 0, // below the boxes, whose dots are to be taken hold of
    source,
    target,
    connector: { name: "curve", args: { sourceDirection: "right", targetDirection: "left" } },
    attrs: { line: { class: "flow-line", targetMarker: { type: "path", d: "M 8 -4 0 0 8 4 z" } }, wrapper: { cursor: "default" } },
  });
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// Its own style sheet, which our security policy refuses, is of no use for us.
class Paper extends dia.Paper {
  override addStylesheet(): void {}
}

const margin = 80; // right of and below what is drawn

export class Canvas {
  readonly #graph = new dia.Graph({}, { cellNamespace: { cw: { Box: box }, standard: shapes.standard } });
  readonly #paper: dia.Paper;
  readonly #hand: Hand;
  #scale = 1;

  constructor(host: HTMLElement, hand: Hand) {
    this.#hand = hand;
    const el = document.createElement("div");
    host.append(el);
    this.#paper = new Paper({
      el,
      model: this.#graph,
      cellViewNamespace: { cw: { Box: box }, standard: shapes.standard },
      width: 800,
      height: 600,
      gridSize: 4,
      clickThreshold: 5,
      interactive: { elementMove: true, linkMove: false, addLinkFromMagnet: true },
      linkPinning: false,
      snapLinks: { radius: 30 },
      background: { color: "transparent" },
      defaultConnectionPoint: { name: "anchor" },
      defaultLink: () => line({}, {}),
      validateConnection: (_source, _magnet, target) => target.model.isElement(),
    });
    this.#listen(el);
  }

  #listen(el: HTMLElement): void {
    const paper = this.#paper;
    paper.on("element:pointerdown", (view: dia.ElementView) => this.#hand.select(String(view.model.id)));
    paper.on("element:pointerup", (view: dia.ElementView) => {
      const { x, y } = view.model.position();
      this.#hand.moved(String(view.model.id), { x: Math.max(0, x), y: Math.max(0, y) });
    });
    paper.on("link:pointerclick", (view: dia.LinkView) => this.#hand.select(String(view.model.source().id)));
    paper.on("blank:pointerclick", () => this.#hand.select(""));
    paper.on("link:connect", (view: dia.LinkView) => {
      const [from, to] = [view.model.source(), view.model.target()];
      queueMicrotask(() => this.#hand.led(String(from.id), String(from.port), String(to.id)));
    });
    el.addEventListener("keydown", (event) => {
      const name = event.target instanceof Element ? event.target.closest("[data-node]")?.getAttribute("data-node") : null;
      if (name) this.#hand.key(event, name);
    });
    el.addEventListener("focusin", (event) => {
      const name = event.target instanceof Element ? event.target.getAttribute("data-node") : null;
      if (name) this.#hand.select(name);
    });
  }

  draw(drawn: Drawn): void {
    const focused = document.activeElement?.getAttribute("data-node");
    const places = layoutOf(drawn.document, drawn.schema);
    const nodes = nodesOf(drawn.document);
    const cells: dia.Cell[] = Object.keys(nodes).map((name) => this.#box(name, drawn, places.get(name) ?? { x: 0, y: 0 }));
    for (const name of Object.keys(nodes))
      for (const way of waysOfNode(drawn.document, drawn.schema, name)) {
        if (Object.hasOwn(nodes, way.to)) cells.push(line({ id: name, port: way.path, magnet: "dot" }, { id: way.to, anchor: { name: "topLeft", args: { dx: -2, dy: 22 } } }));
      }
    this.#graph.resetCells(cells);
    for (const name of Object.keys(nodes)) this.#mark(name, drawn);
    this.#fit();
    if (focused) this.focus(focused);
  }

  #box(name: string, drawn: Drawn, at: Place): dia.Element {
    const ways = waysOfNode(drawn.document, drawn.schema, name);
    const kind = kindOfNode(nodesOf(drawn.document)[name]);
    const faults = drawn.faulty.get(name) ?? 0;
    return new box({
      id: name,
      z: 1,
      position: { ...at },
      size: { width: wide, height: heightOf(ways) },
      attrs: {
        name: { text: cut(name, 22) },
        kind: { text: cut(drawn.kindName(kind), 28) },
        flag: { text: faults ? `⚠ ${faults}` : drawn.doubted.has(name) ? "?" : drawn.document["start"] === name ? "▶" : "" },
      },
      ports: {
        items: ways.map((way, index) => ({
          id: way.path,
          group: "out",
          args: { x: wide, y: portAt(index) },
          attrs: {
            word: { text: cut(drawn.wayName(way, kind), 26) },
            dot: { class: `flow-dot${way.to ? " leads" : way.required ? " missing" : ""}` },
          },
        })),
      },
    });
  }

  #mark(name: string, drawn: Drawn): void {
    const el = this.#view(name)?.el;
    if (!el) return;
    const faults = drawn.faulty.get(name) ?? 0;
    const kind = drawn.kindName(kindOfNode(nodesOf(drawn.document)[name]));
    el.setAttribute("tabindex", "0");
    el.setAttribute("role", "button");
    el.setAttribute("data-node", name);
    const doubt = drawn.doubted.has(name) ? `, ${t("To think of")}` : "";
    const found = faults === 1 ? t("1 finding") : t("%(count)s findings", { count: faults });
    el.setAttribute("aria-label", `${name}, ${kind}${faults ? `, ${found}` : doubt}`);
    el.setAttribute("aria-pressed", String(name === drawn.selected));
    el.classList.add("flow-node");
    el.classList.toggle("is-selected", name === drawn.selected);
    el.classList.toggle("is-faulty", faults > 0);
  }

  select(name: string): void {
    for (const el of this.#paper.el.querySelectorAll<Element>("[data-node]")) {
      const chosen = el.getAttribute("data-node") === name;
      el.classList.toggle("is-selected", chosen);
      el.setAttribute("aria-pressed", String(chosen));
    }
  }

  // Where somebody stands who tries the menu, and where he has been.
  walk(here: string, passed: ReadonlySet<string>): void {
    for (const el of this.#paper.el.querySelectorAll<Element>("[data-node]")) {
      const name = el.getAttribute("data-node") ?? "";
      el.classList.toggle("is-here", name === here);
      el.classList.toggle("is-passed", passed.has(name));
      if (name === here) el.setAttribute("aria-current", "step");
    }
    this.#follow(here);
  }

  // Into the middle when it is out of sight; the page itself stays, for he has his finger on a key further down.
  #follow(name: string): void {
    const [node, frame] = [this.#view(name)?.el.getBoundingClientRect(), this.#paper.el.parentElement?.getBoundingClientRect()];
    if (!node || !frame) return;
    const seen = node.left >= frame.left && node.right <= frame.right && node.top >= frame.top && node.bottom <= frame.bottom;
    if (!seen) this.#paper.el.parentElement?.scrollBy((node.left + node.right - frame.left - frame.right) / 2, (node.top + node.bottom - frame.top - frame.bottom) / 2);
  }

  focus(name: string): void {
    const view = this.#view(name);
    if (view?.el instanceof SVGElement) view.el.focus();
  }

  show(name: string): void {
    this.#view(name)?.el.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** To the left edge, with this node half-way down: where somebody begins to read. */
  begin(name: string): void {
    const [node, frame] = [this.#view(name)?.el.getBoundingClientRect(), this.#paper.el.parentElement];
    const seen = frame?.getBoundingClientRect();
    if (!node || !frame || !seen) return;
    frame.scrollTo(0, frame.scrollTop + (node.top + node.bottom - seen.top - seen.bottom) / 2);
  }

  zoom(factor: number): void {
    this.#scale = Math.min(1.6, Math.max(0.3, this.#scale * factor));
    this.#fit();
  }

  /** All of it in sight, or as much as can still be read. */
  fit(): void {
    const [all, frame] = [this.#graph.getBBox(), this.#paper.el.parentElement];
    if (!all || !frame?.clientWidth) return;
    const scale = Math.min(frame.clientWidth / (all.x + all.width + margin), frame.clientHeight / (all.y + all.height + margin));
    this.#scale = Math.min(1, Math.max(0.3, scale));
    this.#fit();
    frame.scrollTo(0, 0);
  }

  #view(name: string): dia.CellView | undefined {
    const cell = this.#graph.getCell(name);
    return cell ? this.#paper.findViewByModel(cell) : undefined;
  }

  #fit(): void {
    this.#paper.scale(this.#scale);
    const all = this.#graph.getBBox();
    const [width, height] = all ? [all.x + all.width + margin, all.y + all.height + margin] : [400, 300];
    this.#paper.setDimensions(width * this.#scale, height * this.#scale);
  }
}
