// The live connection: comes back by itself with growing pauses, and asks for the full picture each time it does.
// Only a log-in that is over ends it; the page is then opened anew by whoever logs in.
import { setServerTime } from "./clock.ts";
import { newId } from "./ids.ts";
import type { Answer, Told, Wish } from "./protocol.ts";
import { t } from "./words.ts";

const silenceMs = 26_000; // the server says something at least every 10 s
const answerMs = 15_000;
const pausesMs = [300, 700, 1500, 3000, 5000, 10_000];

export type Status = "connecting" | "open" | "lost" | "logged_out";

interface Waiting {
  resolve: (answer: Answer) => void;
  timer: number;
}

export class Connection {
  status: Status = "connecting";
  since = new Date();
  #socket: WebSocket | null = null;
  #attempt = 0;
  #silence = 0;
  #retry = 0;
  #who = ""; // whose page this is
  readonly #waiting = new Map<string, Waiting>();
  readonly #screen: string;
  readonly #onMessage: (message: Told) => void;
  readonly #onStatus: (status: Status) => void;

  constructor(screen: string, onMessage: (message: Told) => void, onStatus: (status: Status) => void) {
    this.#screen = screen;
    this.#onMessage = onMessage;
    this.#onStatus = onStatus;
    window.addEventListener("online", () => this.#open());
    window.addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  // Carried out once, however often it is sent. Never rejects: a broken line is an answer too.
  ask(wish: Wish): Promise<Answer> {
    const id = wish.id ?? newId();
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.resolve(this.#lineLost(id));
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => this.#settle({ ...this.#lineLost(id), code: "no_answer" }), answerMs);
      this.#waiting.set(id, { resolve, timer });
      socket.send(JSON.stringify({ ...wish, id }));
    });
  }

  // A wish whose answer nobody needs.
  tell(wish: Wish): void {
    void this.ask(wish);
  }

  #open(): void {
    if (this.status === "logged_out" || (this.#socket && this.#socket.readyState <= WebSocket.OPEN)) return;
    clearTimeout(this.#retry);
    const address = new URL(`/live?screen=${this.#screen}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onmessage = (event) => this.#heard(socket, JSON.parse(event.data as string) as Told);
    socket.onclose = (event) => this.#closed(socket, event.code);
    this.#expectWord(socket);
  }

  #heard(socket: WebSocket, message: Told): void {
    if (socket !== this.#socket) return;
    this.#expectWord(socket);
    if (message.t === "hello") {
      if (this.#who && this.#who !== message.me.id) return location.reload(); // somebody else works in this browser now
      this.#who = message.me.id;
      this.#attempt = 0;
      setServerTime(message.at);
      this.#be("open");
    }
    if (message.t === "tick") setServerTime(message.at);
    if (message.t === "answer") this.#settle(message);
    else this.#onMessage(message);
  }

  #expectWord(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      socket.onclose = null;
      socket.close();
      this.#closed(socket, 4000);
    }, silenceMs);
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    clearTimeout(this.#silence);
    this.#socket = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(this.#lineLost(id));
    if (code === 1008) {
      this.#be("logged_out");
      return;
    }
    this.#be("lost");
    const pause = pausesMs[Math.min(this.#attempt, pausesMs.length - 1)] ?? 10_000;
    this.#attempt += 1;
    if (this.#attempt >= 4) void this.#stillLoggedIn();
    this.#retry = window.setTimeout(() => this.#open(), pause * (0.7 + Math.random() * 0.6));
  }

  // A websocket does not say why it was refused; the page does.
  async #stillLoggedIn(): Promise<void> {
    const response = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
    if (this.status !== "lost") return;
    if (response?.type === "opaqueredirect" || response?.status === 401) this.#be("logged_out");
    if (response?.status === 403) location.reload(); // not for us any more: the page says so itself
  }

  #be(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    this.since = new Date();
    this.#onStatus(status);
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }

  #lineLost(id: string): Answer {
    const sentence =
      this.status === "logged_out"
        ? t("You are logged out.")
        : t("The connection to the server is interrupted. It is being restored; please try again in a moment.");
    return { t: "answer", id, ok: false, code: "line_lost", sentence, field: "", value: null };
  }
}
