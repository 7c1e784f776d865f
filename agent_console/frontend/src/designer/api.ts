// The server asked by the designer's parts, and what it says when it refuses.
import { t } from "../lib/words.ts";

const csrf = document.querySelector<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";

export class Refusal extends Error {
  readonly code: string;
  readonly lost: boolean; // whether it was done nobody knows

  constructor(message: string, lost: boolean, code = "") {
    super(message);
    this.lost = lost;
    this.code = code;
  }
}

export async function ask<T>(path: string, method: "GET" | "POST" | "PUT" = "GET", body?: object): Promise<T> {
  const sent = body && { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf } };
  const response = await fetch(`/api/v1${path}`, sent).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response || !answer) throw new Refusal(t("The server does not answer. Try it again."), true);
  if (response.ok) return answer;
  throw new Refusal(answer.errors?.[0]?.detail ?? answer.detail ?? response.statusText, response.status >= 500, answer.code);
}
