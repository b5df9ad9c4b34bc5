import { joinMpi } from "ashlar/mpi";
import { runCommand } from "../common/command-line.ts";
import { type Flags, PLAN_USAGE, readPlanFlags } from "./flags.ts";
import { readTask } from "./read-task.ts";
import { printOutcome, printStart, stepPrinter, writeOutcome } from "./report.ts";
import { trainRank } from "./train-rank.ts";

const USAGE = `Fine-tunes VS Code's language detector as a rank of mpirun.

  mpirun -n 4 node dist/examples/data-parallel/mpi.js [options]

${PLAN_USAGE}`;

async function run(plan: Flags): Promise<void> {
  const collective = await joinMpi();
  try {
    const { rank, size } = collective;
    // One terminal for all.
    const speaks = rank === 0;
    if (speaks) printStart(`${size} processes, joined by MPI`, size, plan);
    const onStep = speaks ? stepPrinter(plan) : () => {};
    const outcome = await trainRank(collective, readTask(), plan, onStep);
    if (!speaks) return;
    printOutcome(outcome);
    writeOutcome(plan.json, outcome);
  } finally {
    await collective.close();
  }
}

await runCommand("data-parallel", USAGE, readPlanFlags, run);
