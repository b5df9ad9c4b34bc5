import { layoutSlab } from "../../src/core/slab-layout.ts";

/** Bytes of slabs that hold a part of the longest parameter: it is split over several. */
export function leastBytes(threads = 1): number {
  const elements = 3 * 4096;
  return layoutSlab({
    ...{ elements, segments: 1, blocks: elements / 4096, threads },
    ...{ amsgrad: false, model16: false, grad16: false },
  }).bytes;
}
