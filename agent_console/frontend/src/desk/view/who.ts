// Who is calling, how sure we are, and the one key that makes it sure.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { newId } from "../../lib/ids.ts";
import type { About, Case, PopCandidate, PopContact, ScreenPop } from "../../lib/protocol.ts";
import { label, pick, t } from "../../lib/words.ts";
import { icon } from "../../lib/icons.ts";
import { caller, number } from "../caller.ts";
import type { Desk, FoundCustomer } from "../desk.ts";
import { wayHere } from "../way.ts";
import { menuWord } from "./conversation.ts";
import { certainty, fault, level, when } from "./parts.ts";

type Piece = TemplateResult | typeof nothing;
const searchAfterMs = 180;

export function who(desk: Desk, one: Case): TemplateResult {
  if (one.direction === "internal") return colleague(desk, one);
  const pop = one.pop;
  const way = one.direction === "inbound" ? wayHere(one, menuWord) : "";
  return html`<section class="panel who" data-certainty=${pop?.certainty ?? "looking"}>
    <div class="who-head">
      <span class="who-face" aria-hidden="true">${face(one)}</span>
      <div class="who-names">
        <h1 class="who-name">
          ${pop?.customer && pop.certainty !== "known" ? nothing : html`<span class="truncate">${title(one)}</span>`}
          ${pop?.customer && pop.certainty !== "known" ? html`<span class="truncate">${pick(pop.customer.names)}</span><span class="who-doubt">?</span>` : nothing}
          ${pop ? certainty(pop.certainty) : html`<span class="tag">${t("Looking up …")}</span>`}
          ${pop?.customer ? level(pop.customer.level) : nothing}
        </h1>
        <p class="who-line">${line(one)}</p>
        ${way ? html`<p class="who-way" title=${t("How the call came here")}>${icon("dialpad", "icon-sm")} ${way}</p>` : nothing}
      </div>
      ${pop?.customer ? html`<a class="btn btn-sm" href="/customers/${pop.customer.id}" target="_blank" rel="noopener">${icon("external-link", "icon-sm")}${t("Customer page")}</a>` : nothing}
    </div>
    ${pop ? decide(desk, one, pop) : nothing}
    ${desk.fault(`who:${one.call}`, "name") && ["create", "contact"].includes(desk.panel(one.call).who) ? nothing : fault(desk, `who:${one.call}`)}
  </section>`;
}

// Between colleagues there is no customer to be found.
function colleague(desk: Desk, one: Case): TemplateResult {
  const name = desk.callerOf(one);
  const mine = one.ani === desk.model.hello?.me.extension;
  return html`<section class="panel who" data-colleague=${one.colleague ?? ""}>
    <div class="who-head">
      <span class="who-face" aria-hidden="true">${icon("users")}</span>
      <div class="who-names">
        <h1 class="who-name"><span class="truncate">${name}</span><span class="tag">${mine ? t("You called a colleague") : one.about ? t("asks for your advice") : t("A colleague calls you")}</span></h1>
        <p class="who-line"><span class="num">${number(one)}</span></p>
      </div>
    </div>
    ${one.about ? askedAbout(desk, one.about) : nothing}
  </section>`;
}

// The customer waits on another line of his phone.
function askedAbout(desk: Desk, about: About): TemplateResult {
  const shown = pick(about.shown);
  const name = pick(about.names) || shown || t("Number withheld");
  const queue = about.queue ? pick(desk.model.hello?.vocabulary.queues[about.queue], about.queue) : "";
  return html`<div class="asked-about">
    ${icon("music", "icon-sm")}<span><strong>${name}</strong> <span class="visually-quiet">${t("hears music")}</span></span>
    ${shown && shown !== name ? html`<span class="num visually-quiet">${shown}</span>` : nothing}
    ${queue ? html`<span class="visually-quiet">${queue}</span>` : nothing}
    <span class="spacer"></span>
    ${about.customer ? html`<a class="btn btn-sm" href="/customers/${about.customer}" target="_blank" rel="noopener">${icon("external-link", "icon-sm")}${t("Customer page")}</a>` : nothing}
    <a class="btn btn-sm" href="/calls/${about.call}" target="_blank" rel="noopener">${t("Page of this call")}</a>
  </div>`;
}

function title(one: Case): string {
  switch (one.pop?.certainty) {
    case "new":
    case "several":
      return number(one) || caller(one);
    case "anonymous":
      return t("Unknown caller");
    default:
      return caller(one);
  }
}

function face(one: Case): TemplateResult | string {
  const customer = one.pop?.customer;
  if (!customer) return one.pop?.certainty === "anonymous" ? icon("eye-off") : icon("user-question");
  return customer.kind === "company" ? icon("building") : [...pick(customer.names)][0] ?? "";
}

function line(one: Case): TemplateResult {
  const pop = one.pop;
  const shown = number(one);
  const person = pop?.contacts.find((contact) => contact.id === pop.contact);
  const known = [caller(one), ...Object.values(pop?.customer?.names ?? {}), ...Object.values(person?.names ?? {})];
  const said = one.ani_name && !known.includes(one.ani_name) ? t("%(name)s on the line", { name: one.ani_name }) : "";
  const parts = [
    person ? html`<span>${icon("user", "icon-sm")} ${pick(person.names)}${person.title ? html`, ${person.title}` : nothing}</span>` : nothing,
    pop?.customer && shown ? html`<span class="num">${shown}</span>` : nothing,
    pop?.customer?.city ? html`<span>${pop.customer.city}</span>` : nothing,
    said ? html`<span>${said}</span>` : nothing,
  ];
  return html`${parts}`;
}

// What the agent can say about it -----------------------------------------------------------------------------------

function decide(desk: Desk, one: Case, pop: ScreenPop): TemplateResult {
  const panel = desk.panel(one.call).who;
  return html`
    ${pop.certainty === "several" ? candidates(desk, one, pop) : nothing}
    ${panel ? nothing : choices(desk, one, pop)}
    ${panel === "search" ? search(desk, one) : nothing}
    ${panel === "create" ? create(desk, one) : nothing}
    ${panel === "contact" ? newContact(desk, one, pop) : nothing}
  `;
}

function choices(desk: Desk, one: Case, pop: ScreenPop): TemplateResult {
  const button = (key: string, text: string, run: () => void, strong = false) =>
    html`<button type="button" class="btn btn-sm ${strong ? "btn-primary" : ""}" ?disabled=${desk.pending(`who:${one.call}`)} @click=${run}>${text}<kbd aria-hidden="true">${key}</kbd></button>`;
  switch (pop.certainty) {
    case "known":
      return html`<div class="who-choices">${whoSpeaks(desk, one, pop)}${button("a", t("Somebody else …"), () => openSearch(desk, one))}</div>`;
    case "maybe":
      return html`<div class="who-choices">
        <span class="visually-quiet">${label("MatchReason", pop.candidates[0]?.reason ?? "")}</span>
        ${button("y", t("Yes, that is the caller"), () => void confirm(desk, one), true)}
        ${button("a", t("Somebody else …"), () => openSearch(desk, one))}
        ${button("c", t("New customer"), () => openCreate(desk, one))}
      </div>`;
    default:
      return html`<div class="who-choices">
        ${button("c", t("New customer"), () => openCreate(desk, one), pop.certainty === "new")}
        ${button("a", t("Find the customer …"), () => openSearch(desk, one))}
      </div>`;
  }
}

// A company: which of its people is on the line.
function whoSpeaks(desk: Desk, one: Case, pop: ScreenPop): Piece {
  const customer = pop.customer;
  if (customer?.kind !== "company" || pop.contact) return nothing;
  return html`<span class="visually-quiet">${t("Who is speaking?")}</span>
    ${pop.contacts.slice(0, 6).map(
      (contact, index) =>
        html`<button type="button" class="btn btn-sm" @click=${() => attach(desk, one, customer.id, contact.id)}>${pick(contact.names)}<kbd aria-hidden="true">${index + 1}</kbd></button>`,
    )}
    <button type="button" class="btn btn-sm" @click=${() => openPanel(desk, one, "contact")}>${t("A new contact …")}</button>`;
}

function candidates(desk: Desk, one: Case, pop: ScreenPop): TemplateResult {
  return html`<p class="visually-quiet who-ask">${t("More than one customer uses this number. Who is it?")}</p>
    <ol class="candidates">${pop.candidates.map((candidate, index) => candidateRow(desk, one, candidate, index))}</ol>`;
}

function candidateRow(desk: Desk, one: Case, candidate: PopCandidate, index: number): TemplateResult {
  const person: PopContact | undefined = candidate.contacts.length === 1 ? candidate.contacts[0] : undefined;
  return html`<li>
    <button type="button" class="candidate" ?disabled=${desk.pending(`who:${one.call}`)} @click=${() => attach(desk, one, candidate.customer, person?.id)}>
      <kbd>${index + 1}</kbd>
      <span class="candidate-name truncate">${pick(candidate.names)}${person ? html` · ${pick(person.names)}` : nothing}</span>
      ${level(candidate.level)}
      <span class="candidate-note truncate">${candidate.open_tickets[0] ? html`${icon("ticket", "icon-sm")} ${candidate.open_tickets[0]}` : label("MatchReason", candidate.reason)}</span>
      <span class="row-time">${candidate.last_used ? when(candidate.last_used, desk.now) : nothing}</span>
    </button>
  </li>`;
}

// Acts, also on single keys -----------------------------------------------------------------------------------------

export async function attach(desk: Desk, one: Case, customer: string, contact?: string): Promise<void> {
  const answer = await desk.ask(`who:${one.call}`, { do: "attach", call: one.call, customer, contact: contact ?? null });
  if (answer.ok) desk.setPanel(one.call, { who: "", search: "", found: null });
}

export async function confirm(desk: Desk, one: Case): Promise<void> {
  const pop = one.pop;
  const only = pop?.candidates[0];
  if (pop?.certainty === "maybe" && only)
    await attach(desk, one, only.customer, only.contacts.length === 1 ? only.contacts[0]?.id : undefined);
}

export function openSearch(desk: Desk, one: Case): void {
  openPanel(desk, one, "search");
}

export function openCreate(desk: Desk, one: Case): void {
  openPanel(desk, one, "create");
}

function openPanel(desk: Desk, one: Case, which: "search" | "create" | "contact"): void {
  desk.setPanel(one.call, { who: which, search: "", found: null, at: 0, keys: newId() });
  desk.clearFault(`who:${one.call}`);
  queueMicrotask(() => queueMicrotask(() => document.getElementById(`who-${which}`)?.focus()));
}

export function chooseNumbered(desk: Desk, one: Case, index: number): void {
  const pop = one.pop;
  if (!pop) return;
  if (pop.certainty === "several") {
    const candidate = pop.candidates[index];
    if (candidate) void attach(desk, one, candidate.customer, candidate.contacts.length === 1 ? candidate.contacts[0]?.id : undefined);
  } else if (pop.certainty === "known" && pop.customer?.kind === "company" && !pop.contact) {
    const contact = pop.contacts[index];
    if (contact) void attach(desk, one, pop.customer.id, contact.id);
  }
}

// Find --------------------------------------------------------------------------------------------------------------

let searching = 0;

function search(desk: Desk, one: Case): TemplateResult {
  const panel = desk.panel(one.call);
  const found = panel.found ?? [];
  const close = () => desk.setPanel(one.call, { who: "", found: null });
  return html`<div class="finder">
    <div class="finder-line">
      <input id="who-search" class="form-control" type="search" role="combobox" autocomplete="off" aria-expanded=${found.length > 0 ? "true" : "false"}
        aria-controls="who-found" aria-activedescendant=${found[panel.at] ? `who-found-${panel.at}` : nothing}
        placeholder=${t("Name, number or address")} aria-label=${t("Find the customer")} .value=${live(panel.search)}
        @input=${(event: InputEvent) => typed(desk, one, (event.target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => walk(event, desk, one, found, close)} />
      <button type="button" class="btn" @click=${() => openCreate(desk, one)}>${t("New customer")}</button>
      <button type="button" class="btn btn-icon" aria-label=${t("Close the search")} @click=${close}>${icon("x")}</button>
    </div>
    <ul class="found" id="who-found" role="listbox" aria-label=${t("Customers found")}>
      ${found.map((customer, index) => foundRow(desk, one, customer, index, index === panel.at))}
      ${panel.found && !found.length ? html`<li class="empty-hint">${t("Nobody found. Try a part of the name, or make a new customer.")}</li>` : nothing}
    </ul>
  </div>`;
}

function foundRow(desk: Desk, one: Case, customer: FoundCustomer, index: number, marked: boolean): TemplateResult {
  return html`<li id="who-found-${index}" role="option" aria-selected=${marked ? "true" : "false"} class=${marked ? "is-marked" : ""} @click=${() => attach(desk, one, customer.customer)}>
    ${customer.kind === "company" ? icon("building", "icon-sm") : icon("user", "icon-sm")}<span class="truncate">${pick(customer.names)}</span>${level(customer.level)}<span class="row-note">${customer.city}</span>
  </li>`;
}

function typed(desk: Desk, one: Case, text: string): void {
  desk.setPanel(one.call, { search: text, at: 0 });
  clearTimeout(searching);
  searching = window.setTimeout(() => void look(desk, one, text), searchAfterMs);
}

async function look(desk: Desk, one: Case, text: string): Promise<void> {
  const answer = await desk.connection.ask({ do: "search_customers", text });
  if (desk.panel(one.call).search !== text) return;
  if (answer.ok) desk.setPanel(one.call, { found: answer.value as FoundCustomer[] });
  else desk.setFault(`who:${one.call}`, answer.sentence);
}

function walk(event: KeyboardEvent, desk: Desk, one: Case, found: FoundCustomer[], close: () => void): void {
  if (event.isComposing) return;
  const { at } = desk.panel(one.call);
  const chosen = found[at];
  if (event.key === "ArrowDown") desk.setPanel(one.call, { at: Math.min(at + 1, found.length - 1) });
  else if (event.key === "ArrowUp") desk.setPanel(one.call, { at: Math.max(at - 1, 0) });
  else if (event.key === "Enter" && chosen) void attach(desk, one, chosen.customer);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Create ------------------------------------------------------------------------------------------------------------

function create(desk: Desk, one: Case): TemplateResult {
  const place = `who:${one.call}`;
  return html`<form class="small-form" novalidate @submit=${(event: SubmitEvent) => void submitCreate(event, desk, one)} @keydown=${escape(desk, one)}>
    ${nameField(desk, one, "who-create")}
    <label class="field"><span class="form-label">${t("Kind")}</span>
      <select name="kind" class="form-select"><option value="person">${label("CustomerKind", "person")}</option><option value="company">${label("CustomerKind", "company")}</option></select></label>
    <label class="field"><span class="form-label">${t("City")}</span><input name="city" class="form-control" maxlength="80" autocomplete="off" /></label>
    <div class="form-buttons">
      <button class="btn btn-primary" ?disabled=${desk.pending(place)}>${t("Create customer")}</button>
      <button type="button" class="btn" @click=${() => desk.setPanel(one.call, { who: "" })}>${t("Cancel")}</button>
    </div>
  </form>`;
}

function nameField(desk: Desk, one: Case, id: string): TemplateResult {
  const found = desk.fault(`who:${one.call}`, "name");
  return html`<div class="field grow"><label class="form-label" for=${id}>${t("Name")}</label>
    <input id=${id} name="name" class="form-control" required maxlength="120" autocomplete="off" aria-invalid=${found ? "true" : nothing} aria-describedby=${found ? `${id}-fault` : nothing} value=${one.ani_name} />
    ${found ? html`<p class="fault" id="${id}-fault" role="alert">${icon("alert-circle", "icon-sm")}<span>${found.sentence}</span></p>` : nothing}</div>`;
}

// Without a name nothing is asked of the server.
function lacksName(desk: Desk, one: Case, form: FormData, id: string): boolean {
  if (String(form.get("name")).trim()) return false;
  desk.setFault(`who:${one.call}`, t("Please write the name."), "name");
  document.getElementById(id)?.focus();
  return true;
}

async function submitCreate(event: SubmitEvent, desk: Desk, one: Case): Promise<void> {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  if (lacksName(desk, one, form, "who-create")) return;
  const answer = await desk.ask(`who:${one.call}`, {
    do: "create_customer",
    key: desk.panel(one.call).keys,
    call: one.call,
    name: String(form.get("name")).trim(),
    kind: form.get("kind"),
    city: String(form.get("city")).trim(),
  });
  if (answer.ok) desk.setPanel(one.call, { who: "" });
}

function newContact(desk: Desk, one: Case, pop: ScreenPop): TemplateResult {
  return html`<form class="small-form" novalidate @submit=${(event: SubmitEvent) => void submitContact(event, desk, one, pop)} @keydown=${escape(desk, one)}>
    ${nameField(desk, one, "who-contact")}
    <label class="field"><span class="form-label">${t("Position")}</span><input name="title" class="form-control" maxlength="80" autocomplete="off" /></label>
    <div class="form-buttons">
      <button class="btn btn-primary" ?disabled=${desk.pending(`who:${one.call}`)}>${t("Add contact")}</button>
      <button type="button" class="btn" @click=${() => desk.setPanel(one.call, { who: "" })}>${t("Cancel")}</button>
    </div>
  </form>`;
}

async function submitContact(event: SubmitEvent, desk: Desk, one: Case, pop: ScreenPop): Promise<void> {
  event.preventDefault();
  if (!pop.customer) return;
  const form = new FormData(event.target as HTMLFormElement);
  if (lacksName(desk, one, form, "who-contact")) return;
  const answer = await desk.ask(`who:${one.call}`, {
    do: "add_contact",
    key: desk.panel(one.call).keys,
    call: one.call,
    customer: pop.customer.id,
    name: String(form.get("name")).trim(),
    title: String(form.get("title")).trim(),
  });
  if (answer.ok) desk.setPanel(one.call, { who: "" });
}

function escape(desk: Desk, one: Case) {
  return (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    desk.setPanel(one.call, { who: "" });
    event.stopPropagation();
  };
}
