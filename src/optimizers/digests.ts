import type { FloatPlane } from "../core/slab-planes.ts";
import type { Slabs } from "../core/slabs.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { type DigestParameter, type DigestPlane, digestParameters } from "../state/digest.ts";
import type { Entry } from "./entry.ts";

function floatPlane(slabs: Slabs, { index }: Entry, plane: FloatPlane, name: string): DigestPlane {
  return { name, parts: slabs.partsOf(index).map((part) => slabs.floats(part, plane)) };
}

/** All state of a parameter. */
function stateOf(slabs: Slabs, entry: Entry, model: Dtype): DigestParameter {
  const planes = [
    floatPlane(slabs, entry, "param", "master float32"),
    floatPlane(slabs, entry, "expAvg", "exp_avg float32"),
    floatPlane(slabs, entry, "expAvgSq", "exp_avg_sq float32"),
  ];
  if (entry.paramGroup.amsgrad) {
    planes.push(floatPlane(slabs, entry, "maxExpAvgSq", "max_exp_avg_sq float32"));
  }
  if (model !== "float32") {
    const parts = slabs.partsOf(entry.index).map((part) => slabs.model(part));
    planes.push({ name: `model ${model}`, parts });
  }
  return { name: entry.name, shape: entry.shape, facts: [entry.t], planes };
}

/** See Optimizer.digest. `sorted` is in the order of the names. */
export function stateDigest(
  slabs: Slabs,
  steps: number,
  sorted: readonly Entry[],
  model: Dtype,
): string {
  return digestParameters(
    `ashlar state 1\n[${steps}]`,
    sorted.map((entry) => stateOf(slabs, entry, model)),
  );
}

/** See Optimizer.parameterDigests. */
export function parameterDigests(
  slabs: Slabs,
  sorted: readonly Entry[],
  model: Dtype,
): Map<string, string> {
  return new Map(
    sorted.map((entry) => [
      entry.name,
      digestParameters("ashlar parameter 1", [stateOf(slabs, entry, model)]),
    ]),
  );
}

/** See Optimizer.weightsDigest. `sorted` is in the order of the names. */
export function weightsDigest(slabs: Slabs, sorted: readonly Entry[]): string {
  return digestParameters(
    "ashlar weights 1",
    sorted.map((entry) => ({
      name: entry.name,
      shape: entry.shape,
      facts: [],
      planes: [floatPlane(slabs, entry, "param", "float32")],
    })),
  );
}
