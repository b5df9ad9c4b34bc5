import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import { layoutSlab } from "../../src/core/slab-layout.ts";
import type { TrainingCase } from "./cases.ts";

/**
 * The fewest bytes of a slab that any parameter of a training fits into, block by block: what is
 * longer than two blocks is then spread over several.
 */
export function leastSlabBytes(
  { groups, options: { precision } }: TrainingCase,
  threads = 1,
): number {
  const { bytes } = layoutSlab({
    ...{ elements: BLOCK_LENGTH, segments: 1, blocks: 1 },
    amsgrad: groups.some(({ amsgrad }) => amsgrad),
    model16: precision.model !== "float32",
    grad16: precision.gradients !== "float32",
    threads,
  });
  return bytes;
}
