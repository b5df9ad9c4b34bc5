import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../src/bin/commands.ts";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";
import {
  anchorsOf,
  commandFault,
  commandsOf,
  type Fence,
  fencesOf,
  isConfig,
  moduleFault,
  pythonFault,
} from "./reference/doc-fences.ts";

// Every block of every document is run or read by something real; no command and no link leads to
// nothing.

const test = suite("documents");

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.startsWith(`api${sep}`))
    .map((path) => `${folder}/${path.split(sep).join("/")}`);
const PATHS = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...below("docs"),
  ...below("examples"),
];
const DOCUMENTS = PATHS.map((path) => ({ path, text: readFileSync(resolve(path), "utf8") }));

/** Tests that run the programs of a document themselves, by its path. */
const TESTS = readdirSync("tests")
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => readFileSync(join("tests", name), "utf8"));
const hasOwnTest = (path: string) => {
  const read = new RegExp(`(?:resolve\\(|new URL\\()"(?:\\.\\./)*${path.replaceAll(".", "\\.")}"`);
  return TESTS.some(
    (source) => read.test(source) && /(?<![.\w])(?:runDocBlock|run)\(/.test(source),
  );
};

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const fault = (command: string) => commandFault(command, manifest, COMMANDS);

/** How a block of each language is checked: what is wrong with it, or undefined. */
const CHECKS: Readonly<Record<string, (fence: Fence, path: string) => string | undefined>> = {
  sh: ({ code }) =>
    commandsOf(code)
      .map((command) => fault(command) && `${command}: ${fault(command)}`)
      .find((wrong) => wrong !== undefined),
  console: (_, path) => (hasOwnTest(path) ? undefined : "no test runs it"),
  json: ({ code }, path) => {
    if (!hasOwnTest(path)) JSON.parse(code);
    return undefined;
  },
  // Somebody else's program, which ours is shown beside.
  javascript: ({ code }) => moduleFault(code),
  // Before and after, each a program.
  diff: ({ code }) =>
    ["-", "+"]
      .map((sign) => {
        const lines = code
          .split("\n")
          .filter((line) => line.startsWith(sign) || line.startsWith(" "));
        return moduleFault(lines.map((line) => line.slice(1)).join("\n"));
      })
      .find((wrong) => wrong !== undefined),
  html: ({ code }) =>
    Array.from(code.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g), ([, kind, source]) => {
      if (!kind.includes("importmap")) return moduleFault(source);
      JSON.parse(source);
      return undefined;
    }).find((wrong) => wrong !== undefined),
  python: ({ code }) => pythonFault(code)?.replace(/^absent$/, "") || undefined,
};
const ALIASES: Readonly<Record<string, string>> = { bash: "sh", shell: "sh", py: "python" };
/** What a program prints, a formula or a drawing. */
const NO_CODE = ["", "text"];

for (const { path, text } of DOCUMENTS) {
  const fences = fencesOf(text);
  if (fences.length === 0) continue;
  test(`${path}: every block is checked`, async () => {
    for (const fence of fences) {
      const language = ALIASES[fence.language] ?? fence.language;
      const where = `${path}:${fence.line}`;
      if (NO_CODE.includes(language)) continue;
      if (language === "js" || language === "ts") {
        // A configuration of a tool, which need not be installed here.
        if (isConfig(fence.code)) assert.is(moduleFault(fence.code), undefined, where);
        else assert.ok(language === "js", `${where}: a program is js, which runs as it is`);
        continue;
      }
      const check = CHECKS[language];
      assert.ok(check, `${where}: nothing checks a block of "${language}"`);
      assert.is(check(fence, path), undefined, where);
    }
  });
}

for (const { path, text } of DOCUMENTS) {
  if (hasOwnTest(path)) continue;
  for (const [number, block] of docBlocks(text).entries()) {
    if (isConfig(block.code)) continue;
    test(`${path}, line ${block.line}: the code prints what its comments say`, async () => {
      assert.ok(block.promised.length > 0, "it promises nothing");
      assert.is(block.promised.length, block.calls, "a console.log without a promise");
      const name = `${path.replaceAll(/\W/g, "-")}-${number}`;
      assert.equal(await runDocBlock(block, name), block.promised);
    });
  }
}

test("documents with programs have a test of their own", () => {
  const own = ["recipes", "migrating", "checkpoint", "jax", "cli"].map((name) => `docs/${name}.md`);
  for (const path of ["README.md", ...own]) assert.ok(hasOwnTest(path), path);
  assert.not.ok(hasOwnTest("docs/abi"));
});

test("every `npm run` that a text names is a script", () => {
  for (const { path, text } of DOCUMENTS) {
    for (const [, script] of text.matchAll(/npm run ([a-z][a-z:-]*[a-z])/g)) {
      assert.ok(script in manifest.scripts, `${path}: npm run ${script}`);
    }
  }
});

test("every link leads to a file, and to a heading of it", () => {
  let links = 0;
  for (const { path, text } of DOCUMENTS) {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
    for (const [, target, anchor] of prose.matchAll(
      /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g,
    )) {
      const file = target === "" ? path : join(dirname(path), target);
      assert.ok(existsSync(file), `${path}: ${target}`);
      if (anchor === undefined) continue;
      links++;
      assert.ok(anchorsOf(readFileSync(file, "utf8")).has(anchor), `${path}: ${target}#${anchor}`);
    }
  }
  assert.ok(links >= 5, `${links} links to headings`);
});

test("every source, test and script that a text names is there", () => {
  let files = 0;
  for (const { path, text } of DOCUMENTS) {
    for (const [, file] of text.matchAll(
      /`((?:assembly|src|tests|scripts)\/[\w/.-]*\w\.(?:m?[jt]s|txt|wat|json))`/g,
    )) {
      files++;
      assert.ok(existsSync(file), `${path}: ${file}`);
    }
  }
  assert.ok(files >= 50, `${files} names of files`);
});

test("a command that is none is found out", () => {
  assert.is(fault("npm test"), undefined);
  assert.is(fault("npm ci"), undefined);
  assert.is(fault("npx ashlar convert a b --to float16"), undefined);
  assert.is(fault("npm start -- --seed 2"), undefined);
  assert.is(fault("npm run bake"), "no such script in package.json");
  assert.match(fault("npm start -- --sead 2") ?? "", "does not know --sead");
  assert.is(fault("npx ashlar bake a"), "no command bake");
  assert.is(fault("npx ashlar diff a b --colour"), "diff does not know --colour");
  assert.is(fault("node scripts/bake.mjs"), "no file scripts/bake.mjs");
  assert.is(fault("npm install slate"), "not this package: slate");
  assert.is(fault("make bread"), "not known here");
  assert.equal(commandsOf("npm ci && npm test   # both\n$ node a.mjs\n"), [
    "npm ci",
    "npm test",
    "node a.mjs",
  ]);
});

test("a program that does not parse is found out, and a block without an end", () => {
  assert.is(moduleFault("export const a = await 1;"), undefined);
  assert.match(moduleFault("const a = ;") ?? "", "SyntaxError");
  if (pythonFault("a = 1") !== "absent") assert.match(pythonFault("def f(:") ?? "", "SyntaxError");
  assert.throws(() => fencesOf("a\n```js\nb\n"), /line 3: the block has no end/);
});

test.run();
