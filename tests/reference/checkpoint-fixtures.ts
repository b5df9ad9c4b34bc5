import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ADAMW_RUN } from "./checkpoint-fixture-adamw.ts";
import type { FixtureRun, Saved } from "./checkpoint-fixture-run.ts";
import { NAMED_RUNS } from "./checkpoint-fixtures-named.ts";

// Runs whose checkpoints are kept, one set for each version of the format, under
// tests/fixtures/checkpoints. scripts/checkpoint-fixtures.mjs makes the files.

export const FURTHER_STEPS = 5;

export const RUNS: readonly FixtureRun[] = [ADAMW_RUN, ...NAMED_RUNS] as readonly FixtureRun[];

/** Runs the acts from .. to - 1, and returns how many steps were applied or skipped. */
export function runActs<Optimizer extends Saved>(
  run: FixtureRun<Optimizer>,
  optimizer: Optimizer,
  from: number,
  to: number,
): number {
  let steps = 0;
  for (let number = from; number < to; number++) if (run.act(optimizer, number)) steps++;
  return steps;
}

/** The optimizer as it is when its checkpoint is saved. */
export async function makeSaved(run: FixtureRun): Promise<Saved> {
  const optimizer = await run.make();
  runActs(run, optimizer, 0, run.savedAfter);
  return optimizer;
}

/** What is expected of a kept file: tests/fixtures/checkpoints/vN.json. */
export interface KeptFile {
  readonly run: string;
  readonly file: string;
  /** Of the optimizer that was saved. */
  readonly digest: string;
  /** Of the same after further steps. */
  readonly further: string;
}

export interface KeptVersion {
  readonly version: number;
  readonly files: readonly KeptFile[];
}

/** Tests run in the project's root. */
const FOLDER = resolve("tests/fixtures/checkpoints");

export function readKept(version: number): KeptVersion {
  return JSON.parse(readFileSync(join(FOLDER, `v${version}.json`), "utf8"));
}

export function readKeptFile({ file }: KeptFile): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, file)));
}
