import { baseOf, isSchedule, type Schedule } from "../../schedules/schedule.ts";
import { restoreStates, scheduleStates } from "../../schedules/schedule-states.ts";
import type { ParamGroup, RestoredRates } from "../param-group.ts";
import { defaultOf, difference } from "./differences.ts";
import type { Difference } from "./load-options.ts";
import type { LoadPlan } from "./load-plan.ts";
import { type OptionData, OptionEncoder } from "./option-data.ts";
import { functionIn, inPlace } from "./option-decoder.ts";
import { RATES, type RateName, type SavedGroup, type SavedState } from "./saved-state.ts";

/** What came of a group or an option. */
export interface Settled {
  readonly differences: readonly Difference[];
  /** What is to happen to the caller's own objects, once nothing can fail any more. */
  readonly takeOvers: readonly (() => void)[];
}

/**
 * Gives a group the rates of its saved group that the caller did not name, and lists what is other
 * than there.
 *
 * @param given what the group has for itself, as its class was given it
 * @throws CheckpointError BAD_STATE for rates that none can have
 */
export function settleGroup(
  group: ParamGroup,
  given: Readonly<Record<string, unknown>>,
  saved: SavedState,
  plan: LoadPlan,
): Settled {
  const of = plan.savedGroup(group.name);
  if (!of) return { differences: [], takeOvers: [] };
  const restored: RestoredRates = { own: of.own };
  const differences: Difference[] = [];
  const takeOvers: (() => void)[] = [];
  // As where lr is assigned: the rate that it began from stays, but for a new lr that says its own.
  const keeps = plan.keepsInitialLr && Number.isNaN(baseOf(group.lr));
  let began = true;
  for (const rate of RATES) {
    if (!plan.names(of, rate)) {
      restored[rate] = plan.decoder.decode(of[rate]) as never;
      continue;
    }
    const pair = rate === "betas" ? oneNamedBeta(group, of, plan) : null;
    if (pair) restored.betas = pair;
    const found = rateDifferences(group, of, rate, plan, pair);
    differences.push(...found);
    if (rate === "lr") began = found.length === 0 || keeps;
    if (found.length === 0) takeOvers.push(...goingOn(group, of, rate, plan));
  }
  group.restore(restored);
  // What the caller names counts only where lr is a function, which does not say what it began from.
  const named = plan.namesInitialLr(of) && Number.isNaN(baseOf(group.lr));
  if (began && !named) group.restore({ own: of.own, initialLr: of.initialLr ?? Number.NaN });
  differences.push(...ownDifferences(group, given, of, saved, plan));
  return { differences, takeOvers };
}

/** Where a class has an option for each beta, and the caller named one: the other is the file's. */
function oneNamedBeta(
  group: ParamGroup,
  of: SavedGroup,
  { rates, given }: LoadPlan,
): readonly [number, number] | null {
  if (rates.betas.length !== 2) return null;
  const named = (i: number) => Object.hasOwn(given, rates.betas[i]);
  const { betas } = group;
  return [named(0) ? betas[0] : of.betas[0], named(1) ? betas[1] : of.betas[1]];
}

/** A rate that the caller named, beside that of the checkpoint. */
function rateDifferences(
  group: ParamGroup,
  of: SavedGroup,
  rate: RateName,
  { decoder, rates, grouped }: LoadPlan,
  betas: readonly [number, number] | null,
): Difference[] {
  const { where } = group;
  if (betas) {
    return rates.betas.flatMap((name, i) => difference(where, name, of.betas[i], betas[i]));
  }
  // As ours are written: others may have left out defaults.
  const data = of[rate] as OptionData;
  const file = functionIn(data) === null ? written(decoder.decode(data)) : data;
  return difference(where, grouped ? rate : rates[rate][0], file, written(group[rate]));
}

function written(value: unknown): OptionData {
  const encoder = new OptionEncoder();
  return inPlace(encoder.encode(value), encoder.schedules);
}

/** A schedule of the caller's own that is the checkpoint's again goes on from there. */
function goingOn(
  group: ParamGroup,
  of: SavedGroup,
  rate: RateName,
  { decoder }: LoadPlan,
): (() => void)[] {
  const value = group[rate];
  if (!isSchedule(value) || functionIn(of[rate] as OptionData) !== null) return [];
  // Nothing else is written as a schedule is.
  const saved = decoder.decode(of[rate] as OptionData) as Schedule;
  return [() => restoreStates(value, scheduleStates(saved), `${rate} of ${group.where}`)];
}

/** What the caller named for the group besides its rates. */
function ownDifferences(
  group: ParamGroup,
  given: Readonly<Record<string, unknown>>,
  of: SavedGroup,
  saved: SavedState,
  plan: LoadPlan,
): Difference[] {
  const encoder = new OptionEncoder();
  const { where, clip, initialLr } = group;
  return plan.namedKeys(of).flatMap((key) => {
    if (key === "amsgrad") return difference(where, key, of.amsgrad, group.amsgrad);
    if (key === "initialLr") return difference(where, key, of.initialLr, encoder.encode(initialLr));
    if (key === "clip")
      return difference(where, key, of.options.clip ?? null, encoder.encode(clip));
    const inherited = key === "centralize" ? saved.options.centralize : undefined;
    const file = of.options[key] ?? inherited ?? defaultOf(key);
    return difference(where, key, file, encoder.encode(given[key]));
  });
}
