// Bundles the explorer and the notebook widget into graphlink/static, with the notices of what is bundled.
// The bundles are ASCII and must stay free of what would end a script element, so that they can also be inlined.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "graphlink", "static");

/** The packages whose files are in the bundle, from the names of its inputs. */
function bundledPackages(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const rest = input.split("node_modules/").at(-1);
    if (rest === input) continue;
    const parts = rest.split("/");
    names.add(parts[0].startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0]);
  }
  return [...names].sort();
}

async function notice(name) {
  const folder = path.join(here, "node_modules", ...name.split("/"));
  const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  const text = (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

await mkdir(out, { recursive: true });
const shared = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "ascii",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  metafile: true,
  logLevel: "warning",
};
const made = await Promise.all([
  build({ ...shared, entryPoints: { explorer: "src/main.tsx" } }),
  // A module of one file, its style within: the notebook loads it as text.
  build({ ...shared, entryPoints: { widget: "src/widget.tsx" }, loader: { ".css": "text" } }),
  // A script of one file, which stands in exported pages.
  build({ ...shared, format: "iife", globalName: "graphlinkParts", entryPoints: { "page-parts": "src/page-parts.ts" } }),
]);
for (const name of ["index.html", "icon.svg"]) await copyFile(path.join(here, name), path.join(out, name));

const sizes = [];
for (const name of ["explorer.js", "widget.js", "page-parts.js"]) {
  const script = await readFile(path.join(out, name), "utf8");
  if (/<\/script|<!--/i.test(script)) throw new Error(`${name} holds text that would end a script element`);
  sizes.push(`${name} ${(script.length / 1024).toFixed(0)} kB`);
}

const inputs = made.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const notices = await Promise.all(bundledPackages(inputs).map(notice));
await writeFile(path.join(out, "THIRD-PARTY-NOTICES.txt"), notices.join(`\n${"-".repeat(72)}\n\n`));
console.log(`${sizes.join(", ")}, ${notices.length} packages`);
