import { show, wrongKind, wrongValue } from "../errors.ts";
import type { CopyTargets } from "../optimizers/copy-weights.ts";
import { isFloat32Array, isPlainRecord, isUint16Array, requireLength } from "../validate.ts";
import type { ShardedRun } from "./sharded-run.ts";

/** See ShardedOptimizer.copyTo. All targets are checked before the first is written. */
export function copyFullWeights(run: ShardedRun, targets: CopyTargets): void {
  const where = "copyTo";
  if (!isPlainRecord(targets)) {
    throw wrongKind("targets", where, "a record of name to array", targets);
  }
  const model16 = run.rule.settings.model !== "float32";
  const checked = Object.entries(targets).map(([name, target]) => {
    const entry = run.byName.get(name);
    if (!entry) throw wrongValue("targets", where, "names of parameters", name);
    const of = `parameter ${show(name)}`;
    const fits = model16 ? isUint16Array(target) : isFloat32Array(target);
    if (!fits) {
      const expected = model16 ? "a Uint16Array for its model copy" : "a Float32Array";
      throw wrongKind("target", of, expected, target);
    }
    requireLength(target, entry.length, "target", of);
    return { entry, target };
  });
  for (const { entry, target } of checked) {
    target.set(run.shard.planes.weights(entry.index, entry.length));
  }
}
