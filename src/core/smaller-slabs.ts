import { OutOfMemoryError } from "../errors.ts";
import {
  bytesAlone,
  type PlannedSlab,
  type PlanOptions,
  type PlanParameter,
  planSlabs,
} from "./plan.ts";

/** A slab is not made smaller than this for an engine that refuses it: there is no memory then. */
export const SMALLEST_HALF_BYTES = 16_777_216; // 2^24

/**
 * Plans slabs and opens them; where the engine refuses them, again and again with slabs of half the
 * size. docs/decisions/0015-memory-refused.md has the reasons.
 *
 * @param open must let go of what it allocated when it throws OUT_OF_MEMORY
 * @throws as planSlabs; as `open`, of the last attempt
 */
export function openInHalves<Opened>(
  parameters: readonly PlanParameter[],
  options: PlanOptions,
  open: (plan: readonly PlannedSlab[]) => Opened,
): Opened {
  let { slabBytes } = options;
  for (;;) {
    const plan = planSlabs(parameters, { ...options, slabBytes });
    try {
      return open(plan);
    } catch (cause) {
      if (!(cause instanceof OutOfMemoryError)) throw cause;
      const largest = plan.reduce((most, { layout }) => Math.max(most, layout.bytes), 0);
      slabBytes = Math.max(leastBytes(parameters, options), Math.floor(largest / 2));
      if (slabBytes >= largest) throw cause;
    }
  }
}

/** What a slab must have at least: without splitting, room for each parameter. */
function leastBytes(parameters: readonly PlanParameter[], options: PlanOptions): number {
  if (options.splitParameters) return SMALLEST_HALF_BYTES;
  return parameters.reduce(
    (most, parameter) => Math.max(most, bytesAlone(parameter, options)),
    SMALLEST_HALF_BYTES,
  );
}
