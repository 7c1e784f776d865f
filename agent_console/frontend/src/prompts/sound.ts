// One language of a prompt: choose a file or record, listen to it, and give it to the house.
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../lib/icons.ts";
import { Painter } from "../lib/paint.ts";
import { duration, t } from "../lib/words.ts";
import { MicrophoneError } from "../desk/microphone.ts";
import { Recorder } from "./recorder.ts";

type State = "idle" | "recording" | "heard" | "sending";

export class SoundDesk {
  #state: State = "idle";
  #fault = "";
  #seconds = 0;
  #level = 0;
  #sound: Blob | null = null;
  #preview = "";
  #recorder: Recorder | null = null;
  readonly #root: HTMLElement;
  readonly #painter: Painter;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#painter = new Painter(root, () => this.#view());
    this.#painter.paint();
  }

  #data(name: string): string {
    return this.#root.dataset[name] ?? "";
  }

  readonly #record = async (): Promise<void> => {
    this.#fault = "";
    try {
      this.#recorder = await Recorder.open(Number(this.#data("longest")), (seconds, level) => {
        this.#seconds = seconds;
        this.#level = level;
        this.#painter.paint();
      });
    } catch (error) {
      this.#fault = trouble(error);
      this.#painter.paint();
      return;
    }
    this.#turn("recording");
    this.#offer(await this.#recorder.ended);
  };

  readonly #stop = (): void => this.#recorder?.stop();

  readonly #choose = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    const largest = Number(this.#data("largest"));
    if (file.size > largest) {
      this.#fault = t("This file is larger than %(most)s MB.", { most: Math.floor(largest / 1048576) });
      this.#painter.paint();
    } else this.#offer(file);
  };

  #offer(sound: Blob): void {
    this.#fault = "";
    this.#sound = sound;
    this.#preview = URL.createObjectURL(sound);
    this.#turn("heard");
  }

  readonly #drop = (): void => {
    URL.revokeObjectURL(this.#preview);
    this.#sound = null;
    this.#turn("idle");
  };

  readonly #send = async (): Promise<void> => {
    this.#turn("sending");
    this.#fault = await this.#put(this.#sound as Blob);
    if (!this.#fault) location.assign(this.#data("page"));
    else this.#turn("heard");
  };

  async #put(sound: Blob): Promise<string> {
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";
    try {
      const answer = await fetch(this.#data("address"), {
        method: "PUT", body: sound, headers: { "X-CSRF-Token": token, "Content-Type": "application/octet-stream" },
      });
      if (answer.ok) return "";
      const problem = (await answer.json()) as { detail?: string };
      return problem.detail || t("That did not work. Please try again.");
    } catch {
      return t("The server cannot be reached. Please try again in a moment.");
    }
  }

  #turn(state: State): void {
    this.#state = state;
    this.#painter.paint();
  }

  #view(): TemplateResult {
    return html`<div class="sound-desk">
      ${this.#state === "recording" ? this.#recording() : this.#sound ? this.#listening() : this.#idle()}
      <p class="fault" role="alert">${this.#fault || nothing}</p>
    </div>`;
  }

  #idle(): TemplateResult {
    return html`<div class="form-acts">
      <button type="button" class="btn" @click=${this.#record}>${icon("microphone")}${t("Record")}</button>
      <label class="btn sound-file">${icon("upload")}${t("Take a file")}<input class="visually-hidden" type="file" accept="audio/*,.wav,.mp3,.ogg,.m4a,.flac,.webm" @change=${this.#choose}></label>
    </div>`;
  }

  #recording(): TemplateResult {
    return html`<div class="form-acts sound-recording">
      <button type="button" class="btn btn-primary" @click=${this.#stop}>${icon("player-stop")}${t("Stop")}</button>
      <span class="num" role="timer">${duration(this.#seconds)}</span>
      <meter min="0" max="1" low="0.05" high="0.9" optimum="0.5" .value=${this.#level} aria-label=${t("How loud it is")}></meter>
    </div>`;
  }

  #listening(): TemplateResult {
    const busy = this.#state === "sending";
    return html`<div class="sound-preview">
      <audio controls src=${this.#preview} aria-label=${t("What you have just made")}></audio>
      <div class="form-acts">
        <button type="button" class="btn btn-primary" ?disabled=${busy} @click=${this.#send}>${icon("check")}${t("Let callers hear this")}</button>
        <button type="button" class="btn" ?disabled=${busy} @click=${this.#drop}>${icon("x")}${t("Not this one")}</button>
      </div>
    </div>`;
  }
}

function trouble(error: unknown): string {
  switch (error instanceof MicrophoneError ? error.trouble : "unsupported") {
    case "denied":
      return t("The browser may not use the microphone. Allow it beside the address, then try again.");
    case "no_microphone":
      return t("There is no microphone at this computer.");
    case "microphone_busy":
      return t("The microphone is used by another program.");
    case "insecure":
      return t("Browsers record only over https.");
    default:
      return t("This browser cannot record. Please take a file.");
  }
}
