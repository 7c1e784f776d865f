// What the house knows, looked up beside the call: what was typed last is what is shown, whichever answer comes first.
export interface Article {
  number: string;
  category: string;
  sides: Readonly<Record<string, { title: string; body: string }>>;
}

const pauseMs = 250;
const most = 6;

export class Knowledge {
  text = "";
  found: readonly Article[] = [];
  state: "idle" | "looking" | "found" | "lost" = "idle";
  readonly #paint: () => void;
  #timer = 0;
  #asked = 0;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  type(text: string): void {
    this.text = text;
    clearTimeout(this.#timer);
    this.#asked++; // what was asked before is of no use any more
    if (text.trim()) {
      this.state = "looking";
      this.#timer = window.setTimeout(() => void this.look(), pauseMs);
    } else {
      this.state = "idle";
      this.found = [];
    }
    this.#paint();
  }

  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const mine = ++this.#asked;
    const path = `/api/v1/articles?state=published&limit=${most}&q=${encodeURIComponent(this.text.trim())}`;
    const answer = await fetch(path).then((one) => (one.ok ? (one.json() as Promise<{ items: Article[] }>) : null)).catch(() => null);
    if (mine !== this.#asked) return;
    this.found = answer?.items ?? [];
    this.state = answer ? "found" : "lost";
    this.#paint();
  }
}

// In the reader's language, else in the other one.
export function sideOf(one: Article, language: string): { title: string; body: string; language: string } {
  const own = one.sides[language];
  if (own) return { ...own, language };
  const [other = "", side = { title: "", body: "" }] = Object.entries(one.sides)[0] ?? [];
  return { ...side, language: other };
}
