import { wrongKind, wrongValue } from "../errors.ts";
import { positive, readOptions, switchedOff } from "./fields.ts";
import { scheduleFromData } from "./from-data.ts";
import { isSchedule, type Schedule, type ScheduleData, type ScheduleOption } from "./schedule.ts";

/** What `scaleSchedule` takes beside the schedule. */
export interface ScaleScheduleOptions {
  /** What multiplies every duration, above 0: Composer's scale_schedule_ratio (ssr). */
  readonly ratio: number;
  /** Whether warm-ups are scaled, too; false by default, as in Composer. */
  readonly scaleWarmup?: boolean;
}

const FIELDS = { ratio: positive(), scaleWarmup: switchedOff() };

/** Options that are durations in whole steps: scaled, then cut to whole steps as Composer does. */
const WHOLE = new Set(
  `totalSteps stableSteps keepSteps decaySteps finalSteps holdSteps stepSize stepSizeUp stepSizeDown
  t0 timescale transitionBegin milestones boundaries`.split(/\s+/),
);

/** Schedules that cannot be stretched, and why. */
const REFUSED: Record<string, string> = {
  greedy: "it follows a metric",
  lambda: "it is a function of its own",
  multiplicative: "it is a function of its own",
  noam: "its height follows from its warm-up",
  reduceOnPlateau: "it follows a metric",
  vector: "it has one value for each step",
};

/**
 * The same schedule, stretched to `ratio` times its time; shorter for a ratio below 1. Schedules
 * inside of it are stretched, too.
 *
 * Warm-ups keep their length unless `scaleWarmup` is true; totalSteps, which holds the warm-up, is
 * scaled as a whole. Factors and rates stay.
 * Source: Composer's scale_schedule_ratio and scale_warmup.
 *
 * @throws RangeError for a schedule that cannot be stretched, and where what comes out is none, as
 *   when the warm-up is then as long as the whole
 */
export function scaleSchedule(schedule: Schedule, options: ScaleScheduleOptions): Schedule {
  const where = "scaleSchedule";
  if (!isSchedule(schedule)) {
    throw wrongKind("schedule", where, "a schedule of this package", schedule);
  }
  const { ratio, scaleWarmup } = readOptions(where, options, FIELDS).values;

  const scaleData = ({ name, options }: ScheduleData): ScheduleData => {
    const stepwise = options.mode === "expRange" && "its gamma counts steps";
    const refusal = REFUSED[name] ?? stepwise;
    if (refusal) throw wrongValue("schedule", where, `one that can be scaled (${refusal})`, name);
    const entries = Object.entries(options).map(([key, value]) => [key, scaleOption(key, value)]);
    // Left out it would be the warm-up, which need not grow with the rest.
    if (name === "inverseSqrt" && options.timescale === undefined) {
      entries.push(["timescale", scaleOption("timescale", options.warmupSteps || 10_000)]);
    }
    return { name, options: Object.fromEntries(entries) };
  };
  const scaleOption = (key: string, value: ScheduleOption): ScheduleOption => {
    const list: readonly ScheduleOption[] = Array.isArray(value) ? value : [];
    if (list.some((each) => typeof each === "object")) {
      return list.map((each) => scaleData(each as ScheduleData));
    }
    if (typeof value === "object" && !Array.isArray(value)) return scaleData(value as ScheduleData);
    if (key === "decayPeriod") return (value as number) * ratio;
    if (!(WHOLE.has(key) || (key === "warmupSteps" && scaleWarmup))) return value;
    const cut = (steps: number) => Math.floor(steps * ratio);
    return Array.isArray(value) ? (value as readonly number[]).map(cut) : cut(value as number);
  };
  return scheduleFromData(scaleData(schedule.schedule));
}
