import { HeapAdamW, type HeapTensor, ready } from "ashlar/core";
import { cosineWithWarmup } from "ashlar/schedules";
import { type Kernels, tensor } from "./framework.ts";
import type { Parameter } from "./network.ts";

/** The parameters with moments beside them, as ashlar is told of them: matrices decay, biases don't. */
export const withMoments = (kernels: Kernels, parameters: readonly Parameter[]): HeapTensor[] =>
  parameters.map((parameter) => ({
    ...parameter,
    expAvg: tensor(kernels, parameter.length),
    expAvgSq: tensor(kernels, parameter.length),
    decays: parameter.name.endsWith("weight"),
  }));

/** The options of training, but for where the optimizer has its table. */
export const optionsFor = (steps: number) => ({
  lr: cosineWithWarmup({ peak: 0.02, warmupSteps: 10, totalSteps: steps }),
  weightDecay: 0.01,
});

/**
 * The framework's optimizer where no GPU takes the step: ashlar's kernel, over the framework's heap.
 * It asks the framework's allocator for its table, once.
 */
export async function cpuOptimizer(
  kernels: Kernels,
  tensors: readonly HeapTensor[],
  steps: number,
): Promise<HeapAdamW> {
  await ready();
  const at = kernels.allocate(HeapAdamW.bytesFor(tensors.length));
  const options = { at, ...optionsFor(steps), zeroGradients: true };
  return new HeapAdamW(kernels.memory, tensors, options);
}
