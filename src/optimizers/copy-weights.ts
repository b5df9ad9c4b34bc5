import type { Slabs } from "../core/slabs.ts";
import { isFloat32Array, isUint16Array } from "../validate.ts";
import { type AllowedTarget, type CopyTargets, checkTargets } from "./copy-targets.ts";
import type { Entry } from "./entry.ts";

const MASTERS: AllowedTarget = [isFloat32Array, "a Float32Array"];
const MASTERS_OR_MODEL: AllowedTarget = [
  (target) => isFloat32Array(target) || isUint16Array(target),
  "a Float32Array or a Uint16Array",
];

/**
 * See Optimizer.copyTo. All targets are checked before the first is written.
 *
 * @param open gives the memories, once the targets are read: that may run the caller's code
 */
export function copyWeights(
  open: () => Slabs,
  targets: CopyTargets,
  byName: ReadonlyMap<string, Entry>,
  model16: boolean,
): void {
  const checked = checkTargets(targets, byName, model16 ? MASTERS_OR_MODEL : MASTERS);
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
