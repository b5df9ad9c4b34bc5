import type { AdamWOptions, Clip, ScheduleData } from "../../src/index.ts";

// What a random training is, as plain data: arbitraries.ts draws it, training-case.ts makes an optimizer
// of it, plain-training.ts the same in plain loops.

/** How an array is filled: by these values over and over, or by a pattern from a seed. */
export type Filling =
  | { readonly values: readonly number[] }
  | { readonly pattern: "realistic" | "anyMagnitude" | "tiny"; readonly seed: number };

export interface ParameterCase {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: Filling;
  /** Index of its group. */
  readonly group: number;
  readonly decays: boolean;
  readonly lrScale: number;
  /** Whether the optimizer's clip counts and clips it. */
  readonly clips: boolean;
}

export type Rate = number | ScheduleData;

export interface GroupCase {
  readonly lr: Rate;
  readonly weightDecay: Rate;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly amsgrad: boolean;
  readonly centralize: boolean;
  readonly lrScale: number;
  readonly clip: Clip | null;
}

export type Precision = Required<NonNullable<AdamWOptions["precision"]>>;

export interface OptionsCase {
  readonly maximize: boolean;
  readonly clip: Clip | null;
  readonly lossScale: number | null;
  readonly lazy: boolean;
  readonly zeroGradients: boolean;
  readonly gradNorm: boolean;
  readonly nonFinite: "throw" | "skip" | "allow";
  readonly precision: Precision;
}

/** A gradient before it has a parameter: rows are taken modulo the rows that there are. */
export type GradientCase =
  | { readonly kind: "dense"; readonly filling: Filling }
  | {
      readonly kind: "rows";
      readonly rows: readonly number[];
      readonly list: "array" | "Int32Array" | "Uint32Array";
      readonly filling: Filling;
    };

/** For each parameter a gradient, null, or undefined where it is left out. */
export type GradientsCase = readonly (GradientCase | null | undefined)[];

/** Indices of parameters, groups and elements are taken modulo how many there are. */
export type Operation =
  | { readonly do: "step"; readonly gradients: GradientsCase }
  | { readonly do: "stepAll"; readonly times: number }
  | { readonly do: "write"; readonly parameter: number; readonly filling: Filling }
  | { readonly do: "accumulate"; readonly gradients: GradientsCase; readonly average: boolean }
  | { readonly do: "zeroGradients" }
  | { readonly do: "assign"; readonly group: number; readonly changed: Partial<GroupCase> }
  | { readonly do: "spoil"; readonly parameter: number; readonly at: number; readonly bad: number }
  | { readonly do: "setWeights"; readonly parameter: number; readonly weights: Filling };

export interface TrainingCase {
  readonly options: OptionsCase;
  readonly groups: readonly GroupCase[];
  readonly parameters: readonly ParameterCase[];
  readonly operations: readonly Operation[];
}
