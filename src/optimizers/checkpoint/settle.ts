import { mismatch, show } from "../../errors.ts";
import type { LossScale, LossScaleState } from "../../gradients/loss-scale.ts";
import { isSchedule } from "../../schedules/schedule.ts";
import { restoreStates } from "../../schedules/schedule-states.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import type { ParamGroup, RestoredRates } from "../param-group.ts";
import type { Fit } from "./fit-parameters.ts";
import type { Internals } from "./internals.ts";
import type { Difference, Given } from "./load-options.ts";
import { type LoadPlan, RATES, type RateName } from "./load-plan.ts";
import { type OptionData, OptionEncoder } from "./option-data.ts";
import { inPlace, isFunction } from "./option-decoder.ts";
import type { SavedGroup, SavedState } from "./saved-state.ts";
import { optionsOf } from "./state-of.ts";

// Once the optimizer is made: what the checkpoint says of its rates and rules, and where the caller
// wanted something else.

/**
 * Gives the groups the rates of the checkpoint that the caller did not name, and lists what is
 * other than there.
 *
 * @throws CheckpointError OTHER_ANSWER where a function that was given again answers otherwise
 */
export function settle(
  internals: Internals,
  saved: SavedState,
  given: Given,
  plan: LoadPlan,
  fit: Fit,
): Difference[] {
  const differences = [
    ...optionDifferences(internals, saved, given, plan.rateOptions),
    ...internals.groups.flatMap((group) => settleGroup(group, saved, plan)),
  ];
  const free = !given.strict || given.parameters !== undefined || differences.length > 0;
  differences.push(...answerDifferences(fit, free));
  restoreLossScale(internals.rule.settings.lossScale, saved);
  return differences;
}

/** The options that the caller named, beside those of the checkpoint. */
function optionDifferences(
  { rule }: Internals,
  saved: SavedState,
  { options }: Given,
  rateOptions: readonly string[],
): Difference[] {
  const encoder = new OptionEncoder();
  const own = encoder.encodeRecord(optionsOf(rule));
  return (
    Object.keys(options)
      .filter((option) => Object.hasOwn(own, option) || Object.hasOwn(saved.options, option))
      // Of rates each group tells by itself.
      .filter((option) => !rateOptions.includes(option))
      .flatMap((option) =>
        difference(
          "the options",
          option,
          inPlace(saved.options[option] ?? null, saved.schedules),
          inPlace(own[option] ?? null, encoder.schedules),
        ),
      )
  );
}

function difference(
  where: string,
  option: string,
  file: OptionData,
  given: OptionData,
): Difference[] {
  // Two functions cannot be compared; what they answer can.
  const same = isFunction(file) && isFunction(given);
  if (same || JSON.stringify(file) === JSON.stringify(given)) return [];
  return [{ where, option, file, given }];
}

function settleGroup(group: ParamGroup, saved: SavedState, plan: LoadPlan): Difference[] {
  const of = plan.savedGroup(group.name);
  if (!of) return [];
  const restored: RestoredRates = { own: of.own };
  const differences = RATES.flatMap((rate) => {
    if (plan.names(of, rate)) return namedRate(group, of, rate, saved);
    restored[rate] = plan.decoder.decode(of[rate]) as never;
    return [];
  });
  if ("lr" in restored && of.initialLr !== null) restored.initialLr = of.initialLr;
  group.restore(restored);
  return differences;
}

/** A rate of the caller's own; where it is the checkpoint's again, it goes on from there. */
function namedRate(
  group: ParamGroup,
  of: SavedGroup,
  rate: RateName,
  saved: SavedState,
): Difference[] {
  const encoder = new OptionEncoder();
  const own = inPlace(encoder.encode(group[rate]), encoder.schedules);
  const file = of[rate] as OptionData;
  const found = difference(group.where, rate, inPlace(file, saved.schedules), own);
  const value = group[rate];
  if (found.length === 0 && isSchedule(value)) {
    const { $schedule } = file as { $schedule?: number };
    const states = $schedule === undefined ? [] : saved.schedules[$schedule].states;
    restoreStates(value, states, `${rate} of ${group.where}`);
  }
  return found;
}

/** What the rules say of each parameter now, beside what they said then. */
function answerDifferences({ pairs }: Fit, free: boolean): Difference[] {
  return pairs.flatMap(({ entry, saved }) => {
    const where = `parameter ${show(entry.name)}`;
    const found = [
      ...difference(where, "lrScale", saved.lrScale, entry.lrScale),
      ...difference(where, "decays", saved.decays, entry.decays),
    ];
    if (found.length === 0 || free) return found;
    const [{ option, file, given }] = found;
    throw new CheckpointError(
      "OTHER_ANSWER",
      mismatch(
        option,
        where,
        `${file}, as when it was saved`,
        String(given),
        "Give the same function again, or strict: false",
      ),
    );
  });
}

/** Lets the loss scale go on, unless the caller wanted another one. */
function restoreLossScale(lossScale: LossScale | null, saved: SavedState): void {
  const { $lossScale } = (saved.options.lossScale ?? {}) as { $lossScale?: OptionData };
  if (!lossScale || !saved.lossScale || !$lossScale) return;
  const { kind, settings } = lossScale;
  if (JSON.stringify({ kind, settings }) !== JSON.stringify($lossScale)) return;
  lossScale.restore(saved.lossScale as LossScaleState);
}
