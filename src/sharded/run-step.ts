import { addMetrics, noSums } from "../core/metric-sums.ts";
import { RankError } from "../errors.ts";
import { type Active, takeScan } from "../optimizers/active.ts";
import type { Entry } from "../optimizers/entry.ts";
import { findBadGradient } from "../optimizers/find-bad-gradient.ts";
import { clipStored, needsPass, rowScratch } from "../optimizers/gradient-passes.ts";
import {
  fillScalars,
  finishStep,
  judge,
  looks,
  passOver,
  type StepContext,
} from "../optimizers/run-step.ts";
import type { FilledReport, Overflow } from "../optimizers/step-report.ts";
import { firstBadGradient } from "./bad-gradients.ts";
import type { BlockTable } from "./block-table.ts";
import type { Bucket } from "./buckets.ts";
import type { Shard } from "./shard.ts";

/**
 * Brings a step to where nothing more can refuse it: sums the gradients, looks at them, exchanges their
 * norms and writes the scalars. Until then no rank has changed any state. Returns whether it is to be
 * applied; where it is not, the report says why.
 *
 * @param divisor what the sums of gradients are divided by
 * @throws AshlarError NON_FINITE, RangeError for scalars that float32 can't hold: on all ranks alike;
 *   RankError
 */
export async function prepareStep(
  shard: Shard,
  context: StepContext,
  entries: readonly Entry[],
  report: FilledReport,
  divisor: number,
): Promise<boolean> {
  const { collective, slabs } = shard;
  const { rule, actives, largest } = context;
  const { settings } = rule;
  const look = looks(settings);
  await shard.reduceGradients(byParameter(actives, entries.length), divisor, look || slabs.sums);
  takeScan(slabs, actives, largest);
  const scale = settings.lossScale?.scale ?? 1;
  if (look) {
    const own = findBadGradient(slabs, actives, largest, scale);
    if (!judge(context, report, await firstBadGradient(collective, own, entries))) return false;
  } else {
    judge(context, report, null);
  }
  const passes = actives.some(needsPass);
  const scratch = rowScratch(actives);
  const left = passes ? passOver(context, scale, scratch) : scale;
  await shard.exchangeSquares();
  if (passes) clipStored(slabs, actives, scratch);
  fillScalars(context, report, shard.squares ?? slabs, left);
  // Whoever passes here knows that all others have come as far.
  await collective.barrier();
  return true;
}

/**
 * Updates this rank's shard and gives all ranks each other's weights. The shard is updated as a whole
 * and the report says so, whatever happens to the others meanwhile.
 *
 * @param room    for the metrics of a step that is to be measured; null for none
 * @param applied is called once the shard is updated
 * @throws RankError where the weights of others did not come
 */
export async function applyStep(
  shard: Shard,
  context: StepContext,
  report: FilledReport,
  room: BlockTable | null,
  applied: () => void,
): Promise<void> {
  const { slabs } = shard;
  const gathered = shard.updateAndGather(({ parts }: Bucket) => {
    slabs.stepParts(
      parts.map(({ part }) => part),
      room !== null,
    );
  });
  let failure: RankError | null = null;
  try {
    await gathered;
  } catch (cause) {
    // Whatever else fails may have left the shard half updated.
    if (!(cause instanceof RankError)) throw cause;
    failure = cause;
  }
  finishStep(context, report);
  applied();
  if (failure !== null) throw failure;
  if (room) await takeMetrics(shard, context, room);
  if (context.rule.settings.model !== "float32") {
    report.overflowed = await allOverflows(shard, context.actives);
  }
}

/** Sums of whole parameters: blocks in their order, whoever has them. */
async function takeMetrics(shard: Shard, context: StepContext, table: BlockTable): Promise<void> {
  await shard.exchangeMetrics(table);
  context.metrics = new Map(
    context.actives.map(({ entry: { name, index } }) => {
      const sums = noSums();
      addMetrics(sums, table.numbersOf(index));
      return [name, sums];
    }),
  );
}

/** What of the model copies is infinite, on all ranks. */
async function allOverflows(
  { collective, slabs }: Shard,
  actives: readonly Active[],
): Promise<readonly Overflow[]> {
  const counts = Float64Array.from(actives, ({ entry }) => slabs.overflowed(entry.index));
  await collective.allReduce(counts, "ordered");
  return actives
    .map(({ entry: { name } }, i) => ({ parameter: name, count: counts[i] }))
    .filter(({ count }) => count > 0);
}

function byParameter(actives: readonly Active[], count: number): (Active | null)[] {
  const all: (Active | null)[] = new Array(count).fill(null);
  for (const active of actives) all[active.entry.index] = active;
  return all;
}
