// The agent's desk: puts the live connection, the phone, what is typed and the view together.
import "../lib/clock.ts";
import { keepDoubleClicks } from "../lib/clicks.ts";
import { now } from "../lib/clock.ts";
import { Connection } from "../lib/connection.ts";
import { newId } from "../lib/ids.ts";
import { listen } from "../lib/keys.ts";
import { Painter } from "../lib/paint.ts";
import type { Answer, Case, Told, Wish } from "../lib/protocol.ts";
import { Why } from "../lib/why.ts";
import { pick, setZone } from "../lib/words.ts";
import { Attention } from "./attention.ts";
import { Drafts, noDraft, type Draft } from "./drafts.ts";
import { atDeskPhone, HandingOn, inConversation, obey } from "./control.ts";
import { Knowledge } from "./knowledge.ts";
import { Line } from "./line.ts";
import { noPhone, type PhoneOrder, type PhoneView } from "./softphone.ts";
import { caller } from "./caller.ts";
import { close, currentCase, empty, isLive, isOffer, left, open, reduce, type Model } from "./state.ts";
import { shortcuts } from "./shortcuts.ts";
import { callBar } from "./view/callbar.ts";
import { desk } from "./view/desk.ts";

// Everything the views may read and do.
export class Desk {
  model: Model = empty;
  line: Line | null = null;
  help = false;
  keypad = false;
  digits = "";
  leaving: HTMLFormElement | null = null; // he wants to log out in the middle of a call
  soundLost = false; // I am in a call, and this phone is not
  #silence = 0;
  #keys = Promise.resolve();
  // Ephemeral places of the view: which search, form or list is open in which case.
  readonly panels = new Map<string, Panel>();
  readonly connection: Connection;
  readonly why = new Why((wish) => this.connection.ask(wish), () => this.paint());
  readonly drafts: Drafts;
  readonly knowledge = new Knowledge(() => this.paint());
  readonly handing = new HandingOn(this);
  readonly #bar: Painter;
  readonly #page: Painter;
  readonly #pending = new Set<string>();
  readonly #faults = new Map<string, readonly Fault[]>();
  readonly #attention = new Attention();

  constructor(bar: HTMLElement, page: HTMLElement) {
    this.#bar = new Painter(bar, () => callBar(this));
    this.#page = new Painter(page, () => desk(this));
    this.drafts = new Drafts((call, draft) => this.connection.tell({ do: "keep_draft", call, draft }));
    this.connection = new Connection("desk", (message) => this.#heard(message), () => this.#connectionChanged());
    window.addEventListener("storage", (event) => this.drafts.reread(event.key) && this.paint());
    listen(() => shortcuts(this));
    keepDoubleClicks();
    document.addEventListener("submit", (event) => this.#logsOut(event));
    document.addEventListener("click", (event) => this.#goesAway(event), { capture: true });
    setInterval(() => this.paint(), 30_000); // "3 min ago", due callbacks
    this.paint();
  }

  readonly paint = (): void => {
    this.#bar.paint();
    this.#page.paint();
  };

  get phone(): PhoneView {
    return this.line?.view ?? noPhone;
  }

  get now(): Date {
    return now();
  }

  draft(call: string): Draft {
    return this.drafts.get(call) ?? noDraft;
  }

  panel(call: string): Panel {
    return this.panels.get(call) ?? noPanel;
  }

  setPanel(call: string, change: Partial<Panel>): void {
    this.panels.set(call, { ...this.panel(call), ...change });
    this.paint();
  }

  // Wishes ----------------------------------------------------------------------------------------------------------

  // `place` is the button or form that asked: it shows that it is at work, and the sentence when it was refused.
  async ask(place: string, wish: Wish): Promise<Answer> {
    if (this.#pending.has(place)) return { t: "answer", id: "", ok: false, code: "pending", sentence: "", field: "", value: null };
    const id = newId();
    this.#pending.add(place);
    this.#faults.delete(place);
    this.paint();
    const answer = await this.connection.ask({ id, ...wish });
    this.#pending.delete(place);
    if (!answer.ok && answer.sentence) this.#faults.set(place, [{ sentence: answer.sentence, field: answer.field }]);
    this.paint();
    return answer;
  }

  pending(place: string): boolean {
    return this.#pending.has(place);
  }

  // All of a form at once; `field` asks for the one beside a field.
  fault(place: string, field?: string): Fault | null {
    const found = this.#faults.get(place) ?? [];
    return (field === undefined ? found[0] : found.find((one) => one.field === field)) ?? null;
  }

  setFault(place: string, sentence: string, field = ""): void {
    this.setFaults(place, [{ sentence, field }]);
  }

  setFaults(place: string, faults: readonly Fault[]): void {
    this.#faults.set(place, faults);
    this.paint();
  }

  clearFault(place: string): void {
    if (this.#faults.delete(place)) this.paint();
  }

  // The phone -------------------------------------------------------------------------------------------------------

  phoneOrder(order: PhoneOrder): void {
    this.line?.order(order);
  }

  answer(): void {
    const call = currentCase(this.model)?.call ?? this.phone.call?.call;
    this.phoneOrder({ do: "answer" });
    if (call && !this.#typing()) this.openTab(call);
  }

  async reject(): Promise<void> {
    const offered = currentCase(this.model);
    if (!offered || !isOffer(offered.phase) || !offered.offer) return this.hangUp(); // nobody's offer: it simply rings
    const answer = await this.ask("call", { do: "reject", call: offered.call });
    if (!answer.ok && answer.code !== "pending") this.phoneOrder({ do: "hang_up" });
  }

  // The phone in the browser hangs up itself; for a desk phone, or when its tab is gone, telephony does it.
  async hangUp(): Promise<void> {
    if (this.phone.call) {
      this.phoneOrder({ do: "hang_up" });
      return;
    }
    const current = currentCase(this.model);
    const answer = current && (await this.ask("call", { do: "hang_up", call: current.call }));
    if (answer?.code === "call.unknown") this.clearFault("call"); // over already, as was wished
  }

  digit(digit: string): void {
    this.digits = (this.digits + digit).slice(-20);
    const current = atDeskPhone(this);
    if (current) this.#keys = this.#keys.then(() => this.#pressed(current.call, digit));
    else this.phoneOrder({ do: "digit", digit });
    this.paint();
  }

  // One after the other, however fast they are typed.
  async #pressed(call: string, digits: string): Promise<void> {
    const answer = await this.connection.ask({ do: "send_digits", call, digits });
    if (!answer.ok && answer.sentence) this.setFault("control", answer.sentence);
  }

  closeKeypad(): void {
    this.keypad = false;
    this.digits = "";
  }

  callerOf(one: Case): string {
    return caller(one, one.colleague ? pick(this.model.hello?.vocabulary.agents[one.colleague]) : "");
  }

  toggleHelp(open = !this.help): void {
    this.help = open;
    this.paint();
  }

  #logsOut(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const talks = this.phone.call !== null || inConversation(this) !== null;
    if (form.getAttribute("action") !== "/logout" || this.line?.mayLeave || !talks || this.connection.status === "logged_out") return;
    event.preventDefault();
    this.askToLeave(form);
  }

  // This page is the phone: in the middle of a call other pages open beside it, and only then.
  #goesAway(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href]:not([target], [href^="#"])');
    if (!link || !this.line?.here || !this.phone.call) return;
    link.target = "_blank";
    setTimeout(() => link.removeAttribute("target"));
  }

  askToLeave(form: HTMLFormElement | null): void {
    this.leaving = form;
    this.paint();
  }

  leave(): void {
    const form = this.leaving;
    if (this.line) this.line.mayLeave = true;
    this.askToLeave(null);
    form?.submit();
  }

  // Tabs ------------------------------------------------------------------------------------------------------------

  openTab(call: string): void {
    if (call !== this.model.active) toTop();
    this.model = open(this.model, call);
    this.paint();
  }

  closeTab(call: string): void {
    this.model = close(this.model, call);
    this.panels.delete(call);
    this.paint();
  }

  nextTab(step: 1 | -1): void {
    const calls = this.model.cases.map((one) => one.call);
    const at = calls.indexOf(this.model.active ?? "");
    const next = calls[(at + step + calls.length) % calls.length];
    if (next) this.openTab(next);
  }

  write(call: string, change: Partial<Draft>): void {
    this.drafts.change(call, change);
    this.paint();
  }

  // Messages --------------------------------------------------------------------------------------------------------

  #heard(message: Told): void {
    const before = currentCase(this.model);
    this.model = reduce(this.model, message, this.#typing());
    if (movedOn(before, currentCase(this.model))) for (const place of ["call", "control", "dial"]) this.clearFault(place); // what was refused is of another moment
    if (message.t === "control") this.clearFault("control");
    if (!this.phone.call && !inConversation(this)) this.closeKeypad();
    if (message.t === "hello") this.#welcome();
    if (message.t === "agent") this.clearFault("state"); // what was refused before is of another time
    if (message.t === "draft") this.drafts.adopt(message.call, message.draft);
    if (message.t === "phone_do") void obey(this, message);
    if (message.t === "phone_holder") this.line?.holderIs(message.holder);
    if (message.t === "phone_pushed_out") this.line?.pushedOut(message.contact);
    if (message.t === "case" && message.case.phase === "done") this.#finished(message.case.call);
    this.#callForAttention();
    this.#listenForSilence();
    this.paint();
  }

  #welcome(): void {
    const hello = this.model.hello;
    if (!hello) return;
    setZone(hello.zone);
    for (const one of hello.cases) this.drafts.meet(one.call, one.draft);
    if (this.line) this.line.reconnected();
    else if (hello.phone?.kind === "webrtc") {
      this.line = new Line(hello.phone, (wish) => this.connection.ask(wish), () => this.#phoneChanged());
      this.line.holderIs(hello.phone.holder);
    }
  }

  #connectionChanged(): void {
    if (this.connection.status === "logged_out") this.line?.leave();
    this.#phoneChanged();
  }

  #phoneChanged(): void {
    if (!this.phone.call) this.closeKeypad();
    if (this.connection.status === "logged_out") this.model = left(this.model, this.phone.call !== null);
    this.#callForAttention();
    this.#listenForSilence();
    this.paint();
  }

  // By us, or by a supervisor who set us free: then what was written stays until it is saved.
  #finished(call: string): void {
    if (this.pending(`finish:${call}`) || this.drafts.unsaved(call)) return;
    this.drafts.drop(call);
    if (call === this.model.active) toTop();
  }

  saved(call: string): void {
    this.drafts.drop(call);
    if (call === this.model.active) toTop();
    this.paint();
  }

  // After a reload the phone takes the call up again; when it could not, the agent must know.
  #listenForSilence(): void {
    const current = currentCase(this.model);
    const told = this.connection.status === "open" && current !== null && isLive(current.phase);
    const silent = told && this.phone.status === "registered" && !this.phone.call;
    if (silent && !this.#silence) this.#silence = window.setTimeout(() => this.#soundIs(true), 4000);
    if (silent) return;
    clearTimeout(this.#silence);
    this.#silence = 0;
    this.#soundIs(false);
  }

  #soundIs(lost: boolean): void {
    if (this.soundLost === lost) return;
    this.soundLost = lost;
    this.paint();
  }

  #callForAttention(): void {
    const offered = this.model.cases.find((one) => isOffer(one.phase));
    const rings = this.phone.call?.state === "ringing" ? this.phone.call.name || this.phone.call.number : null;
    this.#attention.ringing(offered ? this.callerOf(offered) : rings);
  }

  // Somebody is writing in the conversation: nothing may slide under the hands.
  #typing(): boolean {
    const focused = document.activeElement;
    return focused instanceof HTMLElement && focused.matches("#desk textarea, #desk input:not([type=checkbox]), #desk select");
  }
}

export interface Panel {
  who: "" | "search" | "create" | "contact";
  search: string;
  found: FoundCustomer[] | null;
  keys: string; // makes what is created here once
  pick: string; // what was typed to find a disposition
  picking: boolean;
  at: number; // the highlighted line of the list that is open
}

export interface FoundCustomer {
  customer: string;
  names: Record<string, string>;
  kind: string;
  level: string;
  city: string;
}

export interface Fault {
  sentence: string;
  field: string;
}

const noPanel: Panel = { who: "", search: "", found: null, keys: "", pick: "", picking: false, at: 0 };

function movedOn(before: Case | null, after: Case | null): boolean {
  return before?.call !== after?.call || before?.phase !== after?.phase;
}

function toTop(): void {
  document.getElementById("case")?.scrollTo({ top: 0 });
}

const bar = document.getElementById("callbar");
const page = document.getElementById("desk");
if (bar && page) new Desk(bar, page);
