// Bundles the browser's side into ../static/build: app.js and app.css for every page, one script a live screen,
// the icons that are really used as one sprite, and the list of sentences the scripts say (for the catalogue).
import { build, context } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

const out = "../static/build";
const iconFolder = "node_modules/@tabler/icons/icons";

const options = {
  entryPoints: {
    app: "src/app/app.ts",
    desk: "src/desk/desk.ts",
    board: "src/board/board.ts",
    demo: "src/demo/demo.ts",
    designer: "src/designer/designer.ts",
    numbers: "src/numbers/numbers.ts",
    prompts: "src/prompts/prompts.ts",
    "app.css": "src/styles/app.css",
  },
  entryNames: "[name]",
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: true,
  target: ["es2022", "chrome125", "firefox125", "safari17.5"],
  format: "iife",
  charset: "utf8",
  legalComments: "linked",
  logLevel: "warning",
  loader: { ".svg": "dataurl", ".woff2": "file" },
};
options.entryPoints = Object.entries(options.entryPoints).map(([name, path]) => ({
  in: path,
  out: name.replace(/\.css$/, ""),
}));

async function* filesIn(folder, endings) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path, endings);
    else if (endings.some((ending) => entry.name.endsWith(ending))) yield path;
  }
}

async function found(folders, endings, pattern) {
  const values = new Set();
  for (const folder of folders)
    for await (const path of filesIn(folder, endings))
      for (const match of (await readFile(path, "utf8")).matchAll(pattern)) values.add(JSON.parse(`"${match[1]}"`));
  return [...values].sort();
}

// icon("phone") and icon("star filled") in scripts must exist. Templates hand names through macros, so every quoted
// word there that is an icon's name counts.
async function sprite() {
  const wanted = await found(["src"], [".ts"], /\bicon\(\s*"([a-z0-9-]+(?: filled)?)"/g);
  const perhaps = await found(["../templates", "../pages"], [".html", ".py"], /["']([a-z][a-z0-9-]+(?: filled)?)["']/g);
  const drawings = new Map();
  for (const name of [...wanted, ...perhaps]) {
    const [file, style] = name.split(" ");
    const svg = await readFile(join(iconFolder, style ?? "outline", `${file}.svg`), "utf8").catch(() => null);
    if (svg) drawings.set(name.replace(" ", "-"), svg);
    else if (wanted.includes(name)) throw new Error(`There is no icon called "${name}"; see ${iconFolder}`);
  }
  const symbols = [...drawings].sort().map(([name, svg]) => `<symbol id="${name}" viewBox="0 0 24 24">${paths(svg)}</symbol>`);
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function paths(svg) {
  const fill = /<svg[^>]*fill="currentColor"/.test(svg) ? '<g fill="currentColor" stroke="none">' : "<g>";
  const inner = svg
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z"[^>]*\/>/, "");
  return `${fill}${inner.trim().replace(/\s*\n\s*/g, "")}</g>`;
}

// t("…") in scripts: what the server must translate for them, as a module that gettext's tools read.
async function sentences() {
  const list = await found(["src"], [".ts"], /\bt\(\s*"((?:[^"\\]|\\.)*)"/g);
  const lines = list.map((text) => `    N_(${JSON.stringify(text)}),`).map((line) => (line.length > 120 ? `${line}  # noqa: E501` : line));
  const module = `${textsHead}\n${lines.join("\n")}\n)\n`;
  const before = await readFile(textsModule, "utf8").catch(() => "");
  if (module !== before) await writeFile(textsModule, module);
}

const textsModule = "../live/texts.py";
const textsHead = `"""What the live screens' scripts say. Written by \`npm run build\` from every t("…"); do not edit by hand."""

from __future__ import annotations

from typing import Final

from agent_console.words import N_

# fmt: off
TEXTS: Final = (`;

await mkdir(out, { recursive: true });
await Promise.all([sprite(), sentences()]);
if (process.argv.includes("--watch")) {
  const watching = await context(options);
  await watching.watch();
  console.error(`watching; bundles go to ${relative(process.cwd(), out)}`);
} else {
  await build(options);
}
