import type { Collective } from "../../collectives/collective.ts";
import { mismatch } from "../../errors.ts";
import { difference } from "../../optimizers/checkpoint/differences.ts";
import { fill } from "../../optimizers/checkpoint/fill.ts";
import { type Fit, fitParameters } from "../../optimizers/checkpoint/fit-parameters.ts";
import {
  type Given,
  type LoadReport,
  readLoadOptions,
} from "../../optimizers/checkpoint/load-options.ts";
import { type LoadPlan, planLoad, type SavedClass } from "../../optimizers/checkpoint/load-plan.ts";
import { settle } from "../../optimizers/checkpoint/settle.ts";
import { coreDigest } from "../../optimizers/checkpoint/state-of.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { optionObject } from "../../validate.ts";
import { requireAgreement } from "../agreement.ts";
import { readSharding, type Sharding, type ShardingOptions } from "../options.ts";
import { requireCollective } from "../sharded-run.ts";
import { together } from "../together.ts";
import { fillShards } from "./fill-shards.ts";
import { type Held, internalsOf } from "./internals-of.ts";
import { type OpenIndex, openIndex } from "./open-files.ts";
import type { ShardSource } from "./places.ts";

/** What makes a sharded optimizer of a class, and lets it be disposed again. */
export interface ShardedMaker<Made> {
  make(plan: LoadPlan, sharding: Sharding): Promise<Made>;
  held(made: Made): Held;
  dispose(made: Made): void;
}

/** What the caller gave, taken apart. */
interface Wishes {
  readonly given: Given;
  /** Those of ShardingOptions that were named. */
  readonly sharding: ShardingOptions;
}

interface Filled<Made> {
  readonly made: Made;
  readonly report: LoadReport;
  /** What is to happen to the caller's own objects, once nothing can fail any more. */
  readonly takeOvers: readonly (() => void)[];
}

const WHAT = "load";

/**
 * Makes an optimizer on all ranks that goes on from a checkpoint, of as many ranks or others. Where one
 * rank fails, all do, and nothing is left behind. See ShardedAdamW.load.
 */
export async function loadShards<Made>(
  source: ShardSource,
  collective: Collective,
  options: object,
  of: SavedClass,
  maker: ShardedMaker<Made>,
): Promise<{ made: Made; report: LoadReport }> {
  requireCollective(collective);
  const { wishes, index } = await together(
    collective,
    WHAT,
    async () => ({ wishes: readWishes(options), index: await openIndex(source) }),
    ({ index }) => index.reader.close(),
  );
  try {
    await requireAgreement(collective, WHAT, [["checkpoint", index.header]]);
    const filled = await together(
      collective,
      WHAT,
      () => makeFrom(index, wishes, of, maker),
      ({ made }) => maker.dispose(made),
    );
    return await settleAll(filled, maker);
  } finally {
    await index.reader.close();
  }
}

function readWishes(options: object): Wishes {
  const { reduction, average, bucketBytes, ...rest } = optionObject(options, "options", WHAT);
  const named = Object.entries({ reduction, average, bucketBytes }).filter(
    ([, value]) => value !== undefined,
  );
  const sharding = Object.fromEntries(named);
  // Bad ones are refused before anything is read.
  readSharding(sharding);
  return { given: readLoadOptions(rest), sharding };
}

/** Makes this rank's optimizer and reads what it has of the state. */
async function makeFrom<Made>(
  index: OpenIndex,
  { given, sharding: named }: Wishes,
  of: SavedClass,
  maker: ShardedMaker<Made>,
): Promise<Filled<Made>> {
  const { saved, checkpoint } = index;
  refuseWaiting(index);
  const { reduction, average } = index.sharding ?? readSharding({}).sharding;
  const { sharding } = readSharding({ reduction, average, ...named });
  const plan = planLoad(saved, given, of);
  const made = await maker.make(plan, sharding);
  try {
    const held = maker.held(made);
    const internals = internalsOf(held);
    const fit = fitParameters(internals.entries, saved.parameters, given.strict);
    const free = !given.strict || given.parameters !== undefined;
    const { differences, takeOvers } = settle(internals, saved, plan, fit, free);
    if (index.sharding) await fillShards(held, index, index.sharding, fit, given.onProgress);
    else await fill(internals, checkpoint, saved, fit, given.onProgress);
    const changed = [
      ...difference("the options", "reduction", reduction, sharding.reduction),
      ...difference("the options", "average", average, sharding.average),
    ];
    const report = reportOf(index, fit, [...changed, ...differences]);
    return { made, report, takeOvers };
  } catch (cause) {
    maker.dispose(made);
    throw cause;
  }
}

/** Once every rank has its part: makes sure that they are one optimizer, and gives all the weights. */
async function settleAll<Made>(
  { made, report, takeOvers }: Filled<Made>,
  maker: ShardedMaker<Made>,
): Promise<{ made: Made; report: LoadReport }> {
  try {
    const { run } = maker.held(made);
    await run.agree();
    await run.shard.updateAndGather(() => {});
  } catch (cause) {
    maker.dispose(made);
    throw cause;
  }
  for (const takeOver of takeOvers) takeOver();
  return { made, report };
}

/** @throws CheckpointError WAITING_SUMS: no rank's are those of all */
function refuseWaiting({ saved: { accumulation } }: OpenIndex): void {
  if (accumulation === null) return;
  const { microBatches } = accumulation;
  throw new CheckpointError(
    "WAITING_SUMS",
    mismatch(
      "accumulation",
      "the checkpoint",
      "no sums of micro-batches, which no rank has for all",
      `those of ${microBatches}`,
      "Load it with AdamW.load, step, and save it",
    ),
  );
}

function reportOf(
  { checkpoint: { version }, saved }: OpenIndex,
  { missing, unused }: Fit,
  differences: LoadReport["differences"],
): LoadReport {
  return { version, sameCore: saved.core === coreDigest(), differences, missing, unused };
}
