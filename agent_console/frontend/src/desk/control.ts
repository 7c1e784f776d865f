// Call control of the desk: the dialog in which a call is handed on, calls to a number, and what the server asks of
// the phone. What came of each wish stands where it was wished.
import type { CallControl, Case, Targets, Told } from "../lib/protocol.ts";
import { t } from "../lib/words.ts";
import type { Desk } from "./desk.ts";
import { currentCase, isLive } from "./state.ts";
import { choices, firstFree, type Choice } from "./targets.ts";

export type HandOn = "transfer" | "consult";
const againMs = 2_000; // states and lines change while one chooses

// The one dialog for transfer and consultation.
export class HandingOn {
  call = ""; // empty: it is closed
  how: HandOn = "transfer";
  text = "";
  at = 0;
  targets: Targets | null = null;
  #timer = 0;
  #asked = 0;
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(call: string, how: HandOn): void {
    if (this.call) return this.close();
    Object.assign(this, { call, how, text: "", at: 0, targets: null });
    this.#desk.clearFault("hand_on");
    this.#timer = window.setInterval(() => void this.#look(), againMs);
    this.#desk.paint();
    void this.#look();
    setTimeout(() => document.getElementById("hand-on-search")?.focus());
  }

  close(): void {
    if (!this.call) return;
    clearInterval(this.#timer);
    this.call = "";
    this.#desk.paint();
    document.getElementById(`hand-on-${this.how}`)?.focus();
  }

  get found(): Choice[] {
    const hello = this.#desk.model.hello;
    return this.targets && hello ? choices(this.targets, hello.vocabulary, hello.me.id, this.text) : [];
  }

  type(text: string): void {
    this.text = text;
    this.at = firstFree(this.found);
    this.#desk.clearFault("hand_on");
    this.#desk.paint();
    void this.#look();
  }

  move(step: 1 | -1): void {
    this.at = Math.min(Math.max(0, this.at + step), Math.max(0, this.found.length - 1));
    this.#desk.paint();
    queueMicrotask(() => queueMicrotask(() => document.getElementById(`hand-on-at-${this.at}`)?.scrollIntoView({ block: "nearest" })));
  }

  mark(at: number): void {
    this.at = at;
    this.#desk.paint();
  }

  async choose(how: HandOn = this.how): Promise<void> {
    const choice = this.found[this.at];
    if (!choice) return;
    if (choice.whyNot) return this.#desk.setFault("hand_on", t("%(name)s cannot be chosen: %(why)s.", { name: choice.name, why: choice.whyNot }));
    const to = { kind: choice.kind, value: choice.value };
    const answer = await this.#desk.ask("hand_on", { do: how, call: this.call, to });
    if (answer.ok) this.close();
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked;
    const chosen = this.found[this.at];
    const answer = await this.#desk.connection.ask({ do: "list_targets", typed: this.text });
    if (!this.call || asked !== this.#asked || !answer.ok) return;
    const first = this.targets === null;
    this.targets = answer.value as Targets;
    const found = this.found;
    const same = found.findIndex((one) => one.kind === chosen?.kind && one.value === chosen.value);
    this.at = first || same < 0 ? firstFree(found) : same;
    this.#desk.paint();
  }
}

export function controlOf(desk: Desk, call: string): CallControl | null {
  return desk.model.control.calls.find((one) => one.call === call) ?? null;
}

export function inConversation(desk: Desk): Case | null {
  const current = currentCase(desk.model);
  return current && isLive(current.phase) ? current : null;
}

// A phone on the desk, in a conversation: it is lifted and held by hand, and muted and given keys by telephony.
export function atDeskPhone(desk: Desk): Case | null {
  return desk.model.hello?.phone?.kind === "sip" ? inConversation(desk) : null;
}

export function isMuted(desk: Desk): boolean {
  const current = atDeskPhone(desk);
  return current ? controlOf(desk, current.call)?.muted === true : (desk.phone.call?.muted ?? false);
}

export function handOn(desk: Desk, how: HandOn): void {
  const current = inConversation(desk);
  if (current) desk.handing.open(current.call, how);
}

type InCall = "complete_transfer" | "cancel_transfer" | "conference" | "park" | "retrieve" | "pause_recording" | "resume_recording";

export function inCall(desk: Desk, what: InCall, call: string): void {
  void desk.ask(what === "retrieve" ? `retrieve:${call}` : "control", { do: what, call });
}

export function toggleRecording(desk: Desk): void {
  const current = inConversation(desk);
  if (current) inCall(desk, controlOf(desk, current.call)?.recording_paused_until ? "resume_recording" : "pause_recording", current.call);
}

export async function placeCall(desk: Desk, place: string, number: string, customer = ""): Promise<boolean> {
  if (!number.trim()) {
    desk.setFault(place, t("Which number should be called?"));
    return false;
  }
  return (await desk.ask(place, { do: "place_call", number: number.trim(), customer })).ok;
}

// A program asked for it over the API.
export async function obey(desk: Desk, asked: Extract<Told, { t: "phone_do" }>): Promise<void> {
  const code = (await desk.line?.obey(asked.what, asked.call)) ?? "call.unknown";
  desk.connection.tell({ do: "phone_obeyed", order: asked.order, code });
}
