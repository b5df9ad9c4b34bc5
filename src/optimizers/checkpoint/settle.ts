import { mismatch, show } from "../../errors.ts";
import { isLossScale, type LossScale } from "../../gradients/loss-scale.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import type { Entry } from "../entry.ts";
import { difference, optionIn } from "./differences.ts";
import type { Fit } from "./fit-parameters.ts";
import type { Internals } from "./internals.ts";
import type { Difference } from "./load-options.ts";
import type { LoadPlan } from "./load-plan.ts";
import { OptionEncoder } from "./option-data.ts";
import { inPlace } from "./option-decoder.ts";
import type { SavedParameter, SavedState } from "./saved-state.ts";
import { type Settled, settleGroup } from "./settle-group.ts";
import { clippedOf, optionsOf } from "./state-of.ts";

// Once the optimizer is made: what the checkpoint says of its rates and rules, and where the caller
// wanted something else.

/**
 * Gives the groups the rates of the checkpoint that the caller did not name, and lists what is
 * other than there. Nothing of the caller's is touched before the take-overs are called.
 *
 * @param free whether the rules may answer otherwise in any case
 * @throws CheckpointError OTHER_ANSWER where a function that was given again answers otherwise;
 *   BAD_STATE
 */
export function settle(
  internals: Internals,
  saved: SavedState,
  plan: LoadPlan,
  fit: Fit,
  free: boolean,
): Settled {
  const { groups, rule } = internals;
  const settled = groups.map((group, i) =>
    settleGroup(group, rule.creation.groups[i], saved, plan),
  );
  const differences = [
    ...optionDifferences(internals, saved, plan),
    ...settled.flatMap((each) => each.differences),
  ];
  differences.push(...answerDifferences(internals, fit, free || differences.length > 0));
  const takeOvers = [
    ...settled.flatMap((each) => each.takeOvers),
    ...settleLossScale(rule.settings.lossScale, saved, plan),
  ];
  return { differences, takeOvers };
}

/** The options that the caller named, beside those of the checkpoint. */
function optionDifferences(
  { rule }: Internals,
  saved: SavedState,
  { given, rates }: LoadPlan,
): Difference[] {
  const encoder = new OptionEncoder();
  const own = encoder.encodeRecord(optionsOf(rule));
  // Of rates each group tells by itself.
  const ofGroups = Object.values(rates).flat();
  return Object.keys(given)
    .filter((option) => Object.hasOwn(own, option) || Object.hasOwn(saved.options, option))
    .filter((option) => !ofGroups.includes(option))
    .flatMap((option) =>
      difference(
        "the options",
        option,
        inPlace(optionIn(saved.options, option), saved.schedules),
        inPlace(optionIn(own, option), encoder.schedules),
      ),
    );
}

/** What the rules say of each parameter now, beside what they said then. */
function answerDifferences(internals: Internals, { pairs }: Fit, free: boolean): Difference[] {
  return pairs.flatMap(({ entry, saved }) => {
    const where = `parameter ${show(entry.name)}`;
    const found = [
      ...difference(where, "lrScale", saved.lrScale, entry.lrScale),
      ...difference(where, "decays", saved.decays, entry.decays),
      ...clipDifferences(internals, entry, saved),
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

function clipDifferences({ rule }: Internals, entry: Entry, saved: SavedParameter): Difference[] {
  const clips = clippedOf(entry, rule.settings);
  if (clips === null || saved.clips === undefined) return [];
  return difference(`parameter ${show(entry.name)}`, "clips", saved.clips, clips);
}

/**
 * Lets the loss scale go on, unless the caller wanted another one.
 *
 * @throws CheckpointError BAD_STATE for a state that the checkpoint's loss scale can't have
 */
function settleLossScale(
  lossScale: LossScale | null,
  saved: SavedState,
  { decoder }: LoadPlan,
): (() => void)[] {
  const { lossScale: state } = saved;
  if (state === null) return [];
  // One of its own, to see whether the state is good before the caller's is touched.
  const own = decoder.decode(saved.options.lossScale);
  try {
    if (!isLossScale(own)) throw new TypeError("expected a loss scale in the options");
    own.restore(state);
  } catch (cause) {
    const { message } = cause as Error;
    throw new CheckpointError("BAD_STATE", `the checkpoint's loss scale: ${message}`, { cause });
  }
  if (lossScale === null || settingsOf(lossScale) !== settingsOf(own)) return [];
  return [() => lossScale.restore(state)];
}

function settingsOf({ kind, settings }: LossScale): string {
  return JSON.stringify({ kind, settings });
}
