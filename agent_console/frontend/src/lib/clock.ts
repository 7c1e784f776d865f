// The server's time on this machine, and timers that tick once a second without touching anything else.
import { duration } from "./words.ts";

let offset = 0;

export function setServerTime(at: string): void {
  offset = new Date(at).getTime() - Date.now();
}

export function now(): Date {
  return new Date(Date.now() + offset);
}

// <cw-timer since="2026-01-05T09:00:00Z"></cw-timer> shows 2:41 and goes on; with late-after="20" it turns late by itself.
// With until="…" it counts down to nothing.
// Who has the screen read aloud hears what happens around it, never the seconds.
export class Timer extends HTMLElement {
  static readonly observedAttributes = ["since", "until"];
  #shown = "";

  connectedCallback(): void {
    this.setAttribute("role", "timer");
    this.setAttribute("aria-live", "off");
    all.add(this);
    this.tick();
  }

  disconnectedCallback(): void {
    all.delete(this);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.tick();
  }

  tick(): void {
    const since = this.getAttribute("since");
    const seconds = since ? (now().getTime() - new Date(since).getTime()) / 1000 : 0;
    const until = this.getAttribute("until");
    const left = until ? Math.round((new Date(until).getTime() - now().getTime()) / 1000) : 0;
    const text = until ? duration(Math.max(0, left)) : since ? duration(seconds) : "";
    if (text !== this.#shown) this.textContent = this.#shown = text;
    const limit = this.getAttribute("late-after");
    if (limit) this.classList.toggle("is-late", seconds > Number(limit));
  }
}

const all = new Set<Timer>();
customElements.define("cw-timer", Timer);
setInterval(() => all.forEach((timer) => timer.tick()), 1000);
