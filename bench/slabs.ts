// Models spread over many memories: node dist/bench/slabs.js [GiB...] [--save]
//
// Steps a model of each size (default: 1, 4, 8 and 12 GiB of linear memory), spread over memories of 4 GiB and
// over smaller ones, in turns with a small one that lies in one. Not a part of npm run bench: it takes nearly all
// memory of a machine with 24 GiB. --save writes bench/results/slabs.json, for npm run bench -- --write-docs.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { RESULTS } from "./cli.ts";
import { runCase } from "./harness/case.ts";
import { collectGarbage } from "./harness/collect-garbage.ts";
import type { Contender, Entry } from "./harness/contender.ts";
import type { Context } from "./harness/context.ts";
import { useCores } from "./harness/cores.ts";
import { describeMachine, describeVersions } from "./harness/machine.ts";
import { ROOT } from "./harness/root.ts";
import { saveResults } from "./harness/save.ts";
import { type Case, NANOSECONDS } from "./report/result.ts";
import { slabsTable } from "./report/slabs.ts";
import { textTable } from "./report/table.ts";
import { openSpread, type Spread, sampleDigest } from "./rivals/spread.ts";

const GIB = 2 ** 30;
/** In DRAM as the large ones are, and in one memory. */
const SMALL = 256 * 2 ** 20;
/** Bytes of a memory at most: the default, and what makes many of them. */
const SLABS = [4 * GIB, GIB / 2];
/** The whole digest is of state up to this size: SHA-256 in JavaScript takes some seconds a GiB. */
const DIGESTED = GIB;
const PACE = { rounds: 11, batchMs: 100, limitMs: 120_000, warm: false };

const digests = new Map<number, Map<number, string>>();
const sizeOf = (bytes: number) => (bytes < GIB ? `${bytes / 2 ** 20} MiB` : `${bytes / GIB} GiB`);
const rss = () => `${(process.memoryUsage.rss() / GIB).toFixed(2)} GiB resident`;

function entryOf(bytes: number, slabBytes: number, opened: (spread: Spread) => void): Entry {
  const open = async (): Promise<Contender> => {
    const spread = await openSpread(bytes, slabBytes);
    opened(spread);
    const { optimizer, elements } = spread;
    const step = () => {
      optimizer.step();
    };
    return { name: sizeOf(bytes), per: elements, step, close: () => optimizer.dispose() };
  };
  return { name: sizeOf(bytes), bytes, mustRun: true, open };
}

/** @throws Error where another number of memories made other bits */
function compareDigest(bytes: number, slabBytes: number, spread: Spread): void {
  const { optimizer } = spread;
  const of = digests.get(bytes) ?? new Map<number, string>();
  digests.set(bytes, of);
  const digest = bytes <= DIGESTED ? optimizer.digest() : sampleDigest(spread);
  of.set(slabBytes, digest);
  const what = bytes <= DIGESTED ? "digest()" : "digest of a sample";
  context.log(`    ${spread.memories} memories, ${rss()}, ${what} ${digest.slice(0, 16)}`);
  if (new Set(of.values()).size > 1) {
    throw new Error(`${sizeOf(bytes)}: expected one digest, got ${[...of].join("; ")}`);
  }
}

async function run(bytes: number, slabBytes: number): Promise<Case> {
  let memories = 0;
  const large = entryOf(bytes, slabBytes, (spread) => {
    memories = spread.memories;
    compareDigest(bytes, slabBytes, spread);
  });
  const title = `${sizeOf(bytes)} in memories of ${sizeOf(slabBytes)} at most`;
  const plan = {
    name: title,
    title,
    parameters: Math.round(bytes / 16),
    unit: NANOSECONDS,
    entries: [entryOf(SMALL, 4 * GIB, () => undefined), large],
    pace: PACE,
  };
  const result = await runCase(context, plan);
  return memories > 0 ? { ...result, title: `${sizeOf(bytes)} in ${memories}` } : result;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { save: { type: "boolean", default: false } },
});
const sizes = (positionals.length > 0 ? positionals : ["1", "4", "8", "12"]).map(Number);
if (!sizes.every((size) => size > 0)) throw new RangeError(`expected GiB, got ${positionals}`);
const left = { why: "left out" };
const context: Context = {
  ...{ quick: false, rivals: false, native: left, python: left },
  log: (line) => console.log(line),
};
const machine = describeMachine();
const date = new Date().toISOString();
console.log(`${machine.cpu}, ${machine.memoryGiB} GiB; load ${machine.load}`);
useCores("one");
const cases: Case[] = [];
for (const size of sizes) {
  for (const slabBytes of SLABS) {
    cases.push(await run(size * GIB, slabBytes));
    collectGarbage();
    console.log(`    afterwards ${rss()}`);
  }
}
const title = "Models spread over memories, the kernel alone";
const result = { suite: "slabs", title, date, machine, versions: describeVersions(context), cases };
const { columns, rows } = slabsTable(result);
for (const line of textTable(columns, rows)) console.log(line);
if (values.save) saveResults(join(ROOT, RESULTS), [result]);
