// The phone in the browser (JsSIP): registers with every Asterisk of the house, rings for any, answers, holds, mutes, sends
// digits. One tab runs it (see line.ts); it shows what it is doing as one plain value that can be sent to other tabs.
import { C } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRequest } from "jssip/lib/SIPMessage";
import type { Phone, PhoneDeed, PhoneResult } from "../lib/protocol.ts";
import { DialogMemory, replaces, type Dialog } from "./dialog.ts";
import { answersItself, callOf } from "./incoming.ts";
import { closeMicrophone, MicrophoneError, openMicrophone, type MicrophoneTrouble } from "./microphone.ts";
import { Registration } from "./registration.ts";
import { Bell } from "./ring.ts";
import { away, isSame, nowhereAway, together, type Away, type Standing } from "./standing.ts";

export type PhoneStatus =
  | "off"
  | "asking" // the browser asks for the microphone
  | Standing
  | "elsewhere" // another browser holds this phone
  | MicrophoneTrouble;

export interface PhoneCall {
  call: string; // our conversation id, or "" when the call came without one
  number: string;
  name: string;
  state: "ringing" | "answering" | "talking" | "held";
  muted: boolean;
  trouble: MicrophoneTrouble | "hold_refused" | "";
}

export interface PhoneView {
  status: PhoneStatus;
  away: Away; // who does not reach it while it is registered
  call: PhoneCall | null;
}

export const noPhone: PhoneView = { status: "off", away: nowhereAway, call: null };

export type PhoneOrder =
  | { do: "answer" | "hang_up" | "hold" | "resume" | "mute" | "unmute" }
  | { do: "digit"; digit: string };

const mediaSettings: RTCConfiguration = { iceServers: [], bundlePolicy: "max-bundle" };
// What a message is of its dialog; JsSIP keeps it and does not say so in its types.
interface Tagged {
  call_id: string;
  from_tag: string;
  to_tag: string;
}

export class Softphone {
  view: PhoneView = noPhone;
  #places: readonly Registration[] = []; // none while it is off
  #session: RTCSession | null = null; // at whichever of them:
  #at: Registration | null = null;
  #turning = false; // a hold or its end is being agreed on with Asterisk;
  #next: { held: boolean; done: (() => void) | undefined } | null = null; // what is wished after it
  #microphone: Promise<MediaStream> | null = null;
  readonly #memory: DialogMemory;
  readonly #account: Phone;
  readonly #onChange: (view: PhoneView) => void;
  readonly #bell = new Bell();
  readonly #speaker = document.createElement("audio");

  constructor(account: Phone, onChange: (view: PhoneView) => void) {
    this.#account = account;
    this.#onChange = onChange;
    this.#memory = new DialogMemory(account.user);
    this.#speaker.autoplay = true;
    this.#speaker.dataset["phone"] = "speaker";
    document.body.append(this.#speaker);
  }

  // Without a microphone nobody could be heard, so the phone stays off and says why; no call is then sent here.
  async start(): Promise<void> {
    if (this.#places.length) return;
    this.#status("asking");
    try {
      closeMicrophone(await openMicrophone());
    } catch (error) {
      if (this.view.status === "asking") this.#status(error instanceof MicrophoneError ? error.trouble : "microphone_busy");
      return;
    }
    if (this.view.status === "asking") this.#register(); // and was not stopped meanwhile
  }

  stop(status: PhoneStatus = "off"): void {
    const places = this.#places;
    this.#places = [];
    this.#session?.terminate();
    for (const place of places) place.stop();
    this.#status(status);
  }

  isAt(contact: string): boolean {
    return this.#places.some((place) => place.contact === contact);
  }

  // Something about the microphone changed: perhaps it works now.
  async look(): Promise<void> {
    if (!this.#places.length && this.view.status !== "elsewhere" && this.view.status !== "off") await this.start();
  }

  carryOut(order: PhoneOrder): void {
    switch (order.do) {
      case "answer":
        void this.#answer();
        break;
      case "hang_up":
        if (this.#session && !this.#session.isEnded()) this.#session.terminate(this.#ringing ? { status_code: 486 } : {});
        break;
      case "hold":
      case "resume":
        this.#hold(order.do === "hold");
        break;
      case "mute":
        this.#session?.mute({ audio: true });
        break;
      case "unmute":
        this.#session?.unmute({ audio: true });
        break;
      case "digit":
        this.#session?.sendDTMF(order.digit, { transportType: C.DTMF_TRANSPORT.RFC2833, duration: 120, interToneGap: 80 });
        break;
    }
  }

  get #ringing(): boolean {
    return this.view.call?.state === "ringing" || this.view.call?.state === "answering";
  }

  #status(status: PhoneStatus, missing: Away = nowhereAway): void {
    if (status !== this.view.status || !isSame(missing, this.view.away)) this.#show({ ...this.view, status, away: missing });
  }

  #show(view: PhoneView): void {
    this.view = view;
    if (view.call?.state === "ringing") this.#bell.start();
    else this.#bell.stop();
    this.#onChange(view);
  }

  #callIs(change: Partial<PhoneCall>): void {
    if (this.view.call) this.#show({ ...this.view, call: { ...this.view.call, ...change } });
  }

  // Registration ----------------------------------------------------------------------------------------------------

  #register(): void {
    const heard = {
      changed: () => this.#tell(),
      registered: (at: Registration) => this.#registered(at),
      incoming: (session: RTCSession, request: IncomingRequest, at: Registration) => this.#incoming(session, request, at),
    };
    this.#places = this.#account.servers.map((server) => new Registration(server, this.#account, heard));
    this.#tell();
    for (const place of this.#places) place.start();
  }

  #tell(): void {
    this.#status(together(this.#places), away(this.#places));
  }

  #registered(at: Registration): void {
    const before = this.#session ? null : this.#memory.take(at.url);
    if (before) void this.#takeUp(at, before);
  }

  // A call ----------------------------------------------------------------------------------------------------------

  // One call at a time, wherever it comes from: to whoever comes second the phone is busy.
  #incoming(session: RTCSession, request: IncomingRequest, at: Registration): void {
    if (this.#session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.#session = session;
    this.#at = at;
    this.#microphone = openMicrophone();
    this.#microphone.catch((error: unknown) => {
      if (error instanceof MicrophoneError) this.#callIs({ trouble: error.trouble });
    });
    const header = (name: string) => request.getHeader(name);
    const { uri, display_name: name } = session.remote_identity;
    const call = callOf(header, { number: uri.user, name });
    session.on("confirmed", () => {
      const { call_id: id, from_tag: theirs, to_tag: ours } = request as unknown as Tagged;
      this.#memory.keep({ server: at.url, id, theirs, ours, call });
    });
    this.#follow(session);
    this.#show({ ...this.view, call });
    if (answersItself(header)) void this.#answer();
  }

  // For the server, with what came of it.
  async obey(deed: PhoneDeed, call: string): Promise<PhoneResult> {
    const session = this.#session;
    if (!session || !this.view.call || this.view.call.call !== call) return "call.unknown";
    if (deed === "answer") {
      if (this.view.call.state === "ringing") await this.#answer();
      return this.#session === session && session.isEstablished() ? "" : "command.failed";
    }
    if (!session.isEstablished()) return "call.not_talking";
    if ((this.view.call.state === "held") === (deed === "hold")) return "";
    return new Promise((tell) => {
      if (!this.#hold(deed === "hold", () => tell(""))) tell("command.failed");
    });
  }

  // JsSIP ends a call whose hold comes to nothing, so over a line that is down it is not even tried.
  // And one at a time: of two in haste it sends the second while the first is not agreed on yet, and Asterisk answers 500.
  #hold(held: boolean, done?: () => void): boolean {
    const session = this.#session;
    if (!session) return false;
    if (this.#turning) {
      this.#next = { held, done };
      return true;
    }
    const turned = () => this.#turned(session, done);
    const begun = this.#at?.isConnected === true && (held ? session.hold({}, turned) : session.unhold({}, turned));
    const asWished = begun || (this.view.call?.state === "held") === held;
    this.#turning = begun;
    this.#callIs({ trouble: asWished ? "" : "hold_refused" });
    return begun;
  }

  #turned(session: RTCSession, done?: () => void): void {
    if (session !== this.#session) return;
    const next = this.#next;
    this.#turning = false;
    this.#next = null;
    done?.();
    if (!next) return;
    if (next.held === (this.view.call?.state === "held")) next.done?.();
    else this.#hold(next.held, next.done);
  }

  // The page was reloaded in the middle of a call: our new leg takes the place of the one whose sound went with the page.
  async #takeUp(at: Registration, before: Dialog): Promise<void> {
    this.#microphone = openMicrophone();
    const mediaStream = await this.#microphone.catch(() => null);
    if (!mediaStream) return;
    if (this.#session || at.isOver) return closeMicrophone(mediaStream); // nobody else would
    const session = at.call({ mediaStream, pcConfig: mediaSettings, extraHeaders: [replaces(before)] });
    this.#session = session;
    this.#at = at;
    session.on("accepted", (event: object) => {
      const { call_id: id, to_tag: theirs, from_tag: ours } = (event as { response: Tagged }).response;
      this.#memory.keep({ server: at.url, id, theirs, ours, call: before.call });
    });
    this.#follow(session);
    this.#listen(session.connection);
    this.#show({ ...this.view, call: { ...before.call, state: "answering", muted: false, trouble: "" } });
  }

  #follow(session: RTCSession): void {
    session.on("confirmed", () => this.#callIs({ state: "talking" }));
    session.on("hold", ({ originator }) => String(originator) === "local" && this.#callIs({ state: "held" }));
    session.on("unhold", ({ originator }) => String(originator) === "local" && this.#callIs({ state: "talking" }));
    session.on("muted", () => this.#callIs({ muted: true }));
    session.on("unmuted", () => this.#callIs({ muted: false }));
    session.on("icecandidate", ({ candidate, ready }) => enough(candidate) && ready());
    session.on("peerconnection", ({ peerconnection }) => this.#listen(peerconnection));
    session.on("ended", () => this.#over(session));
    session.on("failed", () => this.#over(session));
  }

  async #answer(): Promise<void> {
    const session = this.#session;
    if (!session || this.view.call?.state !== "ringing") return;
    this.#callIs({ state: "answering" });
    try {
      const mediaStream = await this.#microphone;
      if (session !== this.#session || session.isEnded()) return;
      session.answer({ ...(mediaStream ? { mediaStream } : {}), pcConfig: mediaSettings });
    } catch (error) {
      // It goes on ringing: the microphone may yet be allowed, or the caller reach somebody else.
      this.#microphone = openMicrophone();
      this.#microphone.catch(() => undefined);
      this.#callIs({ state: "ringing", trouble: error instanceof MicrophoneError ? error.trouble : "microphone_busy" });
    }
  }

  #listen(connection: RTCPeerConnection): void {
    connection.addEventListener("track", ({ track, streams }) => {
      this.#speaker.srcObject = streams[0] ?? new MediaStream([track]);
      void this.#speaker.play().catch(() => undefined);
    });
  }

  #over(session: RTCSession): void {
    if (session !== this.#session) return;
    this.#session = null;
    this.#at = null;
    this.#turning = false;
    this.#next = null;
    this.#memory.forget();
    void this.#microphone?.then(closeMicrophone, () => undefined);
    this.#microphone = null;
    this.#speaker.srcObject = null;
    this.#show({ ...this.view, call: null });
  }
}

// One way to reach us is enough, waiting for all costs 150 ms. But it must be one that Asterisk can use: with nothing
// but a TCP or an IPv6 candidate in our answer it never starts ICE, and the call stays silent.
function enough(candidate: RTCIceCandidate): boolean {
  const [, , protocol = "", , address = ""] = candidate.candidate.split(" ");
  return protocol.toLowerCase() === "udp" && /^[\d.]+$/.test(address);
}
