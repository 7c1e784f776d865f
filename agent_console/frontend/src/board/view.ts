// The board's picture: queues as rows, waiting callers, agents as cards, calls in progress.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { AgentState, BoardAgent, BoardCall, BoardLevel, BoardQueue, BoardTicket, BoardWaiting } from "../lib/protocol.ts";
import { helpSheet } from "../lib/help.ts";
import { icon } from "../lib/icons.ts";
import { asked, calledBack, notTaken, relaxed, wentOn } from "../lib/relaxing.ts";
import { whyLines } from "../lib/why.ts";
import { inTurn } from "../lib/table.ts";
import { clock, duration, label, listed, pick, t } from "../lib/words.ts";
import type { Board, Forced } from "./board.ts";
import { mine, monitored, monitoring, parked } from "./monitor.ts";
import { shortcuts } from "./shortcuts.ts";

type Piece = TemplateResult | typeof nothing;

export function board(board: Board): TemplateResult {
  const old = board.connection.status !== "open" || board.away;
  return html`
    ${age(board)}
    <div class="board-grid ${old && board.heard ? "is-old" : ""}">
      <div class="board-main">${queues(board)}${agents(board)}</div>
      <div class="board-side">${waiting(board)}${tickets(board)}${parked(board)}${calls(board)}</div>
    </div>
    ${board.help ? helpSheet(shortcuts(board), () => ((board.help = false), board.paint())) : nothing}
  `;
}

// How old the picture is, whenever it is not of this moment.
function age(board: Board): Piece {
  if (board.connection.status === "logged_out")
    return strip("danger", html`${t("You are logged out.")} <a href="/login?next=/board">${t("Log in")}</a>`);
  if (board.connection.status === "lost" && board.heard)
    return old(t("No connection to the server. The picture is of %(time)s,", { time: clock(board.heard) }), board.heard);
  if (board.away && board.heard)
    return old(t("The telephone part does not answer; calls go on. The picture is of %(time)s,", { time: clock(board.heard) }), board.heard);
  const down = Object.entries(board.links).filter(([, up]) => !up);
  if (down.length)
    return strip("danger", t("The line to the telephone system %(name)s is down. Its callers are looked after by its safety queue.", { name: listed(down.map(([name]) => name)) }));
  if (board.hello && !board.heard) return strip("info", t("Waiting for the telephone system …"));
  return nothing;
}

function old(text: string, heard: Date): TemplateResult {
  return strip("danger", html`${text} <cw-timer class="num" since=${heard.toISOString()}></cw-timer> ${t("old.")}`);
}

function strip(kind: string, text: unknown): TemplateResult {
  return html`<div class="trouble trouble-${kind}" role="status">${icon("alert-triangle")}<span>${text}</span></div>`;
}

// Queues ------------------------------------------------------------------------------------------------------------

function queues(board: Board): TemplateResult {
  const rows = board.queues.all;
  return html`<section class="panel board-queues" aria-labelledby="queues-title">
    <h2 class="panel-title" id="queues-title">${t("Queues")}</h2>
    ${rows.length
      ? html`<table class="table board-table">
          <thead><tr><th scope="col">${t("Queue")}</th><th scope="col" class="num">${t("Waiting")}</th><th scope="col" class="num">${t("Longest wait")}</th><th scope="col" class="num">${t("In time today")}</th><th scope="col" class="num board-lately">${t("Last 30 min")}</th><th scope="col" class="num">${t("Tickets")}</th><th scope="col" class="num">${t("Ready")}</th><th scope="col" class="num">${t("Signed in")}</th></tr></thead>
          <tbody>${repeat(rows, (row) => row.queue, (row) => queueRow(board, row))}</tbody>
        </table>`
      : bones(3)}
  </section>`;
}

function queueRow(board: Board, row: BoardQueue): TemplateResult {
  const target = board.hello?.vocabulary.service_level_s[row.queue] ?? 20;
  const chosen = board.queue === row.queue;
  return html`<tr class=${chosen ? "is-chosen" : ""}>
    <th scope="row"><button type="button" class="link-button" aria-pressed=${chosen ? "true" : "false"} @click=${() => board.filter(row.queue)}>${pick(row.names, row.queue)}</button>${aim(board, row)}</th>
    <td class="num big ${row.waiting ? "is-some" : ""}">${row.waiting}</td>
    <td class="num big ${row.oldest ? "is-some" : ""}">${row.oldest ? html`<cw-timer since=${row.oldest} late-after=${target}></cw-timer>` : html`<span class="visually-quiet">–</span>`}</td>
    ${level(board, row, row.today)}${level(board, row, row.lately, "board-lately")}
    <td class="num big">${row.tickets || html`<span class="visually-quiet">–</span>`}</td>
    <td class="num big ${row.ready ? "is-ready" : ""}">${row.ready}</td>
    <td class="num big">${row.signed_in}</td>
  </tr>`;
}

/** `86%` and what it is of, in warning colour and with a sign while fewer are in time than was agreed. */
function level(board: Board, row: BoardQueue, level: BoardLevel | null, where = ""): TemplateResult {
  if (!level) return html`<td class="num ${where}"><span class="visually-quiet">–</span></td>`;
  const wanted = board.hello?.vocabulary.service_level_percent[row.queue] ?? 0;
  const short = level.percent < wanted;
  return html`<td class="num ${where}"><span class="board-level ${short ? "is-short" : ""}" title=${short ? t("Fewer than agreed") : nothing}>${short ? icon("alert-triangle", "icon-sm") : nothing}${level.percent}%</span>
    <span class="board-level-of visually-quiet">${t("%(in_time)s of %(offered)s", { in_time: level.in_time, offered: level.offered })}</span></td>`;
}

/** `80 % within 0:20`, where somebody has agreed on it. */
function aim(board: Board, row: BoardQueue): TemplateResult | typeof nothing {
  const words = board.hello?.vocabulary;
  const percent = words?.service_level_percent[row.queue];
  const within = words?.service_level_s[row.queue];
  if (!percent || !within) return nothing;
  return html`<span class="board-row-line visually-quiet">${t("Target: %(share)s within %(time)s", { share: `${percent}%`, time: duration(within) })}</span>`;
}

// Agents ------------------------------------------------------------------------------------------------------------

const order: AgentState[] = ["talking", "ringing", "reserved", "ready", "wrap_up", "paused", "offline"];

function agents(board: Board): TemplateResult {
  const rows = board.agents.all.filter((row) => !board.queue || row.queues.includes(board.queue));
  const sorted = rows.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.extension.localeCompare(b.extension));
  return html`<section class="panel" aria-labelledby="agents-title">
    <div class="panel-head"><h2 class="panel-title" id="agents-title">${t("Agents")}</h2>${summary(sorted)}</div>
    ${board.heard || sorted.length
      ? sorted.length
        ? html`<ul class="agent-cards">${repeat(sorted, (row) => row.agent, (row) => card(board, row))}</ul>`
        : html`<p class="empty-hint">${t("Nobody serves this queue.")}</p>`
      : bones(3)}
  </section>`;
}

function summary(rows: BoardAgent[]): TemplateResult {
  const states: AgentState[] = ["ready", "ringing", "talking", "wrap_up", "paused", "offline"];
  const counted = (row: BoardAgent) => (row.state === "reserved" ? "ringing" : row.state); // about to ring
  return html`<ul class="agent-summary">
    ${states.map((state) => html`<li class="state state-${state}"><span class="num">${rows.filter((row) => counted(row) === state).length}</span> ${label("AgentState", state)}</li>`)}
  </ul>`;
}

function card(board: Board, row: BoardAgent): TemplateResult {
  const name = pick(board.hello?.vocabulary.agents[row.agent], row.extension);
  const call = board.calls.get(row.call);
  const held = call?.phase === "held" && call.agent === row.agent; // whom he asks meanwhile talks
  const state = held ? "held" : row.state;
  const words = held ? t("On hold") : label("AgentState", row.state);
  const open = board.opened === row.agent;
  return html`<li class="agent-card card-${state}" data-agent=${row.agent} data-state=${row.state} tabindex="0" aria-label="${name}, ${words}">
    <div class="agent-line"><strong class="truncate">${name}</strong><span class="num visually-quiet">${row.extension}</span></div>
    <div class="agent-line">
      <span class="state state-${state}">${words}</span><cw-timer class="num" since=${row.since}></cw-timer>
    </div>
    <div class="agent-line visually-quiet ${unreachable(row, call) ? "is-unreachable" : ""}"><span class="truncate">${detail(board, row, call)}</span></div>
    ${monitored(board, row)}
    ${board.hello?.me.directs ? actions(board, row, open) : nothing}
  </li>`;
}

// He takes calls, as far as he knows; and gets none.
function unreachable(row: BoardAgent, call: BoardCall | undefined): boolean {
  return !call && !row.reachable && row.state !== "paused" && row.state !== "offline";
}

function detail(board: Board, row: BoardAgent, call: BoardCall | undefined): string {
  if (call) return [pick(call.customer) || pick(call.shown), pick(board.queues.get(call.queue)?.names)].filter(Boolean).join(" · ");
  if (row.state === "paused") return row.reason ? (row.reason === "supervisor" ? t("by the supervisor") : label("Pause", row.reason)) : "";
  if (unreachable(row, call)) return t("Phone not connected");
  if (row.missed) return t("Calls missed in a row: %(count)s", { count: row.missed });
  return listed(row.queues.map((queue) => pick(board.queues.get(queue)?.names, queue)));
}

function actions(board: Board, row: BoardAgent, open: boolean): TemplateResult {
  const act = (state: Forced, text: string, key: string) =>
    row.state === state
      ? nothing
      : html`<button type="button" class="btn btn-sm" ?disabled=${board.pending(row.agent)} @click=${() => board.force(row.agent, state)}>${text}<kbd aria-hidden="true">${key}</kbd></button>`;
  const fault = board.fault(row.agent);
  if (!board.directs(row.agent)) return ofOthers(board, row, open);
  return html`<button type="button" class="btn btn-icon btn-ghost agent-more" aria-expanded=${open ? "true" : "false"} aria-label=${t("Set state")} @click=${() => board.open(open ? null : row.agent)}>${icon("dots")}</button>
    ${open || fault ? html`<div class="agent-acts">${act("ready", t("Ready"), "r")}${act("paused", t("Pause"), "p")}${act("offline", t("Offline"), "o")}${noCalls(board, row)}${monitoring(board, row)}</div>` : mine(board)?.of === row.agent ? html`<div class="agent-acts">${monitoring(board, row)}</div>` : nothing}
    ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
    ${open ? whyLines(board.why.lines(row.agent)) : nothing}`;
}

function ofOthers(board: Board, row: BoardAgent, open: boolean): TemplateResult {
  return html`<button type="button" class="btn btn-icon btn-ghost agent-more" aria-expanded=${open ? "true" : "false"} aria-label=${t("More")} @click=${() => board.open(open ? null : row.agent)}>${icon("dots")}</button>
    ${open ? html`<div class="agent-acts">${noCalls(board, row)}<p class="monitor-hint">${t("Another department looks after this agent.")}</p></div>${whyLines(board.why.lines(row.agent))}` : nothing}`;
}

function noCalls(board: Board, row: BoardAgent): TemplateResult {
  const open = board.why.lines(row.agent) !== null;
  return html`<button type="button" class="btn btn-sm" aria-expanded=${open ? "true" : "false"} @click=${() => board.why.toggle(row.agent, { do: "why_no_calls", agent: row.agent })}>${t("Why no calls?")}</button>`;
}

// Waiting callers ---------------------------------------------------------------------------------------------------

function waiting(board: Board): TemplateResult {
  const rows = inTurn(board.waiting.all, board.queue);
  return html`<section class="panel" aria-labelledby="waiting-title">
    <div class="panel-head"><h2 class="panel-title" id="waiting-title">${t("Waiting callers")}</h2>${rows.length ? html`<span class="count num">${rows.length}</span>` : nothing}</div>
    ${rows.length
      ? html`<ul class="rows">${repeat(rows, (row) => row.call, (row) => waitingRow(board, row))}</ul>`
      : html`<p class="empty-hint">${board.heard ? t("Nobody is waiting.") : nothing}</p>`}
  </section>`;
}

function waitingRow(board: Board, row: BoardWaiting): TemplateResult {
  const name = pick(row.customer) || pick(row.shown);
  const lines = board.why.lines(row.call);
  return html`<li class="board-row" data-call=${row.call}>
    <span class="board-row-line"><strong class="truncate">${name}</strong><cw-timer class="num" since=${row.since}></cw-timer></span>
    <span class="board-row-line visually-quiet"><button type="button" class="link-button why-button" aria-expanded=${lines ? "true" : "false"} title=${t("Why is this caller still waiting?")} @click=${() => board.why.toggle(row.call, { do: "why_waiting", call: row.call })}>${why(board, row)}</button><span class="nowrap">${pick(board.queues.get(row.queue)?.names, row.queue)}</span></span>
    ${row.callback ? html`<span class="board-row-line visually-quiet" data-callback>${calledBack(row.callback_tries)}</span>` : nothing}
    ${row.went_on.map((one) => html`<span class="board-row-line visually-quiet">${wentOn(one, board.hello?.vocabulary)}</span>`)}
    ${row.steps.map((step) => html`<span class="board-row-line visually-quiet">${relaxed(step, board.hello?.vocabulary)}</span>`)}
    ${row.tried.map((one) => html`<span class="board-row-line visually-quiet">${notTaken(one, board.hello?.vocabulary)}</span>`)}
    ${expected(row)}
    ${whyLines(lines)}
  </li>`;
}

function expected(row: BoardWaiting): TemplateResult | typeof nothing {
  if (row.expected_s === null) return nothing;
  const minutes = Math.round(row.expected_s / 60);
  return html`<span class="board-row-line visually-quiet">${minutes ? t("About %(minutes)s min more", { minutes }) : t("Less than a minute more")}</span>`;
}

function why(board: Board, row: BoardWaiting): string {
  if (row.offered_to) return called(board, [row.offered_to, ...row.also_offered_to]);
  if (!row.why) return t("Just arrived");
  const wish = asked(row.requires, row.ways, board.hello?.vocabulary);
  return wish ? `${label("WhyWaiting", row.why)} (${wish})` : label("WhyWaiting", row.why);
}

function called(board: Board, agents: string[]): string {
  const name = agents.map((agent) => pick(board.hello?.vocabulary.agents[agent], agent)).join(" · ");
  return agents.length > 1 ? t("Being called at once: %(name)s", { name }) : t("%(name)s is being called", { name });
}

// Tickets in the line ----------------------------------------------------------------------------------------------

function tickets(board: Board): Piece {
  const rows = inTurn(board.tickets.all, board.queue);
  if (!rows.length) return nothing;
  return html`<section class="panel" aria-labelledby="tickets-title">
    <div class="panel-head"><h2 class="panel-title" id="tickets-title">${t("Waiting tickets")}</h2><span class="count num">${rows.length}</span></div>
    <ul class="rows">${repeat(rows, (row) => row.ticket, (row) => ticketRow(board, row))}</ul>
  </section>`;
}

function ticketRow(board: Board, row: BoardTicket): TemplateResult {
  const lines = board.why.lines(row.ticket);
  return html`<li class="board-row" data-ticket=${row.number}>
    <span class="board-row-line"><a class="truncate" href="/tickets/${row.number}">${row.subject}</a><cw-timer class="num" since=${row.since}></cw-timer></span>
    <span class="board-row-line visually-quiet"><button type="button" class="link-button why-button" aria-expanded=${lines ? "true" : "false"} title=${t("Why does this ticket still wait?")} @click=${() => board.why.toggle(row.ticket, { do: "why_ticket_waits", ticket: row.ticket })}>${whyTicket(board, row)}</button><span class="nowrap">${pick(board.queues.get(row.queue)?.names, row.queue)}</span></span>
    ${whyLines(lines)}
  </li>`;
}

function whyTicket(board: Board, row: BoardTicket): string {
  if (row.offered_to) return t("%(name)s is being asked", { name: pick(board.hello?.vocabulary.agents[row.offered_to], row.offered_to) });
  if (row.why === "all_busy") return t("Everybody who can help is busy with calls");
  return row.why ? label("WhyWaiting", row.why) : t("Just arrived");
}

// Calls in progress -------------------------------------------------------------------------------------------------

function calls(board: Board): TemplateResult {
  const talking = board.calls.all.filter((row) => ["dialling", "far_ringing", "talking", "held", "safety", "menu", "sent_on"].includes(row.phase) && (!board.queue || row.queue === board.queue));
  const rows = talking.sort((a, b) => (a.connected_at ?? a.since).localeCompare(b.connected_at ?? b.since));
  return html`<section class="panel" aria-labelledby="calls-title">
    <div class="panel-head"><h2 class="panel-title" id="calls-title">${t("Calls in progress")}</h2>${rows.length ? html`<span class="count num">${rows.length}</span>` : nothing}</div>
    ${rows.length ? html`<ul class="rows">${repeat(rows, (row) => row.call, (row) => callRow(board, row))}</ul>` : html`<p class="empty-hint">${board.heard ? t("No call at the moment.") : nothing}</p>`}
  </section>`;
}

function callRow(board: Board, row: BoardCall): TemplateResult {
  const name = pick(row.customer) || pick(row.shown);
  const agent = row.agent ? pick(board.hello?.vocabulary.agents[row.agent], row.agent) : "";
  return html`<li class="board-row" data-call=${row.call}>
    <span class="board-row-line"><strong class="truncate">${name}</strong><cw-timer class="num" since=${row.connected_at ?? row.since}></cw-timer></span>
    <span class="board-row-line visually-quiet"><span class="truncate">${agent ? t("with %(name)s", { name: agent }) : phase(row.phase)}</span><span class="nowrap">${row.phase === "held" ? html`<span class="state state-held">${t("On hold")}</span>` : pick(board.queues.get(row.queue)?.names)}</span></span>
  </li>`;
}

function phase(value: string): string {
  switch (value) {
    case "menu":
      return t("In the voice menu");
    case "safety":
      return t("In the safety queue");
    case "dialling":
      return t("Dialling …");
    case "sent_on":
      return t("Sent on from the queue");
    case "far_ringing":
      return t("Ringing over there");
    default:
      return t("Talking");
  }
}

function bones(count: number): TemplateResult {
  return html`<div aria-busy="true">${Array.from({ length: count }, () => html`<div class="bone"></div>`)}</div>`;
}
