// The live board: the floor as it is this moment, for whoever leads it.
import "../lib/clock.ts";
import { Connection } from "../lib/connection.ts";
import { newId } from "../lib/ids.ts";
import { listen } from "../lib/keys.ts";
import { Painter } from "../lib/paint.ts";
import type { BoardAgent, BoardCall, BoardQueue, BoardTicket, BoardWaiting, Floor, Hello, ParkedCall, Told, Wish } from "../lib/protocol.ts";
import { Rows } from "../lib/table.ts";
import { now } from "../lib/clock.ts";
import { Why } from "../lib/why.ts";
import { setZone } from "../lib/words.ts";
import { board } from "./view.ts";
import { shortcuts } from "./shortcuts.ts";

export type Forced = "ready" | "paused" | "offline";

export class Board {
  hello: Hello | null = null;
  links: Readonly<Record<string, boolean>> = {};
  heard: Date | null = null; // of when the picture is
  away = false; // telephony does not answer, so the picture is an old one
  help = false;
  opened: string | null = null; // the agent whose actions are open
  queue = ""; // only this queue's people and calls
  readonly queues = new Rows<BoardQueue>((row) => row.queue);
  readonly waiting = new Rows<BoardWaiting>((row) => row.call);
  readonly agents = new Rows<BoardAgent>((row) => row.agent);
  readonly calls = new Rows<BoardCall>((row) => row.call);
  readonly tickets = new Rows<BoardTicket>((row) => row.ticket);
  readonly parked = new Rows<ParkedCall>((row) => row.call);
  readonly connection: Connection;
  readonly why = new Why((wish) => this.connection.ask(wish), () => this.paint());
  readonly #painter: Painter;
  readonly #faults = new Map<string, string>();
  readonly #pending = new Set<string>();

  constructor(root: HTMLElement) {
    this.#painter = new Painter(root, () => board(this));
    this.connection = new Connection("board", (message) => this.#heard(message), () => this.paint());
    listen(() => shortcuts(this));
    this.paint();
  }

  readonly paint = (): void => this.#painter.paint();

  get now(): Date {
    return now();
  }

  force(agent: string, state: Forced): Promise<void> {
    return this.ask(agent, { do: "force_state", agent, state, reason: state === "paused" ? "supervisor" : "" });
  }

  // At this agent's card it shows that it is at work, and the sentence when it was refused.
  async ask(agent: string, wish: Wish): Promise<void> {
    if (this.#pending.has(agent)) return;
    this.#pending.add(agent);
    this.#faults.delete(agent);
    this.paint();
    const answer = await this.connection.ask({ id: newId(), ...wish });
    this.#pending.delete(agent);
    if (answer.ok) this.opened = null;
    else this.#faults.set(agent, answer.sentence);
    this.paint();
  }

  // Other departments look after the others; the server would refuse it, too.
  directs(agent: string | undefined): boolean {
    const me = this.hello?.me;
    return agent !== undefined && me?.directs === true && !me.not_mine.includes(agent);
  }

  pending(agent: string): boolean {
    return this.#pending.has(agent);
  }

  fault(agent: string): string {
    return this.#faults.get(agent) ?? "";
  }

  open(agent: string | null): void {
    if (agent) this.#faults.delete(agent);
    this.opened = agent;
    this.paint();
  }

  filter(queue: string): void {
    this.queue = this.queue === queue ? "" : queue;
    this.paint();
  }

  #heard(message: Told): void {
    switch (message.t) {
      case "hello":
        this.hello = message;
        this.links = message.links;
        this.away = false;
        setZone(message.zone);
        break;
      case "floor":
        this.#apply(message);
        break;
      case "floor_away":
        this.away = true;
        if (message.since) this.heard = new Date(message.since);
        break;
      case "tick":
        if (this.heard && !this.away) this.heard = new Date(message.at);
        return;
      case "links":
        this.links = message.links;
        break;
      default:
        return;
    }
    this.paint();
  }

  #apply(floor: Floor): void {
    this.heard = new Date(floor.at);
    this.away = false;
    this.queues.apply(floor.full, floor.queues, floor.gone_queues);
    this.waiting.apply(floor.full, floor.waiting, floor.gone_waiting);
    this.agents.apply(floor.full, floor.agents, floor.gone_agents);
    this.calls.apply(floor.full, floor.calls, floor.gone_calls);
    this.parked.apply(floor.full, floor.parked, floor.gone_parked);
    this.tickets.apply(floor.full, floor.tickets, floor.gone_tickets);
    this.why.refresh();
  }
}

const root = document.getElementById("board");
if (root) new Board(root);
