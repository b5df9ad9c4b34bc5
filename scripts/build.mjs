// Builds everything: node scripts/build.mjs [--update-wat] [--out-dir DIR]
//
//   assembly/index.ts    --asc-->  dist/core.wasm          (asconfig.json holds the options)
//   assembly/threads.ts  --asc-->  dist/core-threads.wasm  (the same for shared memory)
//   the same without SIMD: core-scalar.wasm, core-scalar-threads.wasm
//   each binary  ------->  a module that carries it, below src/core
//   src, tests, ...  --tsc-->  dist/                       (tsconfig.json)
//   examples/heap/assembly  --asc-->  dist/examples/heap/framework.wasm
//
// --update-wat  also copies core.wat to assembly/, where a change of the generated code shows in
//               review
// --out-dir     another folder than dist/

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import {
  CORES,
  CompileError,
  compileAssembly,
  compileCore,
  inlinedBinary,
  output,
} from "./cores.mjs";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** The framework of an example, which has a heap of its own; its asconfig.json holds the options. */
const FRAMEWORK = "examples/heap";

/** A tool failed and has said why. */
class BuildError extends Error {}

/**
 * Deletes what an earlier build left: a test whose source is gone must not run on.
 * @param {string} outDir
 */
function clean(outDir) {
  if (!existsSync(outDir)) return;
  const isOurs = outDir === join(ROOT, "dist") || existsSync(join(outDir, "core.wasm"));
  if (!isOurs && readdirSync(outDir).length > 0) {
    throw new BuildError(`${outDir} holds something, and no earlier build: not deleted`);
  }
  rmSync(outDir, { recursive: true, force: true });
}

/** @param {string} outDir */
const compileFramework = (outDir) =>
  compileAssembly(ROOT, `${FRAMEWORK}/assembly/index.ts`, [
    ...["--config", `${FRAMEWORK}/asconfig.json`],
    ...["--outFile", output(ROOT, outDir, FRAMEWORK, "framework.wasm")],
  ]);

/**
 * @param {string} path
 * @param {string} text
 */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/**
 * Type-checks and compiles the TypeScript.
 * @param {string} outDir
 */
function compileTypeScript(outDir) {
  // The package's own entry, run by this Node: the same on every system, without a shell.
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  const tsc = join(dirname(manifest), bin.tsc);
  const { status, error } = spawnSync(
    process.execPath,
    [tsc, "--project", ROOT, "--outDir", outDir],
    { cwd: ROOT, stdio: "inherit" },
  );
  if (status !== 0) throw new BuildError(`tsc: ${error?.message ?? `exit code ${status}`}`);
}

async function build() {
  const start = performance.now();
  const { values } = parseArgs({
    options: {
      "update-wat": { type: "boolean", default: false },
      "out-dir": { type: "string", default: join(ROOT, "dist") },
    },
  });
  const outDir = resolve(values["out-dir"]);
  clean(outDir);
  const built = [];
  for (const core of CORES) {
    const { file, module } = core;
    const binary = await compileCore(ROOT, outDir, core);
    writeIfChanged(join(ROOT, module), inlinedBinary(binary, file));
    const bytes = binary.length.toLocaleString("en-US");
    const brotli = brotliCompressSync(binary).length.toLocaleString("en-US");
    built.push(`${file}.wasm ${bytes} bytes (${brotli} brotli)`);
  }
  if (values["update-wat"]) copyFileSync(join(outDir, "core.wat"), join(ROOT, "assembly/core.wat"));
  compileTypeScript(outDir);
  await compileFramework(outDir);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`built ${built.join(", ")} in ${seconds} s`);
}

try {
  await build();
} catch (error) {
  // Their text is for whoever builds; anything else is a fault of this script.
  const isKnown = error instanceof BuildError || error instanceof CompileError;
  console.error(isKnown ? error.message : error);
  process.exitCode = 1;
}
