// Figures on the drawing: over each box how many came and how long they stayed, a bar behind each way by its share, and
// a colour with a mark where many hung up. It draws into what JointJS has drawn, and is gone with the next drawing.
import { duration, t } from "../lib/words.ts";
import { wide } from "./document.ts";
import { counted, dropOff, type NodeFigures, percent, type Sheet, wayOfPort } from "./figures.ts";

const room = wide - 16; // that a bar may take

export function mark(host: Element, sheet: Sheet): void {
  const found = new Map(sheet.nodes.map((one) => [one.node, one]));
  for (const el of host.querySelectorAll<SVGElement>("[data-node]")) {
    const figures = found.get(el.getAttribute("data-node") ?? "");
    el.classList.toggle("is-unvisited", !figures);
    if (figures) markNode(el, figures);
  }
}

function markNode(el: SVGElement, figures: NodeFigures): void {
  const drop = dropOff(figures);
  if (drop) el.classList.add(`is-drop-${drop}`);
  const stays = figures.median_s >= 0.5; // else it says nothing and asks nothing
  const callers = figures.callers === 1 ? t("1 caller") : t("%(count)s callers", { count: counted(figures.callers) });
  const parts = [callers, ...(stays ? [duration(figures.median_s)] : [])];
  const lost = figures.hung_up ? t("%(share)s hung up", { share: percent(figures.hung_up / figures.visits) }) : "";
  const caption = svg("text", { class: "funnel-caption", x: "2", y: "-8" });
  caption.append(`${parts.join(" · ")}${lost ? " · " : ""}`);
  if (lost) {
    const loss = svg("tspan", { class: "funnel-loss" });
    loss.append(`${{ "": "", some: "▲ ", many: "▲▲ " }[drop]}${lost}`);
    caption.append(loss);
  }
  el.append(caption);
  el.setAttribute("aria-label", [el.getAttribute("aria-label"), ...parts, lost].filter(Boolean).join(", "));
  for (const port of el.querySelectorAll<SVGElement>(".joint-port")) markWay(port, figures);
}

function markWay(port: SVGElement, figures: NodeFigures): void {
  const name = port.querySelector("[port]")?.getAttribute("port") ?? port.getAttribute("port") ?? "";
  const count = figures.ways[wayOfPort(name)] ?? 0;
  if (!count) return;
  const share = count / figures.visits;
  const width = Math.max(2, share * room);
  port.prepend(svg("rect", { class: "funnel-bar", x: String(-width), y: "-9", width: String(width), height: "18", rx: "3" }));
  const words = svg("text", { class: "funnel-share", x: "11", y: "-5" });
  words.append(percent(share));
  port.append(words);
}

function svg(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
