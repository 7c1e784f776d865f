// Where the nodes of a menu stand when nobody has put them anywhere: layers from left to right, so that ways lead to the
// right; within a layer each near those it is joined with, so that few lines cross. (Sugiyama's method, in small.) Pure.

export interface Join {
  from: string;
  to: string;
  port: number; // how far down at its node the way begins, the first being 0
}

/** Every node in its layer, from top to bottom; what nothing leads to stands behind the others. */
export function layered(start: string, nodes: readonly string[], joins: readonly Join[]): string[][] {
  const ahead = forward(start, nodes, joins);
  const layers: string[][] = [];
  for (const [name, layer] of depths(start, nodes, ahead)) (layers[layer] ??= []).push(name);
  const rows = Array.from(layers, (one) => one ?? []).filter((one) => one.length);
  for (let sweep = 0; sweep < sweeps; sweep += 1) settle(rows, joins, sweep % 2 === 0);
  return rows;
}

const sweeps = 8;

// Without the ways that lead back to where a call has come from, which would make a circle.
function forward(start: string, nodes: readonly string[], joins: readonly Join[]): Map<string, string[]> {
  const ways = new Map<string, string[]>(nodes.map((name) => [name, []]));
  for (const { from, to } of joins) if (ways.has(to)) ways.get(from)?.push(to);
  const kept = new Map<string, string[]>(nodes.map((name) => [name, []]));
  const state = new Map<string, "open" | "done">();
  for (const root of [start, ...nodes]) {
    if (!ways.has(root) || state.has(root)) continue;
    const path = [{ name: root, next: 0 }];
    state.set(root, "open");
    for (let here = path.at(-1); here; here = path.at(-1)) {
      const to = ways.get(here.name)?.[here.next];
      here.next += 1;
      if (to === undefined) {
        state.set(here.name, "done");
        path.pop();
      } else if (state.get(to) !== "open") {
        kept.get(here.name)?.push(to);
        if (!state.has(to)) {
          state.set(to, "open");
          path.push({ name: to, next: 0 });
        }
      }
    }
  }
  return kept;
}

// The longest way from the start, so that every way kept leads to the right.
function depths(start: string, nodes: readonly string[], ahead: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const comes = new Map<string, number>(nodes.map((name) => [name, 0]));
  for (const targets of ahead.values()) for (const to of targets) comes.set(to, (comes.get(to) ?? 0) + 1);
  const reached = reach(start, ahead);
  const depth = new Map<string, number>();
  const free = nodes.filter((name) => !comes.get(name));
  while (free.length) {
    const name = free.pop() as string;
    const here = depth.get(name) ?? 0;
    depth.set(name, here);
    for (const to of ahead.get(name) ?? []) {
      if (reached.has(name) || !reached.has(to)) depth.set(to, Math.max(depth.get(to) ?? 0, here + 1));
      comes.set(to, (comes.get(to) ?? 0) - 1);
      if (!comes.get(to)) free.push(to);
    }
  }
  const behind = Math.max(-1, ...[...reached].map((name) => depth.get(name) ?? 0)) + 1;
  return new Map(nodes.map((name) => [name, (depth.get(name) ?? 0) + (reached.has(name) ? 0 : behind)]));
}

function reach(start: string, ahead: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const open = ahead.has(start) ? [start] : [];
  while (open.length) {
    const name = open.pop() as string;
    if (!seen.has(name)) {
      seen.add(name);
      open.push(...(ahead.get(name) ?? []));
    }
  }
  return seen;
}

// Each layer in the order of the middle of those it is joined with: of the layers before it, then of those behind it.
function settle(rows: string[][], joins: readonly Join[], rightwards: boolean): void {
  const order = rightwards ? rows.keys() : [...rows.keys()].reverse();
  const layer = new Map(rows.flatMap((row, index) => row.map((name): [string, number] => [name, index])));
  for (const index of order) {
    const place = new Map(rows.flatMap((row) => row.map((name, at): [string, number] => [name, (at + 0.5) / row.length])));
    const middle = new Map<string, number>();
    for (const name of rows[index] ?? []) {
      const seen = joins.flatMap(({ from, to, port }) => {
        const other = rightwards ? (to === name ? from : "") : from === name ? to : "";
        const there = layer.get(other);
        if (there === undefined || (rightwards ? there >= index : there <= index)) return [];
        return [(place.get(other) ?? 0) + (rightwards ? port * 1e-3 : 0)];
      });
      middle.set(name, seen.length ? seen.reduce((sum, one) => sum + one, 0) / seen.length : (place.get(name) ?? 0));
    }
    rows[index]?.sort((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
  }
}

/** How many lines cross, with every node at its place within its layer. */
export function crossings(rows: readonly (readonly string[])[], joins: readonly Join[]): number {
  const at = new Map(rows.flatMap((row, layer) => row.map((name, index): [string, { layer: number; index: number }] => [name, { layer, index }])));
  const lines = joins.flatMap(({ from, to }) => {
    const [one, other] = [at.get(from), at.get(to)];
    return one && other && other.layer === one.layer + 1 ? [{ layer: one.layer, from: one.index, to: other.index }] : [];
  });
  return lines.reduce((sum, one, index) => sum + lines.slice(index + 1).filter((other) => other.layer === one.layer && (other.from - one.from) * (other.to - one.to) < 0).length, 0);
}
