import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ASHLAR, PLAIN } from "../report/names.ts";
import type { Case } from "../report/result.ts";
import { NANOSECONDS } from "../report/result.ts";
import type { Suite } from "./suite.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/language-detector/main.js", import.meta.url));
const PRECISIONS = ["float32", "bfloat16", "float16"];
const ROUNDS = 5;
const STEPS = 60;

/** What the example writes with --json, as far as it is of interest here. */
interface Figures {
  readonly steps: number;
  readonly parameters: number;
  readonly gradientSeconds: number;
  readonly optimizerSeconds: number;
  readonly plainJsOptimizerSeconds: number;
}

/** Trains the example's model for some steps, ashlar and the plain loop on the same gradients. */
function train(folder: string, precision: string, steps: number): Figures {
  const json = join(folder, "figures.json");
  const flags = { steps: String(steps), precision, json, out: join(folder, "weights") };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const { status, stderr } = spawnSync(process.execPath, [EXAMPLE, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the example: ${stderr.trim()}`);
  return JSON.parse(readFileSync(json, "utf8"));
}

function runPrecision(folder: string, precision: string, rounds: number, steps: number): Case {
  const runs = Array.from({ length: rounds }, () => train(folder, precision, steps));
  const { parameters } = runs[0];
  const each = (pick: (figures: Figures) => number) =>
    runs.map((figures) => (pick(figures) * 1e9) / (figures.steps * parameters));
  return {
    name: precision,
    title: `the language detector in ${precision}, ${steps} steps`,
    place: "cache",
    parameters,
    unit: NANOSECONDS,
    measured: [
      { name: ASHLAR, rounds: each(({ optimizerSeconds }) => optimizerSeconds) },
      { name: PLAIN, rounds: each(({ plainJsOptimizerSeconds }) => plainJsOptimizerSeconds) },
      {
        name: "gradients, plain TypeScript",
        rounds: each(({ gradientSeconds }) => gradientSeconds),
      },
    ],
    notRun: [],
  };
}

export const endtoend: Suite = {
  name: "endtoend",
  title: "The optimizer's part of training a real model",
  cores: "all",
  async run({ quick, log }) {
    const folder = mkdtempSync(join(tmpdir(), "ashlar-bench-"));
    try {
      return (quick ? PRECISIONS.slice(0, 1) : PRECISIONS).map((precision) => {
        log(`  the language detector in ${precision}`);
        return runPrecision(folder, precision, quick ? 2 : ROUNDS, quick ? 20 : STEPS);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
