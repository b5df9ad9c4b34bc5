import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FIRST_STEP, FIRST_STEP_TOUCHED, HUNDREDTH_STEP } from "../report/names.ts";
import { type Case, MILLISECONDS } from "../report/result.ts";
import { MODEL_PARAMETERS, type Startup } from "./startup-figures.ts";
import type { Suite } from "./suite.ts";

const CHILD = fileURLToPath(new URL("startup-child.js", import.meta.url));
const PROCESSES = 15;
const QUICK_PROCESSES = 3;

interface Round {
  readonly plain: Startup;
  readonly touched: Startup;
}

/** Name in the table of each figure; the first is what the others are compared with. */
const FIGURES: readonly (readonly [name: string, pick: (round: Round) => number])[] = [
  [HUNDREDTH_STEP, ({ touched }) => touched.hundredthStep],
  [FIRST_STEP_TOUCHED, ({ touched }) => touched.firstStep],
  [FIRST_STEP, ({ plain }) => plain.firstStep],
  ["second step", ({ plain }) => plain.secondStep],
  ["import of the package", ({ plain }) => plain.import],
  ["compiling the core", ({ plain }) => plain.compile],
  ["creating the optimizer, touchPages", ({ touched }) => touched.create],
  ["creating the optimizer", ({ plain }) => plain.create],
];

/** A process of its own each time: V8's compilers and the pages of memory start anew. */
function startOnce(how: "touch" | "plain"): Startup {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD, how], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`startup-child: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

export const startup: Suite = {
  name: "startup",
  title: "From import to the hundredth step",
  cores: "all",
  async run({ quick, log }): Promise<Case[]> {
    const title = `a model of ${MODEL_PARAMETERS} parameters, a process of its own each time`;
    log(`  ${title}`);
    const rounds = Array.from({ length: quick ? QUICK_PROCESSES : PROCESSES }, () => ({
      touched: startOnce("touch"),
      plain: startOnce("plain"),
    }));
    const measured = FIGURES.map(([name, pick]) => ({ name, rounds: rounds.map(pick) }));
    const place = { place: "cache", parameters: MODEL_PARAMETERS, unit: MILLISECONDS } as const;
    return [{ name: "690k", title, ...place, measured, notRun: [] }];
  },
};
