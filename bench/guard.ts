import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clipByGlobalNorm } from "../src/index.ts";
import { useCores } from "./harness/cores.ts";
import { interleave } from "./harness/interleave.ts";
import { describeMachine } from "./harness/machine.ts";
import { buildNative, type Native } from "./harness/native-build.ts";
import { ROOT } from "./harness/root.ts";
import {
  type Baseline,
  fails,
  type GuardRow,
  judgeGuard,
  loopTime,
  ratiosOf,
  TOLERANCE,
  undisturbed,
} from "./report/guard.ts";
import * as names from "./report/names.ts";
import { textTable } from "./report/table.ts";
import { ashlar, MAX_NORM } from "./rivals/ashlar.ts";
import { nativeBase } from "./rivals/native.ts";

// npm run bench:guard

const BASELINE = join(ROOT, "bench/baseline.json");
const PACE = { rounds: 10, batchMs: 10, warm: true, limitMs: Number.POSITIVE_INFINITY };
/** Rounds without disturbance that a verdict needs. */
const ENOUGH = 40;

/** How long to wait for them. */
const PATIENCE_MS = 120_000;

/** 256 KiB of state: in the L2 cache, which no neighbour shares, ratios repeat to a percent. */
const LENGTH = 16_384;

const USAGE = `Compares ashlar's speed, relative to the C loop in the same run, with bench/baseline.json.

  npm run bench:guard [-- --update]

  --update   measure, and write the baseline
  --help     show this

Exit codes: 0 as fast as the baseline; 1 slower by more than ${TOLERANCE * 100} %; 2 not run: no C
compiler, or others on this core for ${PATIENCE_MS / 1000} s.`;

const VARIANTS = {
  [names.KERNEL]: { nonFinite: "allow" },
  [names.ASHLAR]: {},
  [names.CLIP]: { clip: clipByGlobalNorm(MAX_NORM) },
  [names.AMSGRAD]: { nonFinite: "allow", amsgrad: true },
  [names.BFLOAT16_COPY]: { nonFinite: "allow", precision: { model: "bfloat16" } },
  [names.FLOAT16_COPY]: { nonFinite: "allow", precision: { model: "float16" } },
  [names.FLOAT16_BOTH]: {
    nonFinite: "allow",
    precision: { model: "float16", gradients: "float16" },
  },
} as const;

interface Rounds {
  readonly loop: number[];
  readonly cases: Record<string, number[]>;
}

/** Runs all variants and the C loop in turns, and adds the rounds. */
async function addRounds(native: Native, { loop, cases }: Rounds): Promise<void> {
  const entries = [
    nativeBase(native, LENGTH),
    ...Object.entries(VARIANTS).map(([name, options]) => ashlar({ name, length: LENGTH, options })),
  ];
  const contenders = [];
  for (const entry of entries) contenders.push(await entry.open());
  const { measured, notRun } = await interleave(contenders, PACE);
  for (const contender of contenders) contender.close();
  if (notRun.length > 0) throw new Error(`${notRun[0].name}: ${notRun[0].why}`);
  const [first, ...ours] = measured;
  loop.push(...first.rounds);
  for (const { name, rounds } of ours) {
    cases[name] ??= [];
    cases[name].push(...rounds);
  }
}

interface Measurement {
  /** Nanoseconds per parameter of the C loop. */
  readonly loop: number;
  readonly ratios: Record<string, number>;
}

/**
 * Measures until enough rounds are undisturbed.
 *
 * @param known the C loop's undisturbed nanoseconds on this machine
 * @throws Error if others are on this core for too long
 */
async function measure(native: Native, known: number | undefined): Promise<Measurement> {
  const rounds: Rounds = { loop: [], cases: {} };
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    await addRounds(native, rounds);
    const good = undisturbed(rounds.loop, known);
    if (good.length < ENOUGH) continue;
    return {
      loop: loopTime(rounds.loop, good),
      ratios: ratiosOf(rounds.cases, rounds.loop, good),
    };
  }
  const good = undisturbed(rounds.loop, known).length;
  throw new Error(
    `expected ${ENOUGH} undisturbed rounds in ${PATIENCE_MS / 1000} s, got ${good} of ` +
      `${rounds.loop.length}: others share this core, try again later`,
  );
}

function update({ loop, ratios }: Measurement, compiler: string): void {
  const rounded = Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(4))]);
  const baseline: Baseline = {
    _comment:
      "Time over that of the C loop at 128 bits; written by npm run bench:guard -- --update",
    cpu: describeMachine().cpu,
    compiler,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
    loop: Number(loop.toFixed(4)),
    ratios: Object.fromEntries(rounded),
  };
  writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
  console.log(`wrote ${BASELINE}`);
}

/** Whether the baseline's C loop is this one. */
const sameMachine = ({ cpu, compiler }: Baseline, native: { compiler: string }) =>
  cpu === describeMachine().cpu && compiler === native.compiler;

function print(rows: readonly GuardRow[]): void {
  const cell = (ratio: number | undefined) => ratio?.toFixed(3) ?? "-";
  const columns = [
    { title: "time over the C loop's", align: "left" },
    { title: "baseline", align: "right" },
    { title: "now", align: "right" },
    { title: "change", align: "right" },
    { title: "verdict", align: "left" },
  ] as const;
  const lines = textTable(
    columns,
    rows.map(({ name, before, now, verdict }) => {
      const change = before && now ? `${(100 * (now / before - 1)).toFixed(1)} %` : "";
      return [name, cell(before), cell(now), change, verdict];
    }),
  );
  for (const line of lines) console.log(line);
}

function readBaseline(): Baseline | undefined {
  return existsSync(BASELINE) ? JSON.parse(readFileSync(BASELINE, "utf8")) : undefined;
}

async function guard(): Promise<number> {
  const { values } = parseArgs({
    options: {
      update: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const native = buildNative();
  if ("why" in native) {
    console.error(`not run: ${native.why}`);
    return 2;
  }
  useCores("one");
  const baseline = readBaseline();
  const same = baseline !== undefined && sameMachine(baseline, native);
  const measured = await measure(native, same ? baseline.loop : undefined);
  if (values.update) {
    update(measured, native.compiler);
    return 0;
  }
  if (!baseline) throw new Error(`there is no ${BASELINE}: write it with --update`);
  if (!same) {
    console.log(
      `The baseline is of another machine (${baseline.cpu}, ${baseline.compiler}): a ratio carries ` +
        "over only roughly. Write one with --update from the last release first.",
    );
  }
  const rows = judgeGuard(baseline.ratios, measured.ratios);
  print(rows);
  const failed = rows.filter(fails).length;
  console.log(failed > 0 ? `${failed} slower` : "none slower");
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await guard();
} catch (error) {
  console.error(`not run: ${(error as Error).message}`);
  process.exitCode = 2;
}
