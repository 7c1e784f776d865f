// A ticket out of the line: the agent is asked whether he takes it, or gives it to somebody else and says why.
import { html, nothing, type TemplateResult } from "lit-html";
import type { TicketAsk } from "../../lib/protocol.ts";
import { clock, pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { rule } from "./context.ts";
import { fault, priority, when } from "./parts.ts";

export function ticketAsk(desk: Desk): TemplateResult | typeof nothing {
  const ask = desk.model.ticketAsk;
  if (!ask) return nothing;
  const place = placeOf(ask);
  return html`<section class="work-group ticket-ask" role="status" aria-labelledby="ticket-ask-title">
    <h2 class="side-title" id="ticket-ask-title">${icon("ticket", "icon-sm")}${t("A ticket for you")}<span class="row-time">${left(ask)}</span></h2>
    <a class="ticket-ask-what" href="/tickets/${ask.number}" target="_blank" rel="noopener">
      <span class="work-line"><strong>${ask.subject}</strong>${priority(ask.priority)}</span>
      <span class="work-line visually-quiet"><span class="truncate">${[pick(ask.customer), ask.queue ? pick(desk.model.hello?.vocabulary.queues[ask.queue], ask.queue) : ""].filter(Boolean).join(" · ")}</span><span class="row-time">${when(ask.since, desk.now)}</span></span>
    </a>
    ${ask.description ? html`<p class="ticket-ask-words visually-quiet">${ask.description}</p>` : nothing}
    <p class="ticket-ask-words visually-quiet">${ask.because.rule === "only_one" ? t("You are the only one free who can do this.") : rule(ask.because)}</p>
    <button type="button" class="btn btn-primary" ?disabled=${desk.pending(place)} @click=${() => desk.ask(place, { do: "take_ticket", ticket: ask.ticket })}>${icon("check")}${t("Take the ticket")}</button>
    <details class="hand-back">
      <summary>${t("Hand back")}</summary>
      <form @submit=${(event: SubmitEvent) => handBack(desk, ask, event)}>
        <label class="form-label" for="hand-back-reason">${t("Why somebody else shall have it")}</label>
        <input class="form-control" id="hand-back-reason" name="reason" required maxlength="500" autocomplete="off">
        <button type="submit" class="btn" ?disabled=${desk.pending(place)}>${t("Hand back")}</button>
      </form>
    </details>
    ${fault(desk, place)}
  </section>`;
}

function placeOf(ask: TicketAsk): string {
  return `ticket-ask:${ask.ticket}`;
}

// Somebody else is asked then.
function left(ask: TicketAsk): string {
  return t("until %(time)s", { time: clock(new Date(ask.until)) });
}

async function handBack(desk: Desk, ask: TicketAsk, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const reason = String(new FormData(event.target as HTMLFormElement).get("reason") ?? "").trim();
  if (reason) await desk.ask(placeOf(ask), { do: "hand_back_ticket", ticket: ask.ticket, reason });
}
