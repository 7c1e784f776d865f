// Who may call: customers the page was given, and strangers of every kind.
import { t } from "../lib/words.ts";

export interface Caller {
  number: string; // "" when withheld
  line: string; // the name that the line sends along
  name: string;
  note: string;
  kind: "person" | "company" | "stranger" | "abroad" | "withheld";
  certainty: string;
}

interface Known {
  number: string;
  shown: string;
  name: string;
  kind: "person" | "company";
  level: string;
  certainty: string;
}

export function callers(): Caller[] {
  const known: Known[] = JSON.parse(document.getElementById("callers")?.textContent ?? "[]");
  const digits = String(1000 + Math.floor(Math.random() * 9000));
  return [
    ...known.map((one): Caller => ({ number: one.number, line: "", name: one.name, note: one.shown, kind: one.kind, certainty: one.certainty })),
    { number: `1377777${digits}`, line: "", name: t("A stranger"), note: t("a number nobody knows yet"), kind: "stranger", certainty: "new" },
    { number: `+1212555${digits}`, line: "J. Doe", name: t("A stranger from abroad"), note: `+1 212 555 ${digits}`, kind: "abroad", certainty: "new" },
    { number: "", line: "", name: t("Somebody who hides the number"), note: t("number withheld"), kind: "withheld", certainty: "anonymous" },
  ];
}
