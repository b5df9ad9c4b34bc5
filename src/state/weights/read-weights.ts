import type { LoadSource } from "../sources/load-source.ts";
import { openSource } from "../sources/open-source.ts";
import type { ReadWeightsOptions, Weights } from "./weights.ts";
import { weightsFrom } from "./weights-from.ts";

/**
 * Reads the weights of any safetensors file, as `params` for an optimizer: float32, float16 and
 * bfloat16 tensors as they are, float64 rounded to float32. Of a checkpoint, its parameters.
 *
 * @throws CheckpointError for a file that is damaged or no safetensors file; RangeError for a tensor
 *         that is wanted and can be no parameter
 */
export async function readWeights(
  source: LoadSource,
  options?: ReadWeightsOptions,
): Promise<Weights> {
  const reader = await openSource(source);
  try {
    return await weightsFrom(reader, options);
  } finally {
    await reader.close();
  }
}
