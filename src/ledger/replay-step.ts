import type { Sum } from "../gradients/accumulate.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import type { Gradient } from "../optimizers/gradient-input.ts";
import type { Machinery } from "../optimizers/machinery.ts";
import { machineryOf, type Optimizer } from "../optimizers/optimizer.ts";
import type { StepReport } from "../optimizers/step-report.ts";
import type { RecordedGradient, RecordedGradients } from "./read-gradients.ts";

/**
 * Takes a step by recorded gradients, as the run took it.
 *
 * @throws as Optimizer.step
 */
export function replayStep(optimizer: Optimizer, recorded: RecordedGradients): StepReport {
  if (recorded.microBatches === 1) return optimizer.step(asGiven(recorded));
  restoreSums(machineryOf(optimizer), recorded);
  return optimizer.step();
}

function asGiven({ gradients }: RecordedGradients): Record<string, Gradient> {
  const given = Array.from(gradients, ([name, gradient]): [string, Gradient] => [
    name,
    gradient.kind === "half"
      ? gradient.bits
      : gradient.kind === "dense"
        ? gradient.values
        : { rows: gradient.rows, values: gradient.values },
  ]);
  // Not by assignment: "__proto__" is a name like any other.
  return Object.fromEntries(given);
}

/** The sums of micro-batches, which are yet to be averaged, where `accumulate` would have put them. */
function restoreSums({ bound }: Machinery, { microBatches, gradients }: RecordedGradients): void {
  const { slabs, byName, stepper } = bound;
  const sums = new Map<string, Sum>();
  for (const [name, gradient] of gradients) {
    const entry = byName.get(name);
    if (!entry || gradient.kind === "half") throw new RangeError(refusal(name, gradient));
    if (gradient.kind === "rows") {
      const { rows, values } = gradient;
      const rowLength = rowLengthOf(entry.shape);
      sums.set(name, { count: 1, rows: { rows, values, rowLength, sources: null } });
      continue;
    }
    for (const { first, values } of slabs.runsOf(entry.index, "grad")) {
      values.set(gradient.values.subarray(first, first + values.length));
    }
    sums.set(name, { count: 1, rows: null });
  }
  stepper.sums.restore(microBatches, sums);
  stepper.restore(stepper.steps, true);
}

const refusal = (name: string, { kind }: RecordedGradient) =>
  `a recorded sum of micro-batches: expected float32 of a parameter, got ${kind} of ${JSON.stringify(name)}`;
