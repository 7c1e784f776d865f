// Icons from the sprite that the build makes of every icon("…") it finds.
import { html, type TemplateResult } from "lit-html";

const sprite = document.querySelector<HTMLElement>("[data-icons]")?.dataset["icons"] ?? "/static/build/icons.svg";

export function icon(name: string, extra = ""): TemplateResult {
  return html`<svg class="icon ${extra}" aria-hidden="true"><use href="${sprite}#${name.replace(" ", "-")}"></use></svg>`;
}
