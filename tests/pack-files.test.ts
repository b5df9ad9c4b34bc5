import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { npmIn } from "./reference/npm.ts";
import { inScratchFolder } from "./reference/scratch.ts";

// What npm would publish: package.json's "files" over a build, with things around it that must stay.

const test = suite("packed files");

const BUILD = fileURLToPath(new URL("..", import.meta.url));
const OF_NPM = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
/** What a source becomes. */
const ENDINGS = [".d.ts", ".js"];
const NOT_PACKED = [
  ...["dist/tests/run.js", "dist/bench/main.js", "dist/examples/main.js", "dist/core.wat"],
  ...["src/index.ts", "tests/run.ts", "scripts/build.mjs", "out/model.safetensors", ".env"],
  ...["docs/abi.md", "tsconfig.json", "biome.json", "assembly/update.ts"],
];

/** The sources of the package, as "src/core/kernel". */
function sources(): string[] {
  const inside = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .map((path) => `src/${path.slice(0, -3).split(sep).join("/")}`);
  return [...inside, "assembly/layout"];
}

const packed = (folder: string): string[] =>
  JSON.parse(npmIn(folder, "pack", "--dry-run", "--json", "--ignore-scripts").stdout)[0].files.map(
    ({ path }: { path: string }) => path,
  );

test("are the build of each source, the core, and four files that npm and users read", async () => {
  await inScratchFolder(async (folder) => {
    for (const name of OF_NPM) cpSync(name, join(folder, name));
    for (const name of ["src", "assembly", "core.wasm"]) {
      cpSync(join(BUILD, name), join(folder, "dist", name), { recursive: true });
    }
    const expected = [
      ...OF_NPM,
      "dist/core.wasm",
      ...sources().flatMap((path) => ENDINGS.map((ending) => `dist/${path}${ending}`)),
    ];
    assert.equal(packed(folder).sort(), expected.sort());
    const kept = JSON.parse(readFileSync("scripts/pack/files.json", "utf8"));
    const remedy = "node scripts/pack-check.mjs --update --only files, if that is meant";
    assert.equal(kept, expected, remedy);
  });
});

test("are nothing else that lies around", async () => {
  await inScratchFolder(async (folder) => {
    const allowed = ["dist/src/index.js", "dist/assembly/layout.js", "dist/core.wasm"];
    for (const path of [...allowed, ...NOT_PACKED]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), "x");
    }
    for (const name of OF_NPM) cpSync(name, join(folder, name));
    const found = packed(folder).filter((path) => !OF_NPM.includes(path));
    assert.equal(found.sort(), allowed.sort());
  });
});

test("hold whatever an entry, a condition or the tool names", () => {
  const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
  const targets = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values(Object(value)).flatMap(targets);
  const named = [...targets(exports), ...targets(bin)].map((path) => path.replace(/^\.\//, ""));
  const known = new Set([
    ...OF_NPM,
    "dist/core.wasm",
    ...sources().flatMap((path) => ENDINGS.map((ending) => `dist/${path}${ending}`)),
  ]);
  assert.ok(named.length > 5);
  assert.equal(
    named.filter((path) => !known.has(path)),
    [],
  );
});

test("are listed in exports.json by entry, each of package.json", () => {
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const lists = JSON.parse(readFileSync("scripts/pack/exports.json", "utf8"));
  const entries = Object.keys(exports).filter((path) => !/\.(js|json|wasm)$/.test(path));
  assert.equal(Object.keys(lists).sort(), entries.map((path) => name + path.slice(1)).sort());
});

test("export what exports.json says", async () => {
  const lists: Record<string, string[]> = JSON.parse(
    readFileSync("scripts/pack/exports.json", "utf8"),
  );
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const [entry, names] of Object.entries(lists)) {
    const { default: path } = exports[`.${entry.slice(name.length)}`];
    const module = await import(new URL(path.replace("./dist/", "../"), import.meta.url).href);
    assert.equal(Object.keys(module).sort(), names, entry);
  }
});

test.run();
