// Who is at the other end, in one line: the colleague, the customer (with a question mark until he is certain), else what the line said, else
// the number.
import type { Case } from "../lib/protocol.ts";
import { pick, t } from "../lib/words.ts";

export function caller(one: Case, colleague = ""): string {
  if (one.direction === "internal") return colleague || pick(one.shown) || t("A colleague");
  const pop = one.pop;
  if (pop?.customer && pop.certainty === "known") return pick(pop.customer.names);
  if (pop?.customer && pop.certainty === "maybe") return `${pick(pop.customer.names)} ?`;
  return one.ani_name || pick(one.shown) || t("Number withheld");
}

export function number(one: Case): string {
  return pick(one.shown);
}
