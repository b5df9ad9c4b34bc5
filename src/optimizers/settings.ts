import type { Clip, GlobalNormFormula } from "../gradients/clip.ts";
import type { LossScale } from "../gradients/loss-scale.ts";
import type { LayerDecay } from "../parameters/layer-decay.ts";
import type {
  DecayFilter,
  Dtype,
  LrScaleFunction,
  ParameterInfo,
} from "../parameters/parameter.ts";
import type { Scheduled } from "../schedules/schedule.ts";
import type { Arithmetic } from "./scalars-arithmetic.ts";

/** What a non-finite or overflowing gradient leads to. */
export type NonFinitePolicy = "throw" | "skip" | "allow";

/** Options of a group after validation. */
export interface GroupSettings {
  lr: Scheduled;
  weightDecay: Scheduled;
  beta1: number;
  beta2: number;
  eps: number;
  readonly amsgrad: boolean;
  readonly lrScale: number;
  /** Whether each row of a gradient loses its mean. */
  readonly centralize?: boolean;
  /** The group's own clip, in place of the optimizer's. */
  readonly clip?: Clip;
  /** What lr began from, where lr itself does not say so (a caller's function). */
  readonly initialLr?: number;
}

/** Options of the whole optimizer after validation. */
export interface Settings {
  readonly defaults: GroupSettings;
  readonly maximize: boolean;
  readonly decays: DecayFilter | null;
  readonly lrScale: LayerDecay | LrScaleFunction | null;
  /** Which of an original's formulas the scalars follow; AdamW has but one. */
  readonly arithmetic: Arithmetic;
  /** What clips the gradients of all parameters that no group clips. */
  readonly clip: Clip | null;
  /** Which parameters that clip counts and clips; null for all. */
  readonly clips: ((parameter: ParameterInfo) => boolean) | null;
  /** The formula of a global norm's coefficient where the clip names none. */
  readonly clipFormula: GlobalNormFormula;
  /** What the loss was multiplied by; null for nothing. */
  readonly lossScale: LossScale | null;
  /** Whether a row-sparse gradient moves its own rows only. */
  readonly lazy: boolean;
  /** Whether gradients are zeroed after each applied step. */
  readonly zeroGradients: boolean;
  /** False where a 16-bit model copy is the only weight that is kept. */
  readonly master: boolean;
  /** How gradients come that do not come as float32. */
  readonly gradients: Dtype;
  readonly model: Dtype;
  readonly nonFinite: NonFinitePolicy;
  readonly gradNorm: boolean;
  readonly slabBytes: number;
  readonly splitParameters: boolean;
  readonly threads: number | "auto";
  readonly touchPages: boolean;
}
