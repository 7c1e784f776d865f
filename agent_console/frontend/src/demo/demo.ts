// The demo's panel: somebody calls the hotline by a real SIP call, and the page shows what becomes of it.
import "../lib/clock.ts";
import { Connection } from "../lib/connection.ts";
import { newId } from "../lib/ids.ts";
import { Painter } from "../lib/paint.ts";
import type { Hello, Told } from "../lib/protocol.ts";
import { language, setZone } from "../lib/words.ts";
import { callers, type Caller } from "./callers.ts";
import { panel } from "./view.ts";

export type CallTold = Extract<Told, { t: "call" }>;

export interface TestCall {
  call: string;
  caller: Caller;
  at: Date;
  told: CallTold[];
  over: boolean;
}

export class Demo {
  hello: Hello | null = null;
  readonly callers = callers();
  caller: Caller;
  language: "zh" | "en" = language;
  choice = "repair";
  dnis = "4008000";
  calls: TestCall[] = [];
  placing = false;
  fault = "";
  readonly connection: Connection;
  readonly #painter: Painter;

  constructor(root: HTMLElement) {
    this.caller = this.callers[0] as Caller;
    this.#painter = new Painter(root, () => panel(this));
    this.connection = new Connection("demo", (message) => this.#heard(message), () => this.paint());
    this.paint();
  }

  readonly paint = (): void => this.#painter.paint();

  set(change: Partial<Pick<Demo, "caller" | "language" | "choice" | "dnis">>): void {
    Object.assign(this, change);
    this.paint();
  }

  async place(): Promise<void> {
    if (this.placing) return;
    this.placing = true;
    this.fault = "";
    this.paint();
    const { caller, dnis, language: speaks, choice } = this;
    const answer = await this.connection.ask({
      id: newId(), do: "place_test_call", caller: caller.number, name: caller.line, dnis, language: speaks, choice,
    });
    this.placing = false;
    const call = (answer.value as { call?: string } | null)?.call;
    if (!answer.ok) this.fault = answer.sentence;
    else if (call) this.#remember(call, caller);
    this.paint();
  }

  async hangUp(call: string): Promise<void> {
    const answer = await this.connection.ask({ id: newId(), do: "hang_up_test_call", call });
    if (!answer.ok) this.fault = answer.sentence;
    this.paint();
  }

  // What is told of it may have come before the answer that names it.
  readonly #early = new Map<string, CallTold[]>();

  #remember(call: string, caller: Caller): void {
    const told = this.#early.get(call) ?? [];
    this.calls = [{ call, caller, at: new Date(), told, over: told.some(isEnd) }, ...this.calls].slice(0, 4);
  }

  #heard(message: Told): void {
    if (message.t === "hello") this.#welcome(message);
    if (message.t === "call") this.#follow(message);
    this.paint();
  }

  #welcome(hello: Hello): void {
    this.hello = hello;
    setZone(hello.zone);
    for (const one of this.calls.filter((call) => !call.over)) {
      one.told = [];
      this.connection.tell({ do: "follow_call", call: one.call });
    }
  }

  #follow(message: CallTold): void {
    const known = this.calls.find((one) => one.call === message.call);
    if (!known) {
      this.#early.set(message.call, [...(this.#early.get(message.call) ?? []), message]);
      return;
    }
    known.told = [...known.told, message];
    known.over ||= isEnd(message);
  }
}

function isEnd(message: CallTold): boolean {
  return message.topic === "call.ended";
}

const root = document.getElementById("demo");
if (root) new Demo(root);
