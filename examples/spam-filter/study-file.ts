import { GRIDS, type Group } from "./grids.ts";
import type { Setting } from "./optimizer.ts";

/** One fine-tuning and what it led to. */
export interface Run extends Setting {
  readonly group: Group;
  readonly seed: number;
  readonly accuracy: number;
  /** F1 of spam. */
  readonly f1: number;
  /** SHA-256 of the weights. */
  readonly digest: string;
}

/** What study.json holds. */
export interface Study {
  /** Number of mails by split. */
  readonly mails: Readonly<Record<"train" | "validation" | "test", number>>;
  readonly validation: Run[];
  readonly test: Run[];
}

/** A setting, and the means over its seeds. */
export interface Summary {
  readonly setting: Setting;
  readonly accuracy: number;
  readonly f1: number;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the sample. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) * (value - centre), 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Means over seeds on the validation split, in the order of the grid. */
export function summaries(study: Study, group: Group): Summary[] {
  return GRIDS[group].map((setting) => {
    const runs = study.validation.filter(
      (run) =>
        run.group === group && run.lr === setting.lr && run.layerDecay === setting.layerDecay,
    );
    return {
      setting,
      accuracy: mean(runs.map(({ accuracy }) => accuracy)),
      f1: mean(runs.map(({ f1 }) => f1)),
    };
  });
}

/** The setting with the largest mean F1 on the validation split; the first of equals. */
export function best(study: Study, group: Group): Summary {
  return summaries(study, group).reduce((a, b) => (b.f1 > a.f1 ? b : a));
}
