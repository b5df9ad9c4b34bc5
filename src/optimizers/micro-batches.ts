import type { Slabs } from "../core/slabs.ts";
import { AshlarError, mismatch, show } from "../errors.ts";
import type { Accumulation } from "../gradients/accumulate.ts";
import type { ParameterGradient } from "../gradients/gradient.ts";
import { scatterRows } from "../gradients/scatter-rows.ts";
import { mergeRows } from "../gradients/sparse-rows.ts";
import { widenHalves } from "../gradients/widen-halves.ts";
import type { Dtype } from "../parameters/parameter.ts";
import type { Active } from "./active.ts";
import type { Entry } from "./entry.ts";
import type { NamedGradient } from "./gradient-input.ts";

/**
 * Adds a micro-batch to the sums, which lie in the gradient planes.
 *
 * @throws RangeError for a gradient that lies where its sum does, before any is added
 */
export function addMicroBatch(
  slabs: Slabs,
  sums: Accumulation,
  named: readonly NamedGradient[],
  dtype: Dtype,
): void {
  sums.add(
    named.map(({ entry, gradient }) => {
      const into = storedGradient(slabs, entry);
      if (gradient.kind === "rows") return { into, gradient: mergeRows(gradient.rows) };
      if (gradient.kind === "half") {
        return { into, gradient: widenHalves(gradient.bits, dtype === "bfloat16") };
      }
      refuseOwnView(gradient.values, into);
      return { into, gradient: gradient.values };
    }),
  );
}

/** Writing the next micro-batch there would overwrite the sum, and adding it would double it. */
function refuseOwnView(values: Float32Array, { name, parts }: ParameterGradient): void {
  const end = values.byteOffset + values.byteLength;
  for (const { values: own } of parts) {
    if (own.buffer !== values.buffer) continue;
    if (own.byteOffset >= end || values.byteOffset >= own.byteOffset + own.byteLength) continue;
    throw new RangeError(
      mismatch(
        "gradient",
        `parameter ${show(name)}`,
        "an array of the caller's",
        "the view of its gradient",
        "Micro-batches are summed there",
      ),
    );
  }
}

/**
 * Refuses gradients by name while sums wait: they would be written over them.
 *
 * @throws AshlarError BUSY
 */
export function refuseWaitingSums({ microBatches }: Accumulation): void {
  if (microBatches === 0) return;
  throw new AshlarError(
    "BUSY",
    `step: expected no gradients while the sums of micro-batches wait, got them after ` +
      `${microBatches} of accumulate. step() moves by the sums, zeroGradients() forgets them`,
  );
}

/**
 * The parameters that have a sum, ready for a step.
 *
 * @param all     every parameter's part in a step
 * @param average whether the step divides the sums by the number of micro-batches, also those of
 *   parameters that some of them left out
 */
export function takeSums(
  slabs: Slabs,
  sums: Accumulation,
  all: readonly Active[],
  average: boolean,
  lazy: boolean,
): Active[] {
  const divisor = average ? sums.microBatches : 1;
  return all
    .filter(({ entry }) => sums.count(entry.name) > 0)
    .map((active) => {
      const rows = sums.rowsOf(active.entry.name);
      if (rows === null) return active.begin(null, divisor);
      const { parts } = storedGradient(slabs, active.entry);
      if (!lazy) for (const { values } of parts) values.fill(0);
      scatterRows(parts, rows);
      return active.begin(lazy ? rows.rows : null, divisor);
    });
}

function storedGradient(slabs: Slabs, { name, shape, length, index }: Entry): ParameterGradient {
  return { name, shape, length, parts: slabs.runsOf(index, "grad") };
}
