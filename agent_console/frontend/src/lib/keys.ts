// Single keys outside text fields, combinations everywhere; one list of them, shown on "?".
export interface Shortcut {
  keys: string; // "r", "F2", "Ctrl+Enter", "Alt+a"
  does: string;
  run: () => void;
  when?: () => boolean;
  anywhere?: boolean; // also while typing
}

const offKey = "cw-single-keys-off";

export function singleKeysOff(): boolean {
  return localStorage.getItem(offKey) === "1";
}

export function setSingleKeysOff(off: boolean): void {
  if (off) localStorage.setItem(offKey, "1");
  else localStorage.removeItem(offKey);
}

// Who types a number with letters in it to the other side must not fire the screen's letters: digits, "k", which closes
// the keypad, and keys that are no letters.
export function besideTheKeypad(all: readonly Shortcut[]): Shortcut[] {
  return all.filter((one) => one.keys.length > 1 || /[0-9*#k]/.test(one.keys));
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// A letter typed with AltGr or Option is a character, never a shortcut: combinations are matched by their physical key.
export function named(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
  const combined = event.ctrlKey || event.altKey || event.metaKey;
  const key = combined && letter ? letter : event.key;
  const parts = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", key];
  return parts.filter(Boolean).join("+");
}

export function listen(shortcuts: () => readonly Shortcut[]): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.getModifierState("AltGraph")) return;
    const name = named(event);
    const single = name.length === 1;
    if (single && (typing(event.target) || singleKeysOff())) return;
    const found = shortcuts().find((one) => one.keys === name && (one.when?.() ?? true));
    if (!found || (!single && typing(event.target) && !found.anywhere)) return;
    event.preventDefault();
    if (!event.repeat) found.run();
  });
}
