// How a call came here from a colleague, or went on from here; and what colleagues have written about it.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Case, Party } from "../../lib/protocol.ts";
import { pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { isOffer } from "../state.ts";
import { disposition } from "./conversation.ts";

type Piece = TemplateResult | typeof nothing;

export function partyName(desk: Desk, party: Party): string {
  const words = desk.model.hello?.vocabulary;
  const agent = party.agent ? pick(words?.agents[party.agent]) : "";
  return agent || pick(words?.queues[party.number]) || pick(party.shown, party.number);
}

export function agentName(desk: Desk, agent: string | null, otherwise = ""): string {
  return agent ? pick(desk.model.hello?.vocabulary.agents[agent], otherwise) : otherwise;
}

export function handing(desk: Desk, one: Case): Piece {
  const lines = [came(desk, one), went(desk, one)].filter(Boolean);
  if (!lines.length && !one.notes.length) return nothing;
  return html`<section class="panel handing" aria-label=${t("From colleagues")}>
    ${lines.map((line) => html`<p class="handing-line">${icon("arrow-forward-up", "icon-sm")}<span>${line}</span></p>`)}
    ${one.notes.map((note) => written(desk, note.by, note.note, note.disposition))}
  </section>`;
}

// In one line, for the call bar too.
export function came(desk: Desk, one: Case): string {
  if (!one.sent_by) return "";
  const name = partyName(desk, one.sent_by);
  switch (one.rings_for) {
    case "transfer":
      return t("Transferred by %(name)s", { name });
    case "consultation":
      return t("%(name)s asks for your advice", { name });
    case "recall":
      return isOffer(one.phase) ? t("Nobody took the call you transferred: it comes back") : t("The call you transferred came back");
    default:
      return "";
  }
}

function went(desk: Desk, one: Case): string {
  const transfer = one.transfer;
  if (!transfer || transfer.by.agent !== desk.model.hello?.me.id) return "";
  const name = partyName(desk, transfer.to);
  switch (transfer.outcome) {
    case "completed":
      return t("You transferred the call to %(name)s", { name });
    case "no_answer":
      return t("%(name)s did not answer, so the transfer came to nothing", { name });
    case "busy":
      return t("%(name)s was busy or turned it down, so the transfer came to nothing", { name });
    case "cancelled":
      return t("The transfer to %(name)s was given up", { name });
    default:
      return t("%(name)s could not be reached, so the transfer came to nothing", { name });
  }
}

function written(desk: Desk, by: string, note: string, code: string): TemplateResult {
  return html`<div class="handing-note">
    <p class="visually-quiet">${t("%(name)s writes", { name: agentName(desk, by, by) })}${code ? html` · ${disposition(desk, code)}` : nothing}</p>
    ${note ? html`<blockquote>${note}</blockquote>` : nothing}
  </div>`;
}
