import { CORE_SHA256 } from "../core/binary.generated.ts";
import type { OptionData } from "../optimizers/checkpoint/option-data.ts";
import { inPlace, OptionDecoder } from "../optimizers/checkpoint/option-decoder.ts";
import { readSavedState } from "../optimizers/checkpoint/read-saved-state.ts";
import type { SavedGroup, SavedState } from "../optimizers/checkpoint/saved-state.ts";
import { type Scheduled, valueAt } from "../schedules/schedule.ts";

/** What a checkpoint says of its optimizer, for people: schedules are where they are used, too. */
export interface SavedRun extends SavedState {
  /** Whether this package has the very numeric core that made the state. */
  readonly sameCore: boolean;
  readonly groups: readonly RunGroup[];
}

export interface RunGroup extends SavedGroup {
  /** Values for the next step; null where a function of the caller's gives them. */
  readonly nextLr: number | null;
  readonly nextWeightDecay: number | null;
}

/** @throws CheckpointError BAD_STATE */
export function readRun(text: string): SavedRun {
  const state = readSavedState(text);
  const { schedules } = state;
  const placed = <Data extends OptionData>(data: Data) => inPlace(data, schedules) as Data;
  const next = (rate: "lr" | "weightDecay", group: SavedGroup) => {
    try {
      const value = new OptionDecoder(schedules).decode(group[rate]) as Scheduled;
      return valueAt(value, state.steps, rate, group.name);
    } catch {
      return null;
    }
  };
  return {
    ...state,
    sameCore: state.core === CORE_SHA256,
    options: placed(state.options),
    groups: state.groups.map((group) => ({
      ...group,
      options: placed(group.options),
      lr: placed(group.lr),
      weightDecay: placed(group.weightDecay),
      nextLr: next("lr", group),
      nextWeightDecay: next("weightDecay", group),
    })),
    parameters: state.parameters.map(({ options, ...parameter }) =>
      options === undefined ? parameter : { ...parameter, options: placed(options) },
    ),
  };
}

/** Prefixes of a parameter's tensors, in the order in which people want them. */
export const TENSOR_KINDS = [
  "param",
  "model",
  "exp_avg",
  "exp_avg_sq",
  "max_exp_avg_sq",
  "accumulated",
  "accumulated_rows",
  "accumulated_values",
] as const;

/** The kind and the parameter of a checkpoint's tensor. */
export function splitName(name: string): { kind: string; parameter: string } {
  const dot = name.indexOf(".");
  return { kind: name.slice(0, Math.max(0, dot)), parameter: name.slice(dot + 1) };
}
