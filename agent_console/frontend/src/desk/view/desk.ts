// The three columns: what waits for me, the conversation, what is around it.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Case } from "../../lib/protocol.ts";
import { t } from "../../lib/words.ts";
import { helpSheet } from "../../lib/help.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { shortcuts } from "../shortcuts.ts";
import { activeCase, isCalling, isOpen } from "../state.ts";
import { phaseWord } from "./callbar.ts";
import { context } from "./context.ts";
import { conversation } from "./conversation.ts";
import { knowledge } from "./knowledge.ts";
import { leaveSheet } from "./leaving.ts";
import { welcome } from "./welcome.ts";
import { workColumn } from "./work.ts";

export function desk(desk: Desk): TemplateResult {
  const shown = activeCase(desk.model);
  return html`
    <aside class="desk-work" aria-label=${t("My work")}>${workColumn(desk)}</aside>
    <section class="desk-talk" aria-label=${t("Conversation")}>
      ${desk.model.cases.length ? tabs(desk) : nothing}
      <div class="desk-scroll" id="case" role=${shown ? "tabpanel" : nothing}>${shown ? conversation(desk, shown) : welcome(desk)}</div>
    </section>
    <aside class="desk-context" aria-label=${t("Around this call")}>${knowledge(desk.knowledge)}${shown ? context(desk, shown) : nothing}</aside>
    ${desk.help ? helpSheet(shortcuts(desk), () => desk.toggleHelp(false)) : nothing}
    ${leaveSheet(desk)}
  `;
}

function tabs(desk: Desk): TemplateResult {
  return html`<div class="case-tabs" role="tablist" aria-label=${t("Conversations")}>
    ${repeat(desk.model.cases, (one) => one.call, (one) => tab(desk, one))}
  </div>`;
}

function tab(desk: Desk, one: Case): TemplateResult {
  const selected = desk.model.active === one.call;
  const name = desk.callerOf(one);
  return html`<div class="case-tab ${selected ? "is-selected" : ""}">
    <button type="button" role="tab" aria-selected=${selected ? "true" : "false"} aria-controls="case" @click=${() => desk.openTab(one.call)}>
      <span class="state state-${look(one)}" title=${phaseWord(one)}><span class="visually-hidden">${phaseWord(one)}</span></span>
      <span class="truncate">${name}</span>
    </button>
    ${isOpen(one.phase)
      ? nothing
      : html`<button type="button" class="tab-close" aria-label=${t("Close %(name)s", { name })} @click=${() => desk.closeTab(one.call)}>${icon("x", "icon-sm")}</button>`}
  </div>`;
}

function look(one: Case): string {
  if (one.phase === "offered" || isCalling(one.phase)) return "ringing";
  if (one.phase === "missed" || one.phase === "done") return "offline";
  return one.phase;
}
