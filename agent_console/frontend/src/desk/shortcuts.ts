// Every key of the desk, in one list that the keyboard and the help sheet share.
import { besideTheKeypad, type Shortcut } from "../lib/keys.ts";
import { t } from "../lib/words.ts";
import { atDeskPhone, controlOf, handOn, inConversation, toggleRecording } from "./control.ts";
import type { Desk } from "./desk.ts";
import { finish } from "./finish.ts";
import { activeCase } from "./state.ts";
import { setPaused, setReady, toggleKeypad, toggleMute } from "./view/callbar.ts";
import { openCallback, openTicket } from "./view/forms.ts";
import { chooseNumbered, confirm, openCreate, openSearch } from "./view/who.ts";

// The reasons of a pause, while their menu is open.
function menuItems(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-menu=state][open] [role=menuitem]")];
}

export function shortcuts(desk: Desk): Shortcut[] {
  const one = activeCase(desk.model);
  const ringing = () => desk.phone.call?.state === "ringing";
  const talking = () => desk.phone.call !== null && !ringing();
  const speaking = () => talking() || atDeskPhone(desk) !== null;
  const hasCase = () => one !== null;
  const unsure = () => one?.pop !== undefined && one.pop !== null && one.phase !== "missed";
  const conversing = () => inConversation(desk) !== null && !controlOf(desk, inConversation(desk)?.call ?? "")?.consult;
  const digitsToPhone = () => desk.keypad && speaking();
  const all: Shortcut[] = [
    { keys: "F2", does: t("Answer"), run: () => desk.answer(), when: ringing, anywhere: true },
    { keys: "Alt+a", does: t("Answer, on keyboards without F keys"), run: () => desk.answer(), when: ringing, anywhere: true },
    { keys: "F4", does: t("Hang up, or reject while it rings"), run: () => void (ringing() ? desk.reject() : desk.hangUp()), anywhere: true, when: () => desk.phone.call !== null },
    { keys: "h", does: t("Hold or resume"), run: () => desk.phoneOrder({ do: desk.phone.call?.state === "held" ? "resume" : "hold" }), when: talking },
    { keys: "m", does: t("Mute or unmute"), run: () => toggleMute(desk), when: speaking },
    { keys: "k", does: t("Keypad"), run: () => toggleKeypad(desk), when: speaking },
    { keys: "f", does: t("Hand the call on"), run: () => handOn(desk, "transfer"), when: conversing },
    { keys: "s", does: t("Ask somebody first"), run: () => handOn(desk, "consult"), when: conversing },
    { keys: "e", does: t("Pause the recording, or resume it"), run: () => toggleRecording(desk), when: conversing },
    { keys: "l", does: t("Call a number"), run: () => document.getElementById("dial")?.focus(), when: () => document.getElementById("dial") !== null },
    { keys: "r", does: t("Ready"), run: () => setReady(desk) },
    { keys: "p", does: t("Pause"), run: () => setPaused(desk, "break") },
    { keys: "y", does: t("Yes, that is the caller"), run: () => one && void confirm(desk, one), when: unsure },
    { keys: "a", does: t("Find the customer"), run: () => one && openSearch(desk, one), when: unsure },
    { keys: "c", does: t("New customer"), run: () => one && openCreate(desk, one), when: unsure },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => ({
      keys: String(digit),
      does: digit === 1 ? t("1 to 9: choose from the list of possible callers") : "",
      run: () => {
        if (menuItems().length) menuItems()[digit - 1]?.click();
        else if (digitsToPhone()) desk.digit(String(digit));
        else if (one) chooseNumbered(desk, one, digit - 1);
      },
    })),
    ...["0", "*", "#"].map((digit) => ({ keys: digit, does: "", run: () => desk.digit(digit), when: digitsToPhone })),
    { keys: "n", does: t("Write the note"), run: () => one && document.getElementById(`note-${one.call}`)?.focus(), when: hasCase },
    { keys: "t", does: t("New ticket"), run: () => one && openTicket(desk, one), when: hasCase },
    { keys: "b", does: t("Schedule callback"), run: () => one && openCallback(desk, one), when: hasCase },
    { keys: "d", does: t("Choose what came of it"), run: () => one && document.getElementById(`disposition-${one.call}`)?.focus(), when: hasCase },
    { keys: "Ctrl+Enter", does: t("Save and finish"), run: () => one && void finish(desk, one), when: () => one?.phase === "wrap_up" || (one?.phase === "done" && desk.drafts.unsaved(one.call)), anywhere: true },
    { keys: "i", does: t("Look something up"), run: () => document.getElementById("knowledge")?.focus() },
    { keys: "j", does: t("Next conversation"), run: () => desk.nextTab(1), when: () => desk.model.cases.length > 1 },
    { keys: "x", does: t("Close a finished conversation"), run: () => one && desk.closeTab(one.call), when: hasCase },
    { keys: "Escape", does: "", run: () => toggleKeypad(desk), when: () => desk.keypad },
    { keys: "?", does: t("This list"), run: () => desk.toggleHelp() },
  ];
  return digitsToPhone() ? besideTheKeypad(all) : all;
}
