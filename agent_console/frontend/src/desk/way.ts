// The caller's way here in a few words, for the eye that is about to answer. Pure.
import type { Case } from "../lib/protocol.ts";
import { duration, t } from "../lib/words.ts";

const most = 5; // of several the last ones, which say what he wants now
const passedOver = new Set(["zh", "en", "repeat", "main_menu"]);

// "2 Repair → typed 202601050007 → waited 0:40"; `word` says what a label means.
export function wayHere(one: Case, word: (label: string) => string): string {
  const steps = one.path.filter(({ label }) => label && !passedOver.has(label)).map(({ entered, label }) => stepWords(entered, label, word));
  const waited = one.because?.waited_s ?? 0;
  const shown = steps.length > most ? ["…", ...steps.slice(-most)] : steps;
  return [...shown, ...(waited >= 1 ? [t("waited %(time)s", { time: duration(waited) })] : [])].join(" → ");
}

function stepWords(entered: string, label: string, word: (label: string) => string): string {
  if (label === "entered") return t("typed %(digits)s", { digits: entered });
  if (entered.length > 1) return `${word(label)}: ${t("typed %(digits)s", { digits: entered })}`;
  return [entered, word(label)].filter(Boolean).join(" ");
}
