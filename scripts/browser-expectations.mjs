// What scripts/browsers.mjs expects of browsers, worked out in Node with the same build.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const STOPS = 4;

/**
 * @typedef {object} Expectations
 * @property {Record<string, Map<string, string>>} digests  by program, and by what it calls them
 * @property {Record<string, Uint8Array>} files             that programs fetch
 */

/** @param {string} dist @returns {Promise<Expectations>} */
export async function expectations(dist) {
  const committed = new URL("../tests/engines/expected.txt", import.meta.url);
  const lines = readFileSync(committed, "utf8").trimEnd().split("\n");
  const digests = new Map(lines.map((line) => [line.replace(/ \S*$/, ""), line.slice(-64)]));
  const resume = await checkpointsOfNode(dist);
  const { heapRun } = await load(dist, "tests/reference/heap-run.js");
  const heap = new Map([["a heap of the caller's", (await heapRun()).digest]]);
  return {
    digests: {
      digests,
      threads: threaded(digests),
      resume: resume.digests,
      heap,
      sharded: await ofOneProcess(dist),
    },
    files: resume.files,
  };
}

/** A module of the build. @param {string} dist @param {string} path */
const load = (dist, path) => import(pathToFileURL(join(dist, path)).href);

/** What three ranks must come to: the digests of one process. @param {string} dist */
async function ofOneProcess(dist) {
  const { takeCourseAlone } = await load(dist, "tests/engines/sharded-course.js");
  const digests = Object.entries(await takeCourseAlone());
  return new Map(digests.map(([of, digest]) => [`ShardedAdamW on three ranks, ${of}`, digest]));
}

/** However many threads there are. @param {Map<string, string>} digests */
function threaded(digests) {
  const digest = digests.get("AdamW on two threads, state") ?? "-";
  const names = [1, 2, 3, "auto"].flatMap((n) => [`step, threads ${n}`, `stepAsync, threads ${n}`]);
  const deaths = ["throws", "traps", "never answers", "never answers, async", "is killed"];
  const dying = [...deaths, "is killed, async"].map((death) => `a worker that ${death}`);
  return new Map([...names, ...dying].map((name) => [name, digest]));
}

/**
 * Saves a run at random ticks: the files, their hashes, and the digest that the run ends with.
 * @param {string} dist
 */
async function checkpointsOfNode(dist) {
  const { makeRun, runTicks, TICKS } = await load(dist, "tests/reference/checkpoint-run.js");
  const { xorshift32 } = await load(dist, "tests/reference/random.js");
  const next = xorshift32(0x510e527f);
  const ticks = Array.from({ length: STOPS }, () => 1 + (next() % (TICKS - 1))).sort(
    (a, b) => a - b,
  );
  const files = /** @type {Record<string, Uint8Array>} */ ({
    "ticks.json": Buffer.from(JSON.stringify(ticks)),
  });
  const digests = new Map();
  const run = await makeRun();
  let at = 0;
  for (const tick of ticks) {
    runTicks(run, at, tick);
    at = tick;
    const file = await run.toBytes();
    files[`${tick}.safetensors`] = file;
    const hash = createHash("sha256").update(file).digest("hex");
    digests.set(`hash of the file saved at tick ${tick}`, hash);
  }
  runTicks(run, at, TICKS);
  for (const tick of ticks) digests.set(`digest at the end, from tick ${tick}`, run.digest());
  run.dispose();
  return { digests, files };
}
