import * as fc from "fast-check";
import { type ScheduleName, scheduleFromData } from "../../src/schedules/from-data.ts";
import type { ScheduleData } from "../../src/schedules/index.ts";

// Random schedules as data, one inside of another. Their rates do not grow without bound: factors of
// decays are at most 1.

type Options = ScheduleData["options"];
type DataName = Exclude<ScheduleName, "lambda" | "multiplicative">;

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** No smaller than 1e-9: a chained schedule's share of a subnormal base is no number any more. */
const peak = fc
  .oneof(fc.constantFrom(0, 1e-3, 0.1, 1), real(0, 10))
  .map((rate) => (rate < 1e-9 ? 0 : rate));
const share = fc.oneof(fc.constantFrom(0, 1), real(0, 1));
const steps = (least: number) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: least, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: least, max: 2 ** 40 }) },
  );
const ramp = fc.constantFrom("k/W", "(k+1)/W", "k/(W-1)");
const between = fc.constantFrom("linear", "cosine", "1-sqrt");
const cycles = fc.oneof(fc.constantFrom(0.5, 1), real(0.1, 5));
const power = fc.oneof(fc.constantFrom(1, 2, 0.5), real(0.1, 4));
const period = fc.oneof(fc.constantFrom(1, 10), real(0.1, 50));
const flag = fc.boolean();

/** The options; those with a default are now and then left out. */
function some(
  required: Record<string, fc.Arbitrary<Options[string]>>,
  optional: Record<string, fc.Arbitrary<Options[string]>> = {},
): fc.Arbitrary<Options> {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) });
}

/** Turns shares of the peak into rates that are at most the peak. */
function belowPeak(options: fc.Arbitrary<Options>, ...keys: string[]): fc.Arbitrary<Options> {
  return options.map((given) => {
    const changed = keys
      .filter((key) => key in given)
      .map((key) => [key, (given[key] as number) * (given.peak as number)]);
    return { ...given, ...Object.fromEntries(changed) };
  });
}

/** Options of a schedule whose totalSteps hold its warm-up. */
const warmed = (more: Record<string, fc.Arbitrary<Options[string]>> = {}) =>
  belowPeak(
    some(
      { peak, warmupSteps: steps(0), totalSteps: steps(1) },
      { floor: share, start: share, ramp, ...more },
    ),
    "floor",
    "start",
  ).map((given): Options => {
    const { warmupSteps, totalSteps } = given as Record<string, number>;
    return { ...given, totalSteps: warmupSteps + totalSteps };
  });

const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 4 })
  .map((list) => list.sort((a, b) => a - b));
const pieces = (more: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<Options> =>
  ascending.chain((boundaries) => {
    const count = boundaries.length + 1;
    return fc.record({
      boundaries: fc.constant(boundaries),
      values: fc.array(peak, { minLength: count, maxLength: count }),
      ...more,
    });
  });

const LEAVES: Record<
  Exclude<DataName, "chained" | "linearWarmup" | "scaled" | "sequential">,
  fc.Arbitrary<Options>
> = {
  annealingWithWarmupDecay: warmed().chain(({ peak: top, warmupSteps, totalSteps }) => {
    const whole = { peak: top, warmupSteps, totalSteps } as Options;
    return fc
      .record({ floor: share, decay: fc.constantFrom("cosine", "linear") })
      .map(({ floor, decay }): Options => ({ ...whole, floor: floor * (top as number), decay }));
  }),
  constant: some({ value: peak }),
  constantFactor: some({ base: peak, factor: real(0, 10), totalSteps: steps(0) }),
  constantWithCoolDown: belowPeak(
    some(
      {
        peak,
        warmupSteps: steps(0),
        keepSteps: steps(0),
        decaySteps: steps(0),
        finalSteps: steps(0),
      },
      { end1: share, end2: share, start: share, cycles, ramp },
    ),
    "end1",
    "end2",
    "start",
  ),
  constantWithWarmup: belowPeak(
    some({ peak, warmupSteps: steps(0) }, { start: share, ramp }),
    "start",
  ),
  cosineAnnealing: belowPeak(
    some(
      { peak, totalSteps: steps(1) },
      { floor: share, past: fc.constantFrom("hold", "oscillate"), kDecay: power },
    ),
    "floor",
  ),
  cosineWithHardRestarts: warmed().chain((given) => cycles.map((of) => ({ ...given, cycles: of }))),
  cosineWithWarmup: warmed({
    cycles,
    progress: fc.constantFrom("k-W", "k-W+1"),
    past: fc.constantFrom("hold", "oscillate"),
  }),
  cyclic: belowPeak(
    some(
      {
        floor: share,
        peak,
        stepSizeUp: steps(1),
        stepSizeDown: steps(1),
        mode: fc.constantFrom("triangular", "triangular2", "expRange"),
      },
      { gamma: share },
    ),
    "floor",
  ),
  exponential: some(
    { peak, gamma: share },
    { decayPeriod: period, staircase: flag, transitionBegin: steps(0), endValue: peak },
  ),
  greedy: some(
    { lr: real(0.1, 1), minLr: real(0, 0.1), maxLr: real(1, 10) },
    { factor: real(0.1, 0.9), smoothWindow: steps(1), mode: fc.constantFrom("min", "max") },
  ),
  inverseSqrt: belowPeak(
    some({ peak, warmupSteps: steps(0) }, { timescale: steps(1), start: share, ramp }),
    "start",
  ),
  inverseTime: some({ peak, rate: real(0, 10) }, { decayPeriod: period, staircase: flag }),
  linear: some({
    base: peak,
    startFactor: real(0, 3),
    endFactor: real(0, 3),
    totalSteps: steps(1),
  }),
  linearWithWarmup: warmed(),
  multiStep: some({ peak, milestones: ascending }, { gamma: share }),
  naturalExp: some({ peak, rate: real(0, 10) }, { decayPeriod: period, staircase: flag }),
  noam: some(
    { dModel: steps(1), warmupSteps: steps(1) },
    { scale: peak, counting: fc.constantFrom("k", "k+1") },
  ),
  oneCycle: some(
    { peak, totalSteps: steps(2), pastEnd: fc.constant("hold") },
    {
      pctStart: real(0.01, 0.5),
      divFactor: real(1, 100),
      finalDivFactor: real(1, 1e5),
      anneal: fc.constantFrom("cosine", "linear"),
      threePhase: flag,
    },
  ),
  piecewiseConstant: pieces({ atBoundary: fc.constantFrom("next", "previous") }),
  piecewiseInterpolate: pieces({ between: fc.constantFrom("linear", "cosine") }),
  polynomial: belowPeak(
    some({ peak, totalSteps: steps(1), power }, { floor: share, cycle: flag, kDecay: power }),
    "floor",
  ),
  polynomialWithWarmup: warmed().chain((given) => power.map((of) => ({ ...given, power: of }))),
  reduceOnPlateau: some(
    { lr: real(0.1, 1) },
    { minLr: real(0, 0.1), factor: real(0.1, 0.9), mode: fc.constantFrom("min", "max") },
  ),
  stepDecay: some({ peak, stepSize: steps(1) }, { gamma: share }),
  tanhDecay: belowPeak(
    some({ peak, totalSteps: steps(1) }, { floor: share, lower: real(-9, 9), upper: real(-9, 9) }),
    "floor",
  ),
  triStage: some(
    { peak, warmupSteps: steps(0), holdSteps: steps(0), decaySteps: steps(0) },
    { initScale: real(0, 2), finalScale: real(1e-3, 2) },
  ),
  vector: some({
    values: fc.array(peak, { minLength: 1, maxLength: 8 }),
    pastEnd: fc.constant("hold"),
  }),
  warmRestarts: belowPeak(
    some(
      { peak, t0: steps(1) },
      {
        tMult: fc.oneof(fc.constantFrom(1, 2, 1.5), real(1.001, 3)),
        floor: share,
        lengths: fc.constantFrom("exact", "whole"),
        cycleDecay: share,
        cycleDecayOf: fc.constantFrom("peak", "amplitude"),
        cycleLimit: steps(1),
        kDecay: power,
      },
    ),
    "floor",
  ),
  warmupStableDecay: belowPeak(
    some(
      { peak, warmupSteps: steps(0), stableSteps: steps(0), decaySteps: steps(0), decay: between },
      { floor: share, start: share, warmup: between, cycles, ramp },
    ),
    "floor",
    "start",
  ),
};

const named = (name: string, options: fc.Arbitrary<Options>): fc.Arbitrary<ScheduleData> =>
  options.map((given) => ({ name, options: given }));

/** A schedule that holds no other one. */
export const leafData: fc.Arbitrary<ScheduleData> = fc.oneof(
  ...Object.entries(LEAVES).map(([name, options]) => named(name, options)),
);

function withInner(inner: fc.Arbitrary<ScheduleData>): fc.Arbitrary<ScheduleData> {
  const factor = inner.filter((data) => scheduleFromData(data).base > 0);
  return fc.oneof(
    named("scaled", some({ schedule: inner, scale: real(0, 3) })),
    named(
      "chained",
      fc
        .tuple(inner, fc.array(factor, { maxLength: 2 }))
        .map(([first, others]) => ({ schedules: [first, ...others] })),
    ),
    named(
      "sequential",
      ascending.chain((milestones) => {
        const count = milestones.length + 1;
        const schedules = fc.array(inner, { minLength: count, maxLength: count });
        return schedules.map((each) => ({ schedules: each, milestones }));
      }),
    ),
    named(
      "linearWarmup",
      some(
        { warmupSteps: steps(0), end: peak, schedule: inner },
        { start: share, clock: fc.constantFrom("k-W", "k"), ramp },
      ).map((given): Options => {
        const { start, end } = given as { start?: number; end: number };
        return start === undefined ? given : { ...given, start: start * end };
      }),
    ),
  );
}

const oneInside = fc.oneof(
  { weight: 3, arbitrary: leafData },
  { weight: 1, arbitrary: withInner(leafData) },
);

/** Any schedule that is wholly data, up to two levels inside of each other. */
export const scheduleData: fc.Arbitrary<ScheduleData> = fc.oneof(
  { weight: 3, arbitrary: leafData },
  { weight: 2, arbitrary: withInner(oneInside) },
);

/** A step to ask a schedule for: near the beginning, or as far as steps go. */
export const stepIndex: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(100) },
  { weight: 1, arbitrary: fc.maxSafeNat() },
);
