// A supervisor in an agent's call: listens, whispers, barges in, takes over; and who is parked.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon } from "../lib/icons.ts";
import type { BoardAgent, BoardCall, MonitorMode, Monitoring, ParkedCall } from "../lib/protocol.ts";
import { pick, t } from "../lib/words.ts";
import type { Board } from "./board.ts";

type Piece = TemplateResult | typeof nothing;

// The conversation I could be in: none of my own.
export function onCall(board: Board, row: BoardAgent | undefined): BoardCall | null {
  const me = board.hello?.me;
  const call = board.calls.get(row?.call);
  return me?.monitors && row && row.agent !== me.id && board.directs(row.agent) && call && ["talking", "held"].includes(call.phase) ? call : null;
}

export function mine(board: Board): Monitoring | null {
  const me = board.hello?.me.id;
  for (const call of board.calls.all) for (const one of call.monitored) if (one.by === me) return one;
  return null;
}

export function monitor(board: Board, of: string, mode: MonitorMode): Promise<void> {
  return board.ask(of, { do: "monitor", of, mode });
}

export function takeOver(board: Board, of: string): Promise<void> {
  return board.ask(of, { do: "take_over", of });
}

export function stop(board: Board): void {
  const listening = mine(board);
  if (listening) void board.ask(listening.of, { do: "stop_monitoring" });
}

// On the card of an agent: who is in his call, seen by every supervisor.
export function monitored(board: Board, row: BoardAgent): Piece {
  const all = board.calls.get(row.call)?.monitored.filter((one) => one.of === row.agent) ?? [];
  return all.length ? html`${all.map((one) => inHisCall(board, row, one))}` : nothing;
}

function inHisCall(board: Board, row: BoardAgent, one: Monitoring): TemplateResult {
  const own = one.by === board.hello?.me.id;
  return html`<div class="agent-line monitored" role="status" data-mode=${one.mode}>
    <span class="truncate">${icon("headphones", "icon-sm")} ${own ? ownWord(one.mode) : otherWord(one.mode, pick(board.hello?.vocabulary.agents[one.by], one.by))}</span>
    <cw-timer class="num" since=${one.since}></cw-timer>
    ${own ? html`<button type="button" class="btn btn-sm" ?disabled=${board.pending(row.agent)} @click=${() => stop(board)}>${t("Stop")}</button>` : nothing}
  </div>`;
}

function ownWord(mode: MonitorMode): string {
  switch (mode) {
    case "listen":
      return t("You are listening");
    case "whisper":
      return t("You whisper to the agent");
    case "barge":
      return t("You are in the call");
  }
}

function otherWord(mode: MonitorMode, name: string): string {
  switch (mode) {
    case "listen":
      return t("%(name)s is listening", { name });
    case "whisper":
      return t("%(name)s whispers", { name });
    case "barge":
      return t("%(name)s is in the call", { name });
  }
}

// Among the actions of a card.
export function monitoring(board: Board, row: BoardAgent): Piece {
  if (!onCall(board, row)) return nothing;
  const now = mine(board);
  const mode = now?.of === row.agent ? now.mode : null;
  const off = board.pending(row.agent) || ownPhoneTrouble(board) !== "";
  const act = (wanted: MonitorMode, words: string, key: string) =>
    html`<button type="button" class="btn btn-sm" aria-pressed=${mode === wanted ? "true" : "false"} ?disabled=${off} @click=${() => mode !== wanted && monitor(board, row.agent, wanted)}>${words}<kbd aria-hidden="true">${key}</kbd></button>`;
  return html`<div class="monitor-acts" role="group" aria-label=${t("In this call")}>
      ${act("listen", t("Listen"), "l")}${act("whisper", t("Whisper"), "w")}${act("barge", t("Barge"), "b")}
      <button type="button" class="btn btn-sm" ?disabled=${off} @click=${() => takeOver(board, row.agent)}>${t("Take over")}<kbd aria-hidden="true">t</kbd></button>
    </div>
    ${phoneHint(board)}`;
}

function phoneHint(board: Board): Piece {
  const trouble = ownPhoneTrouble(board);
  if (!trouble) return nothing;
  return html`<p class="monitor-hint">${trouble} ${board.hello?.me.extension ? html`<a href="/desk" target="_blank" rel="noopener">${t("Open my desk")}</a>` : nothing}</p>`;
}

// He hears by a phone of his own.
function ownPhoneTrouble(board: Board): string {
  const me = board.hello?.me;
  if (!me?.extension) return t("You have no phone to listen with. An administrator can give you an extension.");
  const own = board.agents.get(me.id);
  return own && !own.reachable ? t("Your own phone is not connected, so you cannot listen.") : "";
}

// Parked customers -------------------------------------------------------------------------------------------------

export function parked(board: Board): Piece {
  const rows = board.parked.all.sort((a, b) => a.since.localeCompare(b.since));
  if (!rows.length) return nothing;
  return html`<section class="panel" aria-labelledby="parked-title">
    <div class="panel-head"><h2 class="panel-title" id="parked-title">${t("Parked")}</h2><span class="count num">${rows.length}</span></div>
    <ul class="rows">${repeat(rows, (row) => row.call, (row) => parkedRow(board, row))}</ul>
  </section>`;
}

function parkedRow(board: Board, row: ParkedCall): TemplateResult {
  const name = pick(row.customer) || pick(row.shown) || t("Number withheld");
  const by = row.by ? pick(board.hello?.vocabulary.agents[row.by], row.by) : "";
  return html`<li class="board-row" data-parked=${row.call}>
    <span class="board-row-line"><strong class="truncate">${name}</strong><cw-timer class="num" since=${row.since}></cw-timer></span>
    <span class="board-row-line visually-quiet"><span class="truncate">${by ? t("parked by %(name)s", { name: by }) : t("parked")}</span><span class="num nowrap">${row.lot}</span></span>
  </li>`;
}
