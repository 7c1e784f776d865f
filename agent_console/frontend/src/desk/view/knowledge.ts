// A quiet box for looking something up; what is found opens below it, so nobody leaves his call to read.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../lib/icons.ts";
import { t } from "../../lib/words.ts";
import { type Article, type Knowledge, sideOf } from "../knowledge.ts";

type Typed = InputEvent & { target: HTMLInputElement };

export function knowledge(found: Knowledge): TemplateResult {
  return html`<section class="side" data-knowledge>
    <h2 class="side-title"><label for="knowledge">${t("Knowledge")}</label></h2>
    <form role="search" @submit=${(event: SubmitEvent) => entered(event, found)}>
      <input id="knowledge" class="form-control" type="search" autocomplete="off" maxlength="200" placeholder=${t("Look something up")} .value=${live(found.text)} @input=${(event: Typed) => found.type(event.target.value)} />
    </form>
    <div aria-live="polite">${shown(found)}</div>
  </section>`;
}

// Enter opens the first that was found, so that nobody reaches for the mouse.
function entered(event: SubmitEvent, found: Knowledge): void {
  event.preventDefault();
  const first = (event.target as HTMLElement).closest("section")?.querySelector<HTMLDetailsElement>("details.known");
  if (!first) return void found.look();
  first.open = true;
  first.querySelector("summary")?.focus();
}

function shown(found: Knowledge): TemplateResult | typeof nothing {
  if (found.state === "lost") return html`<p class="visually-quiet">${t("The server does not answer. Try it again.")}</p>`;
  if (found.state === "found" && !found.found.length) return html`<p class="visually-quiet">${t("Nothing is known about that. Try other words.")}</p>`;
  return found.found.length ? html`${found.found.map(article)}` : nothing;
}

function article(one: Article): TemplateResult {
  const side = sideOf(one, document.documentElement.lang.slice(0, 2));
  return html`<details class="known">
    <summary lang=${side.language}>${side.title}</summary>
    <p class="pre" lang=${side.language}>${side.body}</p>
    <a href="/articles/${one.number}" target="_blank"><span class="num">${one.number}</span> ${icon("arrow-right", "icon-sm")}</a>
  </details>`;
}
