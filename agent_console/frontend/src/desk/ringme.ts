// The demo: a visitor who has no phone lets a customer call him.
import type { Desk } from "./desk.ts";

export async function ringMe(desk: Desk): Promise<void> {
  const state = desk.model.agent?.state;
  const resting = !state || state === "offline" || state === "paused";
  if (resting && !(await desk.ask("state", { do: "set_ready" })).ok) return;
  await desk.ask("ring_me", { do: "place_test_call", caller: "13800138000", language: "zh", choice: "repair" });
}
