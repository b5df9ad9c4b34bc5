import { type AllowedTarget, type CopyTargets, checkTargets } from "../optimizers/copy-targets.ts";
import { isFloat32Array, isUint16Array } from "../validate.ts";
import type { ShardedRun } from "./sharded-run.ts";

const WEIGHTS: AllowedTarget = [isFloat32Array, "a Float32Array"];
const MODEL: AllowedTarget = [isUint16Array, "a Uint16Array for its model copy"];

/** See ShardedOptimizer.copyTo. All targets are checked before the first is written. */
export function copyFullWeights(run: ShardedRun, targets: CopyTargets): void {
  const allowed = run.rule.settings.model === "float32" ? WEIGHTS : MODEL;
  for (const { entry, target } of checkTargets(targets, run.byName, allowed)) {
    target.set(run.shard.planes.weights(entry.index, entry.length));
  }
}
