import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { npmIn, OFFLINE } from "./reference/npm.ts";
import { inScratchFolder } from "./reference/scratch.ts";

// scripts/pack-check.mjs over a small package of ours in the place of ashlar, and without a registry.

const test = suite("scripts/pack-check.mjs");

const SCRIPT = resolve("scripts/pack-check.mjs");
const [, DIGEST] =
  /DIGEST = "([0-9a-f]{64})"/.exec(readFileSync("scripts/pack/program.mjs", "utf8")) ?? [];

const MANIFEST = {
  name: "ashlar",
  version: "7.8.9",
  type: "module",
  bin: { ashlar: "tool.js" },
  exports: { ".": { default: "./index.js" } },
};
const optimizer = (digest = DIGEST) => `export class AdamW {
  static async create({ weight }) { return new AdamW(weight); }
  constructor(weight) { this.weight = weight; }
  gradient() { return this.weight; }
  step() {}
  digest() { return "${digest}"; }
  dispose() {}
}
`;
const tool = (said: string) => `#!/usr/bin/env node\nconsole.log("${said}");\n`;

const GOOD = {
  "package.json": JSON.stringify(MANIFEST),
  "index.js": optimizer(),
  "tool.js": tool("ashlar 7.8.9"),
};

async function check(files: Record<string, string>, ...argv: string[]) {
  return inScratchFolder(async (folder) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    npmIn(folder, "pack", "--ignore-scripts");
    const tarball = ["--tarball", join(folder, "ashlar-7.8.9.tgz")];
    const cache = { npm_config_cache: join(folder, ".npm-cache") };
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...tarball, ...argv], {
      encoding: "utf8",
      env: { ...process.env, ...OFFLINE, ...cache },
    });
    return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) };
  });
}

test("what needs no tool passes; what no registry gives is not run", async () => {
  const { status, stdout, last } = await check(GOOD, "--only", "node-esm,node-cjs,bin,esbuild");
  assert.is(last, "3 passed, 0 failed, 1 not run", stdout);
  assert.is(status, 0);
  assert.match(stdout, /^node-cjs +pass .* digest [0-9a-f]{12}, 1 entries shared$/m);
  assert.match(stdout, /^bin +pass .*: ashlar 7\.8\.9$/m);
  assert.match(stdout, /^esbuild +not run .* no registry can be reached$/m);
});

test("fails for another digest, export or version, and where a required row is not run", async () => {
  const bad = { ...GOOD, "index.js": optimizer("cafe"), "tool.js": tool("ashlar 0.0.0") };
  const { status, stdout, last } = await check(
    bad,
    ...["--only", "node-esm,node-cjs,bin,exports", "--require", "esbuild"],
  );
  assert.is(last, "0 passed, 5 failed, 0 not run", stdout);
  assert.is(status, 1);
  assert.match(stdout, /^node-esm +fail .* digest: expected [0-9a-f]{64}, got cafe$/m);
  assert.match(stdout, /^bin +fail .* expected ashlar 7\.8\.9, got ashlar 0\.0\.0$/m);
  assert.match(stdout, /^exports +fail .*ashlar: expected ready, and it is not there/m);
  assert.match(stdout, /^esbuild +fail .* no registry can be reached$/m);
});

test("fails for an entry that awaits at its top level, and where nothing passes", async () => {
  const awaiting = { ...GOOD, "index.js": `await 0;\n${optimizer()}` };
  const { status, stdout, last } = await check(awaiting, "--only", "node-cjs");
  assert.is(last, "0 passed, 1 failed, 0 not run", stdout);
  assert.is(status, 1);
  assert.match(stdout, /^node-cjs +fail .*ERR_REQUIRE_ASYNC_MODULE/m);
  const none = await check(GOOD, "--only", "esbuild");
  assert.is(none.last, "0 passed, 0 failed, 1 not run");
  assert.is(none.status, 1);
});

test("fails for a row that it does not know", async () => {
  const { status, stderr } = await check(GOOD, "--require", "parcel");
  assert.is(status, 1);
  assert.match(stderr, /^--require: expected some of exports, files, node-esm, .*, got parcel\n$/);
});

const helper = (name: string) => import(pathToFileURL(resolve("scripts/pack", name)).href);

test("a size over its budget, without one, or gone is named", async () => {
  const { overBudget } = await helper("sizes.mjs");
  const budget = { a: { bytes: 100, brotli: 40 }, tarball: { bytes: 7 } };
  assert.equal(overBudget({ a: { bytes: 100, brotli: 40 }, tarball: { bytes: 7 } }, budget), []);
  assert.equal(overBudget({ a: { bytes: 101, brotli: 41 }, b: { bytes: 1 } }, budget), [
    "a: expected at most 100 bytes, got 101",
    "a: expected at most 40 brotli, got 41",
    'b: expected a budget in sizes.json, got {"bytes":1}',
    "tarball: has a budget, and is not in the package",
  ]);
});

test("an export or entry that is new or gone is named", async () => {
  const { differences } = await helper("exports.mjs");
  assert.equal(differences({ a: ["x", "y"] }, { a: ["x", "y"] }), []);
  assert.equal(differences({ a: ["x", "z"], c: [] }, { a: ["x", "y"], b: [] }), [
    "a: expected y, and it is not there",
    "a: z is not expected",
    "b: expected, and not there",
    "c: not expected",
  ]);
});

test("an import of Node's is found in a bundle, and a name in a string is not", async () => {
  const { nodeImport } = await helper("bundles.mjs");
  assert.is(nodeImport(`import{a}from"node:fs";`), `from"node:fs"`);
  assert.is(nodeImport(`await import('node:worker_threads')`), `import('node:worker_threads'`);
  assert.is(nodeImport(`const a = require("fs")`), `require("fs"`);
  assert.is(nodeImport(`process.getBuiltinModule("node:fs")`), undefined);
});

test("a packed file that is new or gone is named", async () => {
  const { fileDifferences } = await helper("files.mjs");
  assert.equal(fileDifferences(["a", "b"], ["a", "b"]), []);
  assert.equal(fileDifferences(["a", "c"], ["a", "b"]), ["b: not there", "c: not expected"]);
});

test("a page under a policy passes for the digest, and with what the policy forbids forbidden", async () => {
  const { checkPolicy, checkRefusal, POLICY } = await helper("policy.mjs");
  assert.match(POLICY, "'wasm-unsafe-eval'");
  assert.not.match(POLICY, /'unsafe-eval'|blob:/);
  const right = { digest: DIGEST };
  const refused = { error: "threads: expected a cross-origin isolated page", code: "WORKER" };
  const plain = { isolated: false, evaluates: false, startsBlobs: false };
  const page = { ...plain, one: right, auto: right, two: refused };
  const isolated = { ...page, isolated: true, two: right };
  assert.match(checkPolicy(false)(page), /^digest [0-9a-f]{12}, 2 threads refused by name$/);
  assert.match(checkPolicy(true)(isolated), /with 1 and 2 threads$/);
  const wrong: [boolean, object, RegExp][] = [
    [false, { ...page, startsBlobs: true }, /^startsBlobs: expected false, got true$/],
    [false, { ...page, evaluates: true }, /^evaluates: expected false, got true$/],
    [true, page, /^isolated: expected true, got false$/],
    [false, { ...page, one: { digest: "cafe" } }, /^digest: expected .*, got cafe$/],
    [false, { ...page, two: right }, /^2 threads: expected an error .*, got none$/],
    [true, { ...isolated, two: refused }, /^threads: expected a cross-origin isolated page$/],
  ];
  for (const [isIsolated, report, message] of wrong) {
    assert.throws(
      () => checkPolicy(isIsolated)(report),
      (error: Error) => message.test(error.message),
    );
  }
  const none = { error: "no WebAssembly", code: "BAD_CORE" };
  assert.is(checkRefusal({ one: none, auto: none }), "BAD_CORE");
  assert.throws(
    () => checkRefusal({ one: right, auto: none }),
    /expected BAD_CORE, got [0-9a-f]{64}/,
  );
});

test.run();
