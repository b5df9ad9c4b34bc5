import type { Slabs } from "../core/slabs.ts";
import type { Accumulation } from "../gradients/accumulate.ts";
import type { ParameterGradient } from "../gradients/gradient.ts";
import { scatterRows } from "../gradients/scatter-rows.ts";
import { widenHalves } from "../gradients/widen-halves.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { type Active, makeActive } from "./active.ts";
import type { Entry } from "./entry.ts";
import type { NamedGradient } from "./gradient-input.ts";

/** Adds a micro-batch to the sums, which lie in the gradient planes. */
export function addMicroBatch(
  slabs: Slabs,
  sums: Accumulation,
  named: readonly NamedGradient[],
  dtype: Dtype,
): void {
  sums.add(
    named.map(({ entry, gradient }) => ({
      into: storedGradient(slabs, entry),
      gradient:
        gradient.kind === "rows"
          ? gradient.merged
          : gradient.kind === "dense"
            ? gradient.values
            : widenHalves(gradient.bits, dtype === "bfloat16"),
    })),
  );
}

/** The parameters that have a sum, ready for a step. */
export function takeSums(
  slabs: Slabs,
  sums: Accumulation,
  entries: readonly Entry[],
  average: boolean,
  lazy: boolean,
): Active[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (average) sums.average((name) => storedGradient(slabs, byName.get(name) as Entry));
  return entries
    .filter(({ name }) => sums.count(name) > 0)
    .map((entry) => {
      const rows = sums.rowsOf(entry.name);
      if (rows === null) return makeActive(entry, null);
      const { parts } = storedGradient(slabs, entry);
      if (!lazy) for (const { values } of parts) values.fill(0);
      scatterRows(parts, rows);
      return makeActive(entry, lazy ? rows : null);
    });
}

/** Widens the 16-bit gradient views of all parameters, where gradients come in 16 bits. */
export function widenGradients(slabs: Slabs, entries: readonly Entry[], dtype: Dtype): void {
  if (dtype === "float32") return;
  for (const { index } of entries) {
    for (const part of slabs.partsOf(index)) slabs.widenGradient(part, dtype);
  }
}

function storedGradient(slabs: Slabs, { name, shape, length, index }: Entry): ParameterGradient {
  return { name, shape, length, parts: slabs.runsOf(index, "grad") };
}
