// The sheet on "?": every key of a screen, and the switch that turns single keys off.
import { html, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { icon } from "./icons.ts";
import { setSingleKeysOff, singleKeysOff, type Shortcut } from "./keys.ts";
import { t } from "./words.ts";

export function helpSheet(shortcuts: readonly Shortcut[], close: () => void): TemplateResult {
  const onBackdrop = (event: MouseEvent) => event.target === event.currentTarget && close();
  return html`<dialog class="sheet" aria-labelledby="help-title" ${ref(showSheet)} @close=${close} @click=${onBackdrop}>
    <div class="sheet-head">
      <h2 id="help-title">${t("Keys")}</h2>
      <button type="button" class="btn btn-icon" aria-label=${t("Close")} @click=${close}>${icon("x")}</button>
    </div>
    <dl class="keys">
      ${shortcuts.filter((one) => one.does).map((one) => html`<div><dt>${one.keys.split("+").map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${one.does}</dd></div>`)}
    </dl>
    <label class="form-check">
      <input class="form-check-input" type="checkbox" .checked=${!singleKeysOff()} @change=${(event: Event) => setSingleKeysOff(!(event.target as HTMLInputElement).checked)} />
      <span class="form-check-label">${t("Single keys work outside text fields")}</span>
    </label>
  </dialog>`;
}

// A dialog opens as soon as it is painted.
export function showSheet(element: Element | undefined): void {
  queueMicrotask(() => element instanceof HTMLDialogElement && element.isConnected && !element.open && element.showModal());
}
