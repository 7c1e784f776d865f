// What the INVITE of a call to my phone says of it.
import type { PhoneCall } from "./softphone.ts";

type Header = (name: string) => string | undefined;

// Calls to my phone that I asked for myself: a number I call, a parked customer, a conversation I listen to or take over,
// a prompt that I speak.
const askedFor = ["X-CW-Click", "X-CW-Retrieve", "X-CW-Monitor", "X-CW-Take-Over", "X-CW-Prompt"];

export function answersItself(header: Header): boolean {
  return askedFor.some((name) => header(name) !== undefined);
}

// `from`: as the network names the caller.
export function callOf(header: Header, from: { number: string; name: string }): PhoneCall {
  const dialled = header("X-CW-Click");
  const prompt = header("X-CW-Prompt");
  return {
    call: header("X-CW-Call") ?? "",
    number: dialled || from.number,
    name: dialled ? "" : prompt || from.name,
    state: "ringing",
    muted: false,
    trouble: "",
  };
}
