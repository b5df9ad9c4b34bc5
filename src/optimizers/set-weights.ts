import type { Slabs } from "../core/slabs.ts";
import { show, wrongKind, wrongValue } from "../errors.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { isFloat32Array, isPlainRecord } from "../validate.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./settings.ts";

/** New master weights by parameter name. */
export type NewWeights = Readonly<Record<string, Float32Array>>;

/** The least magnitude that rounds to infinity: half a unit above the largest number of the type. */
const FIRST_BEYOND: Readonly<Record<Dtype, number>> = {
  float32: Number.POSITIVE_INFINITY,
  float16: 65_520,
  bfloat16: 3.3961775292304601e38, // 2^128 - 2^119
};

/** See Optimizer.setWeights. All weights are checked before the first is written. */
export function setWeights(
  weights: NewWeights,
  byName: ReadonlyMap<string, Entry>,
  { model, master }: Pick<Settings, "model" | "master">,
  recheck: () => Slabs,
): void {
  if (!isPlainRecord(weights)) {
    throw wrongKind("weights", "setWeights", "a record of name to Float32Array", weights);
  }
  const checked = Object.entries(weights).map(([name, values]) => {
    const entry = byName.get(name);
    if (!entry) throw wrongValue("weights", "setWeights", "names of parameters", name);
    checkValues(values, entry, model);
    return { entry, values };
  });
  // Reading them may have run the caller's code.
  const slabs = recheck();
  for (const { entry, values } of checked) {
    for (const part of slabs.partsOf(entry.index)) {
      const { first, length } = part.segment;
      slabs.floats(part, "param").set(values.subarray(first, first + length));
      if (model === "float32") continue;
      slabs.narrow(part);
      if (!master) slabs.widenModel(part);
    }
  }
}

function checkValues(values: unknown, entry: Entry, model: Dtype): asserts values is Float32Array {
  const where = `parameter ${show(entry.name)}`;
  if (!isFloat32Array(values)) throw wrongKind("weights", where, "a Float32Array", values);
  if (values.length !== entry.length) {
    throw wrongValue("weights", where, `${entry.length} elements`, values.length);
  }
  const beyond = FIRST_BEYOND[model];
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]) < beyond) continue;
    const expected = model === "float32" ? "a finite number" : `a number finite as ${model}`;
    throw wrongValue(`weights[${i}]`, where, expected, values[i]);
  }
}
