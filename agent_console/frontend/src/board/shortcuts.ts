// Two keys change an agent's state: move to a card, then r, p or o.
import type { Shortcut } from "../lib/keys.ts";
import { t } from "../lib/words.ts";
import type { MonitorMode } from "../lib/protocol.ts";
import type { Board, Forced } from "./board.ts";
import { mine, monitor, onCall, stop, takeOver } from "./monitor.ts";

function cards(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-agent]")];
}

function marked(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-agent]") ?? null;
}

function move(step: 1 | -1): void {
  const all = cards();
  const at = all.indexOf(marked() ?? document.body);
  all[at < 0 ? 0 : (at + step + all.length) % all.length]?.focus();
}

export function shortcuts(board: Board): Shortcut[] {
  const onCard = () => board.directs(marked()?.dataset["agent"]);
  const force = (state: Forced) => () => {
    const agent = marked()?.dataset["agent"];
    if (agent) void board.force(agent, state);
  };
  const row = () => board.agents.get(marked()?.dataset["agent"]);
  const inCall = () => onCall(board, row()) !== null;
  const mark = (what: "take_over" | MonitorMode) => () => {
    const agent = row()?.agent;
    if (agent) void (what === "take_over" ? takeOver(board, agent) : monitor(board, agent, what));
  };
  return [
    { keys: "j", does: t("Next agent"), run: () => move(1) },
    { keys: "k", does: t("Agent before"), run: () => move(-1) },
    { keys: "r", does: t("Set the marked agent ready"), run: force("ready"), when: onCard },
    { keys: "p", does: t("Set the marked agent on pause"), run: force("paused"), when: onCard },
    { keys: "o", does: t("Set the marked agent offline"), run: force("offline"), when: onCard },
    { keys: "l", does: t("Listen to the marked agent"), run: mark("listen"), when: inCall },
    { keys: "w", does: t("Whisper to the marked agent"), run: mark("whisper"), when: inCall },
    { keys: "b", does: t("Barge into the marked agent's call"), run: mark("barge"), when: inCall },
    { keys: "t", does: t("Take the marked agent's call over"), run: mark("take_over"), when: inCall },
    { keys: "s", does: t("Stop listening"), run: () => stop(board), when: () => mine(board) !== null },
    { keys: "Escape", does: "", run: () => board.open(null), when: () => board.opened !== null },
    { keys: "?", does: t("This list"), run: () => ((board.help = !board.help), board.paint()) },
  ];
}
