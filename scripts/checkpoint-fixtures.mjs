// Makes the kept checkpoints of this version of the format, tests/fixtures/checkpoints/v*:
//
//   node scripts/checkpoint-fixtures.mjs [--dist DIR] [--replace | --digests]
//
// The runs are those of tests/reference/checkpoint-fixtures.ts, compiled. Files of a version that was
// released stay for ever, so that files that exist are left alone and are an error:
//
// --dist DIR  the build (default dist)
// --replace   makes them anew all the same, while a version is still in work
// --digests   makes no files, but says anew to what each of them leads, for every version: after a
//             change of the arithmetic

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
const FOLDER = join(ROOT, "tests/fixtures/checkpoints");

/** @typedef {import("../tests/reference/checkpoint-fixture-run.ts").FixtureRun} FixtureRun */
/** @typedef {import("../tests/reference/checkpoint-fixtures.ts").KeptVersion} KeptVersion */
/** @typedef {import("../tests/reference/checkpoint-fixture-run.ts").Saved} Saved */

const { values: options } = parseArgs({
  options: {
    dist: { type: "string", default: join(ROOT, "dist") },
    replace: { type: "boolean", default: false },
    digests: { type: "boolean", default: false },
  },
});

/** @param {string} file */
const load = (file) => import(pathToFileURL(join(resolve(options.dist), file)).href);
/** @type {import("../tests/reference/checkpoint-fixtures.ts")} */
const { RUNS, makeSaved, runActs } = await load("tests/reference/checkpoint-fixtures.js");
/** @type {import("../src/state/checkpoint-file/metadata.ts")} */
const { VERSION } = await load("src/state/checkpoint-file/metadata.js");

/**
 * What an optimizer is now, and what becomes of it.
 * @param {FixtureRun} run
 * @param {Saved} optimizer
 */
function goOn(run, optimizer) {
  const digest = optimizer.digest();
  runActs(run, optimizer, run.savedAfter, run.endsAfter);
  return { digest, further: optimizer.digest() };
}

/** @param {KeptVersion} kept */
function writeIndex(kept) {
  writeFileSync(join(FOLDER, `v${kept.version}.json`), `${JSON.stringify(kept, null, 2)}\n`);
}

async function makeFiles() {
  const files = RUNS.map((run) => ({ run, file: `v${VERSION}-${run.name}.safetensors` }));
  const there = files.filter(({ file }) => existsSync(join(FOLDER, file)));
  if (there.length > 0 && !options.replace) {
    throw new Error(`${there[0].file} exists: old checkpoints must be loaded for ever`);
  }
  mkdirSync(FOLDER, { recursive: true });
  const kept = [];
  for (const { run, file } of files) {
    const optimizer = await makeSaved(run);
    const bytes = await optimizer.toBytes();
    writeFileSync(join(FOLDER, file), bytes);
    kept.push({ run: run.name, file, ...goOn(run, optimizer) });
    console.log(`${file}: ${bytes.length} bytes`);
  }
  writeIndex({ version: VERSION, files: kept });
}

async function renewDigests() {
  for (const name of readdirSync(FOLDER).filter((each) => /^v\d+\.json$/.test(each))) {
    /** @type {KeptVersion} */
    const { version, files } = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
    const kept = [];
    for (const { run: runName, file } of files) {
      const run = RUNS.find((each) => each.name === runName);
      if (!run) throw new Error(`${file}: expected one of the runs, got ${runName}`);
      const bytes = new Uint8Array(readFileSync(join(FOLDER, file)));
      kept.push({ run: runName, file, ...goOn(run, await run.load(bytes)) });
    }
    writeIndex({ version, files: kept });
  }
}

await (options.digests ? renewDigests() : makeFiles());
