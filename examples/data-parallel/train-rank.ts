import { type Collective, ShardedAdamW } from "ashlar/sharded";
import { widenedWeights } from "../language-detector/model-weights.ts";
import { type Layers, mapLayers } from "../language-detector/network.ts";
import { CountingCollective } from "./counting-collective.ts";
import { gradientsOf, MicroBatches } from "./micro-batches.ts";
import { accuracies, type OnStep, type Outcome, type RankCosts } from "./outcome.ts";
import { type Plan, recipeOf, type Task } from "./task.ts";

/**
 * Trains as one rank of many, whatever they are joined by: each step on a micro-batch of its own, and
 * with the mean of all ranks' gradients, summed in the order of the ranks.
 *
 * @param collective stays the caller's to close
 * @throws RankError where a rank is lost, or has another plan
 */
export async function trainRank(
  collective: Collective,
  task: Task,
  plan: Plan,
  onStep: OnStep,
): Promise<Outcome> {
  const { rank, size } = collective;
  const ranks = new CountingCollective(collective);
  const { groups, options } = recipeOf(task, plan);
  const optimizer = await ShardedAdamW.create(ranks, groups, { ...options, average: true });
  const weights = weightsOf(optimizer, plan);
  const sequence = new MicroBatches(task, plan.seed);
  const losses: number[] = [];
  const bytesBefore = ranks.bytes;
  for (let step = 0; step < plan.steps; step++) {
    sequence.leave(rank);
    const microBatch = sequence.take();
    sequence.leave(size - rank - 1);
    // Straight into the memory that the ranks sum from.
    const gradients = mapLayers((name) => optimizer.gradient(name));
    const loss = Float64Array.of(gradientsOf(task.network, weights(), gradients, microBatch));
    await optimizer.step();
    await ranks.allReduce(loss, "ordered");
    losses.push(loss[0] / size);
    onStep(step + 1, losses[step]);
  }
  const { shardBytes, bytes } = optimizer;
  const sentPerStep = (ranks.bytes - bytesBefore) / plan.steps;
  const outcome = {
    digest: await optimizer.digest(),
    losses,
    ...accuracies(task, weights()),
    costs: await gatherCosts(ranks, { shardBytes, bytes, sentPerStep }),
  };
  optimizer.dispose();
  return outcome;
}

function weightsOf(optimizer: ShardedAdamW, { precision }: Plan): () => Layers {
  return precision === "float32"
    ? () => mapLayers((name) => optimizer.weights(name) as Float32Array)
    : widenedWeights(precision, (name) => optimizer.weights(name) as Uint16Array);
}

/** Tells all ranks what each takes. */
async function gatherCosts(ranks: Collective, own: RankCosts): Promise<RankCosts[]> {
  const all = Array.from({ length: ranks.size }, () => new Float64Array(3));
  all[ranks.rank].set([own.shardBytes, own.bytes, own.sentPerStep]);
  await ranks.allGather(all.map(({ buffer }) => new Uint8Array(buffer)));
  return all.map(([shardBytes, bytes, sentPerStep]) => ({ shardBytes, bytes, sentPerStep }));
}
