import { wrongKind, wrongValue } from "../errors.ts";
import { optional, positive, readOptions, steps } from "./fields.ts";

/** How many steps the units of `durationSteps` are; those that a duration is in must be given. */
export interface DurationUnits {
  /** Steps of the whole training: the unit "dur" is a share of them. */
  readonly totalSteps?: number;
  /** Steps of one epoch: the unit "ep". */
  readonly stepsPerEpoch?: number;
  /** Samples of one step, the batch size: the unit "sp". */
  readonly samplesPerStep?: number;
  /** Tokens of one step: the unit "tok". */
  readonly tokensPerStep?: number;
}

const FIELDS = {
  totalSteps: optional(steps(1)),
  stepsPerEpoch: optional(steps(1)),
  samplesPerStep: optional(positive()),
  tokensPerStep: optional(positive()),
};

/** What one unit is in steps: a multiple of an option, or a share of one. */
const UNITS: Record<string, { option: keyof DurationUnits; divides: boolean }> = {
  dur: { option: "totalSteps", divides: false },
  ep: { option: "stepsPerEpoch", divides: false },
  sp: { option: "samplesPerStep", divides: true },
  tok: { option: "tokensPerStep", divides: true },
};

/**
 * A duration in Composer's notation as a number of steps, cut to a whole one as Composer does:
 * "10ba" (batches, which are steps), "2ep", "0.9dur", "1024sp", "8192tok".
 *
 * Wall-clock time is refused: a schedule of it would not be a function of the step.
 *
 * @throws TypeError, RangeError for another text, or a unit whose size is not among the options
 */
export function durationSteps(duration: string, units: DurationUnits = {}): number {
  const where = "durationSteps";
  const { values } = readOptions(where, units, FIELDS);
  const expected = 'a duration such as "10ba", "2ep", "0.9dur", "1024sp" or "8192tok"';
  if (typeof duration !== "string") throw wrongKind("duration", where, expected, duration);
  const [, digits = "", unit = ""] =
    /^(\d+(?:\.\d+)?(?:e-?\d+)?)(ba|ep|dur|sp|tok)$/.exec(duration) ?? [];
  const count = Number(digits);
  const whole = unit === "dur" || Number.isSafeInteger(count);
  if (digits === "" || !whole) throw wrongValue("duration", where, expected, duration);
  if (unit === "ba") return count;
  const { option, divides } = UNITS[unit] as (typeof UNITS)[string];
  const size = values[option];
  if (size === null) throw wrongKind(option, where, `a number, to read ${duration}`, undefined);
  return Math.floor(divides ? count / size : count * size);
}
