// The sheet on "?": every key of this screen, and the switch that turns single keys off.
import { html, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { setSingleKeysOff, singleKeysOff } from "../../lib/keys.ts";
import { t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import type { Desk } from "../desk.ts";
import { shortcuts } from "../shortcuts.ts";

export function helpSheet(desk: Desk): TemplateResult {
  const close = () => {
    desk.help = false;
    desk.paint();
  };
  return html`<dialog class="sheet" aria-labelledby="help-title" ${ref((element) => show(element))} @close=${close} @cancel=${close} @click=${(event: MouseEvent) => event.target === event.currentTarget && close()}>
    <div class="sheet-head"><h2 id="help-title">${t("Keys")}</h2><button type="button" class="btn btn-icon" aria-label=${t("Close")} @click=${close}>${icon("x")}</button></div>
    <dl class="keys">${shortcuts(desk).filter((one) => one.does).map((one) => html`<div><dt><kbd>${one.keys.replace("+", " ")}</kbd></dt><dd>${one.does}</dd></div>`)}</dl>
    <label class="form-check"><input class="form-check-input" type="checkbox" .checked=${!singleKeysOff()} @change=${(event: Event) => setSingleKeysOff(!(event.target as HTMLInputElement).checked)} />
      <span class="form-check-label">${t("Single keys work outside text fields")}</span></label>
  </dialog>`;
}

function show(element: Element | undefined): void {
  if (element instanceof HTMLDialogElement && !element.open) queueMicrotask(() => element.isConnected && !element.open && element.showModal());
}
