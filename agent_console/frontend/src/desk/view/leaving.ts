// Who logs out in the middle of a call is asked first.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { showSheet } from "../../lib/help.ts";
import { t } from "../../lib/words.ts";
import type { Desk } from "../desk.ts";
import { currentCase } from "../state.ts";

export function leaveSheet(desk: Desk): TemplateResult | typeof nothing {
  if (!desk.leaving) return nothing;
  const current = currentCase(desk.model);
  const name = (current && desk.callerOf(current)) || desk.phone.call?.name || desk.phone.call?.number || "";
  const stay = () => desk.askToLeave(null);
  return html`<dialog class="sheet sheet-small" role="alertdialog" aria-labelledby="leave-title" aria-describedby="leave-text" ${ref(showSheet)} @close=${stay}>
    <div class="sheet-head"><h2 id="leave-title">${t("You are in a call with %(name)s", { name })}</h2></div>
    <p id="leave-text">${desk.line?.here && desk.phone.call
      ? t("This page is your phone. If you log out now, nobody is left at this end of the call. Hang up or hand the call on first.")
      : t("The call goes on at your phone, but its screen closes. What you write about it waits until you log in again.")}</p>
    <div class="form-buttons">
      <button type="button" class="btn btn-primary" autofocus @click=${stay}>${t("Stay in the call")}</button>
      <button type="button" class="btn" @click=${() => desk.leave()}>${t("Log out anyway")}</button>
    </div>
  </dialog>`;
}
