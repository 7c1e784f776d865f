// How the browser's phone stands with each Asterisk of the house, and what of it concerns the agent. Pure.
export type Standing =
  | "connecting" // for the first time
  | "registered"
  | "refused" // Asterisk does not accept our name or password
  | "lost";

export interface Place {
  name: string;
  standing: Standing;
}

// Asterisks that do not reach the phone while another does.
export interface Away {
  lost: readonly string[];
  refused: readonly string[];
}

export const nowhereAway: Away = { lost: [], refused: [] };

// One phone, one word: reachable as soon as any has it. Who may still come is no reason for alarm, and a refusal is
// said before a lost line, for it does not mend itself.
export function together(places: readonly Place[]): Standing {
  const best = (["registered", "connecting", "refused"] as const).find((one) => places.some((place) => place.standing === one));
  return best ?? "lost";
}

export function away(places: readonly Place[]): Away {
  if (together(places) !== "registered") return nowhereAway;
  const named = (standing: Standing) => places.filter((place) => place.standing === standing).map((place) => place.name);
  return { lost: named("lost"), refused: named("refused") };
}

export function isSame(one: Away, other: Away): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const pauses = [5_000, 10_000, 20_000, 30_000] as const;

// How long to wait before the next try to register, after so many in vain.
export function pauseMs(inVain: number): number {
  return pauses[inVain - 1] ?? pauses[pauses.length - 1] ?? 0;
}
