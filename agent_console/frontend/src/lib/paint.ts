// Draws again after changes: many changes in one turn are one drawing, and only what differs is touched (lit-html).
import { render, type TemplateResult } from "lit-html";

export class Painter {
  #wanted = false;
  readonly #root: HTMLElement;
  readonly #view: () => TemplateResult;

  constructor(root: HTMLElement, view: () => TemplateResult) {
    this.#root = root;
    this.#view = view;
  }

  // A microtask, not an animation frame: a screen in a background tab stays true as well.
  readonly paint = (): void => {
    if (this.#wanted) return;
    this.#wanted = true;
    queueMicrotask(() => {
      this.#wanted = false;
      render(this.#view(), this.#root);
    });
  };
}
