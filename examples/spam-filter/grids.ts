import type { Setting } from "./optimizer.ts";

/** What is compared. */
export type Group = "uniform" | "layerDecay" | "scratch";

const UNIFORM = [1e-4, 1.7e-4, 3e-4, 5e-4, 7e-4, 1e-3, 1.4e-3, 2e-3, 2.8e-3, 4e-3, 5.6e-3, 8e-3];
const PEAKS = [1e-3, 2e-3, 4e-3, 8e-3];
const DECAYS = [0.9, 0.8, 0.65];

/** As many settings with one rate for all layers as with layer decay. */
export const GRIDS: Readonly<Record<Group, readonly Setting[]>> = {
  uniform: UNIFORM.map((lr) => ({ lr, layerDecay: 1 })),
  layerDecay: PEAKS.flatMap((lr) => DECAYS.map((layerDecay) => ({ lr, layerDecay }))),
  // Without pre-training there is nothing to keep: a check that it is worth something at all.
  scratch: [5e-4, 1e-3, 2e-3, 4e-3].map((lr) => ({ lr, layerDecay: 1 })),
};

/** Settings are chosen with the first, and tested with the others. */
export const TUNING_SEEDS = [101, 102, 103] as const;
export const TEST_SEEDS = [1, 2, 3, 4, 5] as const;
