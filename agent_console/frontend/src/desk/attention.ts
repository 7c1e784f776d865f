// Draws the eye when the desk is not in front: the tab's title, and a notification when the agent allowed them.
import { t } from "../lib/words.ts";

export class Attention {
  readonly #title = document.title;
  #who: string | null = null;
  #blink = 0;
  #note: Notification | null = null;

  // Who rings; null when nobody does.
  ringing(who: string | null): void {
    if (who === this.#who) return;
    this.#who = who;
    clearInterval(this.#blink);
    this.#note?.close();
    document.title = this.#title;
    if (who === null) return;
    let on = false;
    const blink = () => {
      on = !on;
      document.title = on ? `☎ ${who}` : this.#title;
    };
    blink();
    this.#blink = window.setInterval(blink, 1000);
    this.#notify(who);
  }

  #notify(who: string): void {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    this.#note = new Notification(t("Incoming call"), { body: who, tag: "callwright-call", silent: true });
    this.#note.onclick = () => window.focus();
  }
}
