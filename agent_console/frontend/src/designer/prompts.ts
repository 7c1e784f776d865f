// The prompts of the house, as far as a menu can say them: their words and sounds, and new ones.
import { language as reader, t } from "../lib/words.ts";
import { ask } from "./api.ts";

interface Side {
  text: string;
  standing: string;
  values: unknown[];
}

interface Prompt {
  key: string;
  piece: boolean;
  languages: Record<string, Side>;
}

export class Prompts {
  readonly here: boolean; // whether their sounds are where this console is
  making = ""; // the field for which one is being made
  fault = "";
  busy = false;
  whenMade: (name: string) => void = () => undefined;
  #known = new Map<string, Record<string, Side>>();
  #sounds: Record<string, string[]> = {};
  #sound: HTMLAudioElement | null = null;
  readonly #redraw: () => void;
  readonly #say: (sentence: string) => void;

  constructor(here: boolean, redraw: () => void, say: (sentence: string) => void) {
    this.here = here;
    this.#redraw = redraw;
    this.#say = say;
  }

  // A console without the house's sounds tells their names alone.
  async read(): Promise<void> {
    const [sounds, prompts] = await Promise.all([
      ask<{ items: Record<string, string[]> }>("/flows/prompts"),
      this.here ? ask<{ items: Prompt[] }>("/prompts") : { items: [] },
    ]);
    this.#sounds = sounds.items;
    const sentences = prompts.items.filter((one) => !one.piece);
    const names = this.here ? [] : Object.values(sounds.items).flat();
    this.#known = new Map([...names.map((key) => [key, {}] as const), ...sentences.map((one) => [one.key, one.languages] as const)]);
  }

  get keys(): string[] {
    return [...this.#known.keys()].sort();
  }

  has(key: string, language: string): boolean {
    return this.#sounds[language]?.includes(key) ?? false;
  }

  text(key: string, language: string = reader): string {
    return this.#known.get(key)?.[language]?.text ?? "";
  }

  play(key: string, language: string): void {
    this.#sound?.pause();
    const side = this.#known.get(key)?.[language];
    const filled = side && side.values.length > 0 && side.standing !== "recorded"; // heard with examples
    this.#sound = new Audio(`/prompts/${key}/${language}/${filled ? "example" : "sound"}`);
    this.#sound.play().catch(() => this.#say(t("“%(prompt)s” cannot be played.", { prompt: key })));
  }

  // A new one -------------------------------------------------------------------------------------------------------------

  begin(path: string): void {
    this.making = path;
    this.fault = "";
    this.#redraw();
    queueMicrotask(() => document.querySelector<HTMLElement>(".flow-new input")?.focus());
  }

  leave(): void {
    this.making = "";
    this.#redraw();
  }

  async make(key: string, texts: Record<string, string>): Promise<void> {
    this.busy = true;
    this.#redraw();
    try {
      await ask("/prompts", "POST", { key, texts });
      await this.read();
      this.making = "";
      this.whenMade(key);
    } catch (error) {
      this.fault = (error as Error).message;
    }
    this.busy = false;
    this.#redraw();
  }
}
