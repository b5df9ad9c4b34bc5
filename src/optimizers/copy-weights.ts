import type { Slabs } from "../core/slabs.ts";
import { show, wrongKind, wrongValue } from "../errors.ts";
import { isFloat32Array, isPlainRecord, isUint16Array } from "../validate.ts";
import type { Entry } from "./entry.ts";

/** Arrays to copy weights into, by parameter name. */
export type CopyTargets = Readonly<Record<string, Float32Array | Uint16Array>>;

/** See Optimizer.copyTo. All targets are checked before the first is written. */
export function copyWeights(
  open: () => Slabs,
  targets: CopyTargets,
  byName: ReadonlyMap<string, Entry>,
  model16: boolean,
): void {
  if (!isPlainRecord(targets)) {
    throw wrongKind("targets", "copyTo", "a record of name to array", targets);
  }
  const checked = Object.entries(targets).map(([name, target]) => {
    const entry = byName.get(name);
    if (!entry) throw wrongValue("targets", "copyTo", "names of parameters", name);
    const where = `parameter ${show(name)}`;
    if (!isFloat32Array(target) && !(model16 && isUint16Array(target))) {
      const expected = model16 ? "a Float32Array or a Uint16Array" : "a Float32Array";
      throw wrongKind("target", where, expected, target);
    }
    if (target.length !== entry.length) {
      throw wrongValue("target", where, `${entry.length} elements`, target.length);
    }
    return { entry, target };
  });
  // Reading them may have run the caller's code, and parameters been added.
  const slabs = open();
  for (const { entry, target } of checked) {
    for (const part of slabs.partsOf(entry.index)) {
      target.set(
        isFloat32Array(target) ? slabs.floats(part, "param") : slabs.model(part),
        part.segment.first,
      );
    }
  }
}
