// The phone's place at one Asterisk: a websocket and a registration that are kept up, whatever becomes of the others.
import { UA, WebSocketInterface } from "jssip";
import type { CallOptions } from "jssip/lib/UA";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRequest } from "jssip/lib/SIPMessage";
import type { Phone, PhoneAt } from "../lib/protocol.ts";
import { pauseMs, type Place, type Standing } from "./standing.ts";

const patienceMs = 10_000; // one that has not answered by then is away, though it may still come

export interface Heard {
  changed: () => void;
  registered: (at: Registration) => void;
  incoming: (session: RTCSession, request: IncomingRequest, at: Registration) => void;
}

export class Registration implements Place {
  standing: Standing = "connecting";
  readonly #server: PhoneAt;
  readonly #account: Phone;
  readonly #heard: Heard;
  readonly #ua: UA;
  #again = 0;
  #late = 0;
  #inVain = 0;
  #over = false;
  #ringing: RTCSession | null = null; // who came last; he may be spoken with, or gone

  constructor(server: PhoneAt, account: Phone, heard: Heard) {
    this.#server = server;
    this.#account = account;
    this.#heard = heard;
    this.#ua = new UA({
      sockets: [new WebSocketInterface(server.url)],
      uri: this.#own,
      authorization_user: account.user,
      password: account.password,
      register: true,
      register_expires: 300,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: "Callwright",
    });
    this.#listen();
  }

  get name(): string {
    return this.#server.name;
  }

  get url(): string {
    return this.#server.url;
  }

  // Under which name we are registered: another one each time a page opens.
  get contact(): string {
    return (this.#ua as unknown as { contact: { uri: { user: string } } }).contact.uri.user;
  }

  get isOver(): boolean {
    return this.#over;
  }

  get isConnected(): boolean {
    return this.#ua.isConnected();
  }

  start(): void {
    this.#ua.start();
    this.#late = window.setTimeout(() => this.standing === "connecting" && this.#is("lost"), patienceMs);
  }

  // Signs off; what is still under way there ends.
  stop(): void {
    this.#over = true;
    clearTimeout(this.#again);
    clearTimeout(this.#late);
    this.#ua.stop();
  }

  // Calls our own number there.
  call(options: CallOptions): RTCSession {
    return this.#ua.call(this.#own, options) as unknown as RTCSession;
  }

  get #own(): string {
    return `sip:${this.#account.user}@${this.#server.domain}`;
  }

  #listen(): void {
    const ua = this.#ua;
    ua.on("connecting", () => this.standing !== "lost" && this.#is("connecting"));
    ua.on("disconnected", () => this.#cutOff());
    ua.on("unregistered", () => this.standing !== "refused" && this.#is("lost"));
    ua.on("registered", () => this.#registered());
    ua.on("registrationFailed", ({ response }) => this.#failed(response?.status_code ?? 0));
    ua.on("newRTCSession", ({ session, request }: { session: RTCSession; request: IncomingRequest }) => {
      if (!this.#over && String(session.direction) === "incoming") this.#comes(session, request);
    });
  }

  #comes(session: RTCSession, request: IncomingRequest): void {
    this.#heard.incoming(session, request, this);
    if (!session.isEnded()) this.#ringing = session; // and was not turned away
  }

  // What rings beyond a lost websocket can never be answered any more, not even when that is back, nor is heard when its
  // caller has gone; and while it rang here, the phone would be busy for the calls of every other Asterisk.
  #cutOff(): void {
    const ringing = this.#ringing;
    this.#ringing = null;
    if (ringing && !ringing.isEnded() && !ringing.start_time) ringing.terminate();
    this.#is("lost");
  }

  #is(standing: Standing): void {
    if (this.#over || this.standing === standing) return;
    this.standing = standing;
    this.#heard.changed();
  }

  #registered(): void {
    this.#inVain = 0;
    this.#is("registered");
    if (!this.#over) this.#heard.registered(this);
  }

  // An Asterisk that says nothing, or that it cannot now, has not refused us.
  #failed(code: number): void {
    this.#is(code >= 400 && code < 500 && code !== 408 ? "refused" : "lost");
    clearTimeout(this.#again);
    if (!this.#over) this.#again = window.setTimeout(() => this.#ua.isConnected() && this.#ua.register(), pauseMs(++this.#inVain));
  }
}
