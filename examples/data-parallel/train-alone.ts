import { AdamW } from "ashlar";
import { modelWeights } from "../language-detector/model-weights.ts";
import { mapLayers } from "../language-detector/network.ts";
import { gradientsOf, MicroBatches } from "./micro-batches.ts";
import { accuracies, type OnStep, type Outcome } from "./outcome.ts";
import { type Plan, recipeOf, type Task } from "./task.ts";

/** What N ranks do, in one process: N micro-batches a step, one after the other. */
export async function trainAlone(
  task: Task,
  plan: Plan,
  microBatches: number,
  onStep: OnStep,
): Promise<Outcome> {
  const { network, start } = task;
  const { groups, options } = recipeOf(task, plan);
  const optimizer = await AdamW.create(groups, options);
  const weights = modelWeights(optimizer, plan.precision);
  const gradients = mapLayers((name) => new Float32Array(start.weights[name].length));
  const sequence = new MicroBatches(task, plan.seed);
  const losses: number[] = [];
  for (let step = 0; step < plan.steps; step++) {
    let sum = 0;
    for (let i = 0; i < microBatches; i++) {
      const loss = gradientsOf(network, weights(), gradients, sequence.take());
      // Not 0 + loss: as ranks sum theirs.
      sum = i === 0 ? loss : sum + loss;
      optimizer.accumulate(gradients, { average: true });
    }
    optimizer.step();
    losses.push(sum / microBatches);
    onStep(step + 1, losses[step]);
  }
  const { bytes } = optimizer;
  const outcome = {
    digest: optimizer.digest(),
    losses,
    ...accuracies(task, weights()),
    costs: [{ shardBytes: bytes, bytes, sentPerStep: 0 }],
  };
  optimizer.dispose();
  return outcome;
}
