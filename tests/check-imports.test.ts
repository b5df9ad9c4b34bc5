import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// scripts/check-imports.mjs on this project, and on a tree in which every rule is broken once.

const SCRIPT = resolve("scripts/check-imports.mjs");

function check(root?: string) {
  const argv = root === undefined ? [SCRIPT] : [SCRIPT, root];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  return { status, stdout, complaints: stderr.split("\n").filter((line) => line !== "") };
}

/** Writes the files to a new folder, checks it, deletes it. */
function checkTree(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), "check-imports-"));
  const manifest = { name: "ashlar", dependencies: { "@assemblyscript/loader": "1", hash: "1" } };
  const all = { ...files, "package.json": JSON.stringify(manifest) };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  try {
    return check(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const GOOD: Record<string, string> = {
  "assembly/layout.ts": "export const A = 1;",
  "assembly/index.ts": `import { A } from "./layout"; export function f(): i32 { return A; }`,
  "src/errors.ts": "// import x from '../core/kernel.ts'; Math.pow(2, 3); 2 ** 3",
  "src/validate.ts": `import "./errors.ts"; export const text = "Math.pow(2, 3) and 2 ** 3";`,
  "src/numbers/exp.ts": `import "../errors.ts"; export const e = Math.sqrt(2) / Math.PI / 1;`,
  "src/parameters/names.ts": "export const isName = /Math.log/; export type Name = string;",
  "src/schedules/linear.ts": `import type { Name } from "../parameters/names.ts";`,
  "src/core/memory.ts": "const memory = new WebAssembly.Memory({}); memory.buffer;",
  "src/core/kernel.ts": `import "@assemblyscript/loader"; import "../../assembly/layout.ts";`,
  "src/state/digest.ts": `import { sha } from "hash/sha.js";`,
  "src/state/checkpoint-file/read.ts": `import "../../parameters/names.ts";`,
  "src/optimizers/adamw.ts": `import "../core/kernel.ts"; import "../state/digest.ts";
    import "../state/checkpoint-file/read.ts";`,
  "src/bin/tool.ts": `import "node:fs"; import "../state/checkpoint-file/read.ts";`,
  "src/bin/inspect.ts": `import "../state/checkpoint-file/read.ts";`,
  "src/index.ts": `export * from "./errors.ts"; // all of it
    export { type Name, isName as named } from "./parameters/names.ts";
    export type { Other } from "./schedules/linear.ts"`,
  "src/adapters/tfjs.ts": `import "../index.ts";`,
  "examples/one/main.ts": `import "node:fs"; import "ashlar"; import "ashlar/numbers"; import "./a.ts";`,
  "examples/one/a.ts": `import "../common/a.ts";`,
  "examples/common/a.ts": "",
  "examples/language-detector/a.ts": "",
  "examples/browser/a.ts": `import "../language-detector/a.ts"; import "../common/a.ts";`,
  "examples/data-parallel/a.ts": `import "../language-detector/a.ts"; import "../browser/a.ts";`,
  "bench/step.bench.ts": `import "tinybench"; import "../src/core/kernel.ts";`,
  "tests/a.test.ts": `import "uvu"; import "../src/bin/tool.ts"; import "./reference/b.ts"; 2 ** 3;`,
  "tests/reference/b.ts": `import "../../assembly/layout.ts"; await import(name);`,
};

/** A bad file each, and what must be said of it. */
const BAD: readonly [path: string, text: string, complaint: string][] = [
  ["assembly/a.ts", `import "../src/errors";`, "assembly must not import errors: src/errors.ts"],
  ["assembly/b.ts", `import "hash";`, `assembly imports only assembly: "hash"`],
  [
    "src/numbers/a.ts",
    `import "../core/kernel.ts";`,
    "numbers must not import core: src/core/kernel.ts",
  ],
  [
    "src/numbers/b.ts",
    `import "../../assembly/layout.ts";`,
    "numbers must not import layout: assembly/layout.ts",
  ],
  [
    "src/schedules/a.ts",
    `import { isName } from "../parameters/names.ts";`,
    "schedules may import only types of parameters: src/parameters/names.ts",
  ],
  [
    "src/gradients/a.ts",
    `export type { X } from "../schedules/linear.ts";`,
    "gradients must not import schedules: src/schedules/linear.ts",
  ],
  [
    "src/parameters/a.ts",
    `export * from "../gradients/a.ts";`,
    "parameters must not import gradients: src/gradients/a.ts",
  ],
  [
    "src/core/a.ts",
    `const a = await import("../optimizers/adamw.ts");`,
    "core must not import optimizers: src/optimizers/adamw.ts",
  ],
  [
    "src/core/b.ts",
    `export { f } from "../../assembly/index.ts";`,
    "core must not import assembly: assembly/index.ts",
  ],
  [
    "src/optimizers/a.ts",
    `import "../bin/inspect.ts";`,
    "optimizers must not import bin: src/bin/inspect.ts",
  ],
  [
    "src/state/ledger.ts",
    `import "../optimizers/adamw.ts";`,
    "state must not import optimizers: src/optimizers/adamw.ts",
  ],
  [
    "src/state/weights/a.ts",
    `import "../../core/kernel.ts";`,
    "state must not import core: src/core/kernel.ts",
  ],
  [
    "src/metrics.ts",
    `type T = import("./adapters/tfjs.ts").T;`,
    "metrics must not import adapters: src/adapters/tfjs.ts",
  ],
  [
    "src/core/c.ts",
    `import "../../tests/a.test.ts";`,
    "core must not import tests: tests/a.test.ts",
  ],
  ["src/core/d.ts", `import "../other/x.ts";`, "imports src/other/x.ts, which belongs to no layer"],
  [
    "src/adapters/a.ts",
    `import "../bin/tool.ts";`,
    "adapters must not import bin: src/bin/tool.ts",
  ],
  [
    "src/core/e.ts",
    `import "@assemblyscript/loader";`,
    `only src/core/kernel.ts may import "@assemblyscript/loader"`,
  ],
  ["src/core/f.ts", `import "tinybench";`, `"tinybench" is no dependency in package.json`],
  [
    "src/core/g.ts",
    `import { readFileSync } from "node:fs";`,
    `only src/bin may import Node's modules: "node:fs"`,
  ],
  [
    "src/core/h.ts",
    `import { join } from "path/posix";`,
    `only src/bin may import Node's modules: "path/posix"`,
  ],
  ["src/core/i.ts", `import "ashlar";`, `imports its own package "ashlar"`],
  ["src/core/j.ts", "await import(name);", "import() needs a literal specifier"],
  [
    "src/core/k.ts",
    "\nnew WebAssembly.Memory({ initial: 1 });",
    "only src/core/memory.ts makes a WebAssembly.Memory",
  ],
  [
    "src/core/l.ts",
    "new Uint8Array(this.#memory.buffer);",
    "only src/core/memory.ts makes views of memory: #memory.buffer",
  ],
  [
    "src/core/m.ts",
    "const a = Math.pow(2, 3);",
    "Math.pow may differ between engines: use src/numbers",
  ],
  [
    "src/core/n.ts",
    "const a = Math['exp'](1);",
    "Math other than Math.name may differ between engines: use src/numbers",
  ],
  [
    "src/core/o.ts",
    "const { log } = globalThis.Math;",
    "Math other than Math.name may differ between engines: use src/numbers",
  ],
  [
    "src/core/p.ts",
    "const a = `$" + "{b ** 2}`;",
    "** differs between engines: use ipow or pow of src/numbers",
  ],
  ["src/core/q.ts", "a **= 2;", "**= differs between engines: use ipow or pow of src/numbers"],
  [
    "assembly/c.ts",
    "const a = Mathf.cos(1);",
    "Mathf.cos may differ between engines: use src/numbers",
  ],
  [
    "examples/two/a.ts",
    "const a = Math.hypot(1, 2);",
    "Math.hypot may differ between engines: use src/numbers",
  ],
  [
    "examples/two/b.ts",
    `import "../../src/errors.ts";`,
    `an example imports "ashlar" and its own folder only, not src/errors.ts`,
  ],
  [
    "examples/two/c.ts",
    `import "../one/a.ts";`,
    `an example imports "ashlar" and its own folder only, not examples/one/a.ts`,
  ],
  [
    "bench/a.bench.ts",
    `import "../tests/reference/b.ts";`,
    "bench must not import tests: tests/reference/b.ts",
  ],
  [
    "tests/c.test.ts",
    `import "../assembly/index.ts";`,
    "tests must not import assembly: assembly/index.ts",
  ],
  [
    "tests/d.test.ts",
    `import "../bench/step.bench.ts";`,
    "tests must not import bench: bench/step.bench.ts",
  ],
  [
    "src/index.ts",
    `export { a } from "./errors.ts"; export const b = 1;`,
    "re-exports only, got: export const b = 1 ;",
  ],
  ["src/stray.ts", "", "belongs to no layer; add it to scripts/check-imports.mjs"],
];

const test = suite("check-imports");

test("finds nothing wrong with this project", () => {
  const { status, stdout, complaints } = check();
  assert.equal(complaints, []);
  assert.is(status, 0);
  assert.match(stdout, /^\d+ files, arrows ok\n$/);
});

test("finds nothing wrong with a good tree", () => {
  const { status, stdout, complaints } = checkTree(GOOD);
  assert.equal(complaints, []);
  assert.is(status, 0);
  assert.is(stdout, `${Object.keys(GOOD).length} files, arrows ok\n`);
});

test("says what is wrong with each file of a bad tree, and nothing more", () => {
  const { status, stdout, complaints } = checkTree({ ...GOOD, ...Object.fromEntries(BAD) });
  const said = complaints.map((line) => line.replace(/:\d+:/, ":"));
  assert.equal(said.sort(), BAD.map(([path, , complaint]) => `${path}: ${complaint}`).sort());
  assert.is(status, 1);
  assert.is(stdout, "");
});

test("names the line", () => {
  const { complaints } = checkTree({ "src/core/a.ts": "/*\n*/\nconst a = `\n`;\n\na ** 2;" });
  assert.is(complaints.length, 1);
  assert.match(complaints[0] ?? "", "src/core/a.ts:6: **");
});

test("shows circles, of types too, and of a file with itself", () => {
  const { status, complaints } = checkTree({
    "src/core/a.ts": `import "./b.ts";`,
    "src/core/b.ts": `import type { C } from "./c.ts";`,
    "src/core/c.ts": `export * from "./a.ts";`,
    "assembly/self.ts": `import { x } from "./self";`,
  });
  assert.is(status, 1);
  assert.equal(complaints, [
    "circle: assembly/self.ts -> assembly/self.ts",
    "circle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
  ]);
});

test("refuses a folder without sources", () => {
  const { status, complaints } = checkTree({});
  assert.is(status, 1);
  assert.match(complaints[0] ?? "", "no source files");
});

test.run();
