// One phone for all of an agent's tabs and browsers. Among the tabs of one browser a lock decides which runs it; the
// others show the same and pass their orders on. Between browsers the server decides (claim_phone).
import { newId } from "../lib/ids.ts";
import type { Answer, Phone, PhoneDeed, PhoneResult, Wish } from "../lib/protocol.ts";
import { onMicrophoneChange } from "./microphone.ts";
import { noPhone, Softphone, type PhoneOrder, type PhoneView } from "./softphone.ts";

type Said = { view: PhoneView } | { order: PhoneOrder } | { takeOver: true } | { who: true };

const deviceKey = "cw-device";

function device(): string {
  let found = localStorage.getItem(deviceKey);
  if (!found) {
    found = newId();
    localStorage.setItem(deviceKey, found);
  }
  return found;
}

export class Line {
  view: PhoneView = noPhone;
  mayLeave = false; // he was asked, and leaves in the middle of a call
  #phone: Softphone | null = null; // only in the tab that runs it
  #left = false; // logged out
  #moved = false; // another phone has registered in place of ours
  readonly #me = device();
  readonly #account: Phone;
  readonly #channel: BroadcastChannel;
  readonly #ask: (wish: Wish) => Promise<Answer>;
  readonly #onChange: () => void;

  constructor(account: Phone, ask: (wish: Wish) => Promise<Answer>, onChange: () => void) {
    this.#account = account;
    this.#ask = ask;
    this.#onChange = onChange;
    this.#channel = new BroadcastChannel(`cw-phone-${account.user}`);
    this.#channel.onmessage = (event) => this.#heard(event.data as Said);
    onMicrophoneChange(() => void this.#phone?.look());
    window.addEventListener("beforeunload", (event) => {
      if (!this.mayLeave && this.#phone?.view.call && this.#phone.view.call.state !== "ringing") event.preventDefault();
    });
    if (!navigator.locks) {
      this.#shows({ ...noPhone, status: window.isSecureContext ? "unsupported" : "insecure" });
      return;
    }
    this.#say({ who: true });
    void navigator.locks.request(`cw-phone-${account.user}`, () => this.#run());
  }

  // In this tab it rings and is heard; another one shows it.
  get here(): boolean {
    return this.#phone !== null;
  }

  // In this tab or in the one that runs the phone.
  order(order: PhoneOrder): void {
    if (this.#phone) this.#phone.carryOut(order);
    else this.#say({ order });
  }

  // Only the tab that runs the phone is asked by the server.
  async obey(deed: PhoneDeed, call: string): Promise<PhoneResult> {
    return this.#phone ? this.#phone.obey(deed, call) : "call.unknown";
  }

  // "Use my phone here."
  takeOver(): void {
    if (this.#phone) void this.#claim(true);
    else this.#say({ takeOver: true });
  }

  // The live connection is (again) there: the server may have forgotten who holds the phone.
  reconnected(): void {
    if (this.#phone && this.view.status !== "elsewhere") void this.#claim(false);
  }

  holderIs(holder: string): void {
    if (!this.#phone) return;
    if (holder !== "" && holder !== this.#me) this.#phone.stop("elsewhere");
    else if (holder === "" && this.view.status === "elsewhere") void this.#claim(false);
  }

  // Asterisk told us nothing: what was registered here rings elsewhere now. Who is in a call speaks to its end.
  pushedOut(contact: string): void {
    if (!this.#phone?.isAt(contact)) return;
    this.#moved = true;
    this.#stopIfMoved();
  }

  #stopIfMoved(): void {
    if (!this.#moved || this.#phone?.view.call) return;
    this.#moved = false;
    this.#phone?.stop("elsewhere");
  }

  // Logged out: nothing rings here any more. Who is in a call speaks to its end.
  leave(): void {
    this.#left = true;
    this.#stopUnlessInCall();
  }

  #stopUnlessInCall(): void {
    const call = this.#phone?.view.call;
    if (!call || call.state === "ringing") this.#phone?.stop();
  }

  // Holds the lock as long as this tab lives.
  #run(): Promise<void> {
    this.#phone = new Softphone(this.#account, (view) => {
      this.#shows(view);
      this.#say({ view });
      if (this.#left && view.status !== "off") this.#stopUnlessInCall();
      this.#stopIfMoved();
    });
    void this.#claim(false);
    return new Promise(() => undefined);
  }

  async #claim(force: boolean): Promise<void> {
    if (this.#left) return;
    const answer = await this.#ask({ do: "claim_phone", holder: this.#me, force });
    if (answer.ok && !this.#left) await this.#phone?.start();
    else if (answer.code === "phone.elsewhere") this.#phone?.stop("elsewhere");
  }

  #shows(view: PhoneView): void {
    this.view = view;
    this.#onChange();
  }

  #say(said: Said): void {
    this.#channel.postMessage(said);
  }

  #heard(said: Said): void {
    if ("view" in said) {
      if (!this.#phone) this.#shows({ ...noPhone, ...said.view }); // its page may be older than ours
    } else if (!this.#phone) {
      return;
    } else if ("order" in said) {
      this.#phone.carryOut(said.order);
    } else if ("takeOver" in said) {
      void this.#claim(true);
    } else {
      this.#say({ view: this.#phone.view });
    }
  }
}
