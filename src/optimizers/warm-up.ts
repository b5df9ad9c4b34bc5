import type { Blueprint } from "./blueprint.ts";
import { ParamGroup } from "./param-group.ts";
import type { Settings } from "./settings.ts";

/** Steps that make V8 compile what they run with its optimizing compilers; some microseconds each. */
export const WARM_UP_STEPS = 300;
const LENGTH = 4096;

const warm = new Set<string>();

/**
 * A scratch optimizer that steps as one of this rule will, for the engine to optimize the core's loops
 * and the code around them: in its baseline tiers a step takes several times as long. Nothing of the
 * caller's is called or changed. null where this process has had one.
 */
export function warmUpBlueprint(
  rule: Omit<Blueprint, "members">,
  amsgrad: boolean,
): Blueprint | null {
  const { model, gradients, master, nonFinite, gradNorm, clip } = rule.settings;
  const key = [rule.className, amsgrad, model, gradients, master, nonFinite, gradNorm, clip?.kind];
  if (warm.has(key.join())) return null;
  warm.add(key.join());
  const settings: Settings = {
    ...rule.settings,
    // The caller's: their functions, and a scale that steps would change.
    ...{ decays: null, lrScale: null, clips: null, lossScale: null },
    ...{ slabBytes: 2_097_152, threads: 1, touchPages: false },
  };
  const rates = { lr: 0, weightDecay: 0, beta1: 0.5, beta2: 0.5, eps: 1, lrScale: 1 };
  const group = new ParamGroup("scratch", "a warm-up", { ...rates, amsgrad });
  const scratch = { shape: [LENGTH], length: LENGTH, data: null, dtype: "float32" as const };
  const parameters = ["a", "b"].map((name) => ({ name, ...scratch }));
  return { ...rule, settings, members: [{ group, parameters }] };
}
