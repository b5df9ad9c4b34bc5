import { parseFlags, runCommand, whole } from "../common/command-line.ts";
import { type Flags, MOST_RANKS, PLAN_OPTIONS, PLAN_USAGE, readPlan } from "./flags.ts";
import { trainLocal } from "./local.ts";
import { readTask } from "./read-task.ts";
import { printOutcome, printStart, stepPrinter, writeOutcome } from "./report.ts";
import { trainAlone } from "./train-alone.ts";

const USAGE = `Fine-tunes VS Code's language detector on several ranks: threads of this process.

  node dist/examples/data-parallel/main.js [options]

  --ranks N      how many, 1 to ${MOST_RANKS} (default 4)
  --alone        one rank does all their work, one micro-batch after the other: the same digest
${PLAN_USAGE}`;

interface MainFlags extends Flags {
  readonly ranks: number;
  readonly alone: boolean;
}

function readFlags(args: readonly string[]): MainFlags {
  const values = parseFlags(args, {
    ...PLAN_OPTIONS,
    ranks: { type: "string", default: "4" },
    alone: { type: "boolean", default: false },
  });
  const ranks = whole("ranks", values.ranks, 1, MOST_RANKS);
  return { ...readPlan(values), ranks, alone: values.alone };
}

async function run(flags: MainFlags): Promise<void> {
  const { ranks, alone, json } = flags;
  const plan = { seed: flags.seed, steps: flags.steps, precision: flags.precision };
  const where = alone ? "one process, one thread" : `${ranks} threads of one process`;
  printStart(where, ranks, plan);
  const outcome = alone
    ? await trainAlone(readTask(), plan, ranks, stepPrinter(plan))
    : await trainLocal(plan, ranks, stepPrinter(plan));
  printOutcome(outcome);
  writeOutcome(json, outcome);
}

await runCommand("data-parallel", USAGE, readFlags, run);
