// What callers did, drawn on the menu itself: the panel in which one chooses version and days, and reads what is not drawn.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { duration, t } from "../lib/words.ts";
import { Aside } from "./aside.ts";
import type { Designer } from "./designer.ts";
import { kindOfNode, nodesOf } from "./document.ts";
import { asked, counted, figuresOf, many, type NodeFigures, percent, type Period, type Sheet, some, spanOf } from "./figures.ts";
import { mark } from "./funnelmarks.ts";
import { fieldName } from "./names.ts";

type Piece = TemplateResult | typeof nothing;

const worst = 5; // nodes that are named

// Without a version the figures are of all of them, and the published one is drawn.
export class Funnel extends Aside {
  readonly #paper: HTMLElement;
  #period: Period = "week";
  #from = "";
  #to = "";
  #sheet: Sheet | null = null;

  constructor(designer: Designer, paper: HTMLElement, redraw: () => void) {
    super(designer, redraw);
    this.#paper = paper;
  }

  // After each drawing.
  mark(): void {
    if (this.on && this.#sheet) mark(this.#paper, this.#sheet);
  }

  protected async load(): Promise<void> {
    const wanted = this.turn();
    const span = spanOf(this.#period, this.#from, this.#to, new Date());
    if (!span) {
      this.fault = this.#from ? t("The last day is before the first.") : t("Choose the first day.");
      this.redraw();
      return;
    }
    await this.trying(async () => {
      const sheet = await figuresOf(this.designer.flow, this.version, span.since, span.until);
      const document = await this.documentOf(this.version || this.published);
      if (!wanted() || !this.on) return;
      [this.#sheet, this.document] = [sheet, document];
    });
    if (wanted()) this.redraw();
  }

  // The view --------------------------------------------------------------------------------------------------------------

  view(): TemplateResult {
    return html`<section class="funnel" aria-labelledby="funnel-title">
      ${this.head("funnel-title", t("What callers did"))}
      ${this.#choices()}
      ${this.faultLine()}
      ${this.#sheet ? this.#figures(this.#sheet) : nothing}
    </section>`;
  }

  #choices(): TemplateResult {
    const value = (event: Event) => (event.target as HTMLInputElement).value;
    const again = (change: () => void) => (change(), void this.load());
    const periods: [Period, string][] = [["today", t("Today")], ["week", t("7 days")], ["month", t("30 days")], ["span", t("From … to …")]];
    return html`<div class="funnel-choices">
      ${this.versionField("funnel-version", t("Version"), t("all versions"), (version) => again(() => (this.version = version)))}
      <div class="field"><label class="form-label" for="funnel-period">${t("Days")}</label>
        <select class="form-select" id="funnel-period" @change=${(event: Event) => again(() => (this.#period = value(event) as Period))}>
          ${periods.map(([period, name]) => html`<option value=${period} ?selected=${period === this.#period}>${name}</option>`)}
        </select></div>
      ${this.#period === "span" ? html`
        <div class="field"><label class="form-label" for="funnel-from">${t("First day")}</label>
          <input class="form-control num" id="funnel-from" type="date" .value=${this.#from} @change=${(event: Event) => again(() => (this.#from = value(event)))}></div>
        <div class="field"><label class="form-label" for="funnel-to">${t("Last day")}</label>
          <input class="form-control num" id="funnel-to" type="date" .value=${this.#to} @change=${(event: Event) => again(() => (this.#to = value(event)))}></div>` : nothing}
    </div>`;
  }

  #figures(sheet: Sheet): TemplateResult {
    if (!sheet.nodes.length) return html`<p class="empty-hint">${t("No caller came by in this time.")}</p>`;
    const chosen = sheet.nodes.find((one) => one.node === this.designer.selected);
    return html`
      ${chosen ? this.#node(chosen) : this.#whole(sheet)}
      <p class="funnel-legend"><span class="is-some">▲</span> ${t("%(share)s and more hung up there", { share: percent(some) })} <span class="is-many">▲▲</span> ${t("%(share)s and more", { share: percent(many) })}</p>
      <a class="btn btn-sm" href="/menus/${this.designer.flow}/figures.csv?${new URLSearchParams(asked(this.version, sheet.since, sheet.until))}" download>${icon("download", "icon-sm")}${t("Figures as a table (CSV)")}</a>`;
  }

  #whole(sheet: Sheet): TemplateResult {
    const row = (name: string, count: number, note = "") => html`<div><dt>${name}</dt><dd class="num">${sheet.calls ? percent(count / sheet.calls) : "–"}<span class="sub">${counted(count)}${note}</span></dd></div>`;
    const failed = sheet.by_error ? ` · ${t("%(count)s after an error", { count: counted(sheet.by_error) })}` : "";
    const places = sheet.nodes.filter((one) => one.hung_up).sort((one, other) => other.hung_up - one.hung_up).slice(0, worst);
    return html`
      ${sheet.calls ? html`<dl class="funnel-figures">
        <div><dt>${t("Calls")}</dt><dd class="num">${counted(sheet.calls)}</dd></div>
        ${row(t("Served in the menu"), sheet.served)}${row(t("On to a person"), sheet.handed_on, failed)}${row(t("Gave up"), sheet.gave_up)}
      </dl>
      <details class="funnel-formula"><summary>${t("What counts as served?")}</summary>
        <p>${t("Served: what the caller came for was done (told of a ticket, a ticket opened, a callback promised, a message or a rating kept), or the menu said goodbye, and the call did not go on to a person.")}</p>
        <p>${t("On to a person: the call went on to a queue, a colleague or a number outside, whatever was done before.")}</p>
        <p>${t("Gave up: neither. The caller hung up before anything was done.")}</p>
        <p class="sub">${t("Formula %(number)s", { number: sheet.formula })}</p></details>` : html`<p class="phone-hint">${t("No call began here; callers came through other menus.")}</p>`}
      ${places.length ? html`<h3>${t("Where most hung up")}</h3><ul class="funnel-rows">${places.map((one) => html`<li>
        <button type="button" class="phone-node" @click=${() => this.designer.goTo(one.node)}>${one.node}</button><span class="num">${counted(one.hung_up)}</span><span class="num sub">${percent(one.hung_up / one.visits)}</span></li>`)}</ul>` : nothing}
      <p class="phone-hint">${t("Choose a node to see more of it.")}</p>`;
  }

  #node(one: NodeFigures): TemplateResult {
    const kind = kindOfNode(nodesOf(this.document ?? this.designer.document)[one.node]);
    const ways = Object.entries(one.ways).sort(([, first], [, second]) => second - first);
    return html`<h3>${one.node}</h3>
      <dl class="funnel-figures">
        <div><dt>${t("Callers")}</dt><dd class="num">${counted(one.callers)}${one.visits > one.callers ? html`<span class="sub">${t("%(count)s times", { count: counted(one.visits) })}</span>` : nothing}</dd></div>
        <div><dt>${t("Median time")}</dt><dd class="num">${duration(one.median_s)}</dd></div>
        <div><dt>${t("Hung up here")}</dt><dd class="num">${percent(one.hung_up / one.visits)}<span class="sub">${counted(one.hung_up)}</span></dd></div>
      </dl>
      <h3>${t("Which way they went")}</h3>
      <ul class="funnel-rows">${ways.map(([way, count]) => html`<li class=${way === "hung_up" || way === "error" ? "is-loss" : ""}>
        <span class="truncate">${this.#wayName(way, kind)}</span><span class="num">${counted(count)}</span><span class="num sub">${percent(count / one.visits)}</span></li>`)}</ul>
      ${this.#wrong(one)}
      <button type="button" class="btn btn-sm btn-ghost" @click=${() => this.designer.select("")}>${t("The whole menu")}</button>`;
  }

  #wrong(one: NodeFigures): Piece {
    if (!one.wrong.length) return nothing;
    return html`<h3>${t("What did not fit")}</h3><ul class="funnel-rows">${one.wrong.map((wrong) => html`<li>
      <span class=${wrong.entered ? "num truncate" : "truncate"}>${wrong.entered || t("nothing pressed")}</span><span class="num">${counted(wrong.times)}</span><span></span></li>`)}</ul>`;
  }

  #wayName(way: string, kind: string): string {
    const [field = "", inner] = way.split(".");
    if (field === "choices" && inner) return t("Key %(key)s", { key: inner });
    if (inner) return `${fieldName(field)} ${inner}`;
    return endings()[way] ?? fieldName(way, kind);
  }
}

// How a call ends at a node, where that is no way of the drawing.
function endings(): Record<string, string> {
  return {
    hung_up: t("hung up"),
    queue: t("on to a person"),
    agent: t("on to a colleague's phone"),
    number: t("on to a number outside"),
    end: t("the menu's end"),
    max_steps: t("too many steps, on to a person"),
    cut: t("cut off"),
  };
}
