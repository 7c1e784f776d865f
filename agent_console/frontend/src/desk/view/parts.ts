// Small pieces that several places of the desk share.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Certainty } from "../../lib/protocol.ts";
import { ago, exact, label, moment, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";

type Piece = TemplateResult | typeof nothing;

export function fault(desk: Desk, place: string): Piece {
  const found = desk.fault(place);
  if (!found) return nothing;
  return html`<p class="fault" role="alert">${icon("alert-circle", "icon-sm")}<span>${found.sentence}</span></p>`;
}

const certaintyLook: Record<Certainty, [tag: string, mark: TemplateResult]> = {
  known: ["tag-ok", icon("circle-check", "icon-sm")],
  maybe: ["tag-warn", icon("help-circle", "icon-sm")],
  several: ["tag-warn", icon("users", "icon-sm")],
  new: ["tag-info", icon("user-plus", "icon-sm")],
  anonymous: ["", icon("eye-off", "icon-sm")],
};

export function certainty(value: Certainty): TemplateResult {
  const [tag, mark] = certaintyLook[value];
  return html`<span class="tag ${tag}" data-certainty=${value}>${mark}${label("Certainty", value)}</span>`;
}

export function level(value: string): Piece {
  if (value === "normal" || !value) return nothing;
  return html`<span class="tag level-${value}">${icon("star filled", "icon-sm")}${label("CustomerLevel", value)}</span>`;
}

export function when(at: string, now: Date): TemplateResult {
  return html`<time datetime=${at} title=${exact(at)}>${ago(at, now)}</time>`;
}

// A promise: relative to now while it is near, and red once it is late.
export function due(at: string, now: Date): TemplateResult {
  const late = new Date(at).getTime() < now.getTime();
  const text = late ? t("due %(when)s", { when: ago(at, now) }) : moment(at, now);
  return html`<time class=${late ? "late" : ""} datetime=${at} title=${exact(at)}>${text}</time>`;
}

export function priority(value: string): Piece {
  if (value !== "high" && value !== "urgent") return nothing;
  return html`<span class="tag ${value === "urgent" ? "tag-danger" : "tag-warn"}">${label("TicketPriority", value)}</span>`;
}

export function pauseReason(code: string): string {
  return label("Pause", code);
}

export function pressed(value: boolean): "true" | "false" {
  return value ? "true" : "false";
}
