import type { LossScaleState } from "../../gradients/loss-scale.ts";
import type { Dtype } from "../../parameters/parameter.ts";
import type { OptionData, SavedSchedule } from "./option-data.ts";

/** What a group has in force for itself: saved apart from its options at creation. */
export const RATES = ["lr", "weightDecay", "betas", "eps"] as const;
export type RateName = (typeof RATES)[number];

/** What a checkpoint says of an optimizer besides its tensors. docs/checkpoint.md specifies it. */
export interface SavedState {
  /** Which member of the family. */
  readonly class: string;
  /** SHA-256 of the numeric core that made the state, hex. */
  readonly core: string;
  /** Steps applied. */
  readonly steps: number;
  readonly model: Dtype;
  /** The options at creation, but for those of the machine (threads, slabs). */
  readonly options: Readonly<Record<string, OptionData>>;
  readonly groups: readonly SavedGroup[];
  readonly parameters: readonly SavedParameter[];
  /** Order of the parameters, where the class takes a wish (MindFormersAdamW); else null. */
  readonly order: readonly string[] | null;
  readonly schedules: readonly SavedSchedule[];
  readonly lossScale: LossScaleState | null;
  /** Where micro-batches were summed that no step has taken yet; null without. */
  readonly accumulation: SavedAccumulation | null;
}

export interface SavedGroup {
  readonly name: string;
  /** What it had for itself at creation, but for its rates. */
  readonly options: Readonly<Record<string, OptionData>>;
  /** Names of all that it had for itself. */
  readonly own: readonly string[];
  readonly amsgrad: boolean;
  /** The rates in force. */
  readonly lr: OptionData;
  readonly weightDecay: OptionData;
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** The rate that lr began from; null where it is not known. */
  readonly initialLr: number | null;
}

export interface SavedParameter {
  readonly name: string;
  readonly group: string;
  readonly shape: readonly number[];
  /** Updates applied to it. */
  readonly step: number;
  /** What the rules said of it. */
  readonly lrScale: number;
  readonly decays: boolean;
  /** What the option clips said of it, where it was asked. */
  readonly clips?: boolean;
  /** What it was given besides its shape, such as AdamWDL's optimizeAttr. */
  readonly options?: OptionData;
}

export interface SavedAccumulation {
  readonly microBatches: number;
  readonly average: boolean;
  readonly parameters: readonly SavedSum[];
}

export interface SavedSum {
  readonly name: string;
  /** Micro-batches that had a gradient for it. */
  readonly count: number;
  /** Whether the sum is still row-sparse. */
  readonly sparse: boolean;
}
