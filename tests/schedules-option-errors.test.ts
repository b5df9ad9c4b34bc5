import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCHEDULES, type ScheduleName } from "../src/schedules/from-data.ts";
import { constant, type Schedule, scheduleFromData, vector } from "../src/schedules/index.ts";
import { ALL_SAMPLES, SAMPLES } from "./reference/schedule-samples.ts";

const test = suite("schedules: option errors");

type Options = Record<string, unknown>;
/** Message: "what" of the schedule: expected `expected`, got `got`. */
type Row = [name: ScheduleName, options: unknown, what: string, expected: string, got: string];

const make = (name: ScheduleName, options: unknown) =>
  (SCHEDULES[name] as (options: unknown) => Schedule)(options);

const whole = (least: number) => `a whole number from ${least} to 9007199254740991`;
const RATE = "a finite number >= 0";
const POSITIVE = "a finite number > 0";
const SHARE = "a number between 0 and 1, without these";
const PAST = '"hold" or "oscillate"';
const NESTED = "a schedule of this package, or a number";
const ITERABLE = "an iterable of finite numbers >= 0";
const WRAP = ". Wrap it: lambda({ base, factor })";
const PEAK = "at most the peak, 1";

const ok = constant({ value: 1 });
const own = (k: number) => k;
const wave = { peak: 1, totalSteps: 4 };
const warm = { peak: 1, warmupSteps: 2, totalSteps: 4 };
const cycle = { peak: 1, stepSizeUp: 1, stepSizeDown: 1, mode: "triangular" };
const cool = { peak: 1, warmupSteps: 2, keepSteps: 1, decaySteps: 1, finalSteps: 1 };
const stages = { peak: 1, warmupSteps: 2, stableSteps: 1, decaySteps: 1, decay: "linear" };
const greedy = { lr: 1, minLr: 0.1, maxLr: 2 };

/** TypeErrors: the wrong kind, once for each kind of option. */
const KINDS: Row[] = [
  ["constant", 1, "options", "an object of options", "1"],
  ["constant", { value: 1, x: 1 }, "x", "one of value", "an unknown key"],
  ["constant", {}, "value", RATE, "undefined"],
  ["constant", { value: null }, "value", RATE, "null"],
  ["stepDecay", { peak: 1, stepSize: "2" }, "stepSize", whole(1), '"2"'],
  ["polynomial", { ...wave, power: "2" }, "power", POSITIVE, '"2"'],
  ["polynomial", { ...wave, power: 1, cycle: 1 }, "cycle", "true or false", "1"],
  ["oneCycle", { ...wave, pctStart: "x" }, "pctStart", SHARE, '"x"'],
  ["tanhDecay", { ...wave, lower: "x" }, "lower", "a finite number", '"x"'],
  ["cosineAnnealing", { ...wave, past: 1 }, "past", PAST, "1"],
  ["multiStep", { peak: 1, milestones: 3 }, "milestones", "an array of steps", "3"],
  [
    "piecewiseConstant",
    { boundaries: [], values: 1 },
    "values",
    "an array of finite numbers >= 0",
    "1",
  ],
  ["lambda", { base: 1, factor: 2 }, "factor", "a function of the step", "2"],
  ["multiplicative", { base: 1, factor: 2 }, "factor", "a function of the step", "2"],
  ["scaled", { schedule: "x", scale: 1 }, "schedule", NESTED, '"x"'],
  ["scaled", { schedule: own, scale: 1 }, "schedule", NESTED, `function own${WRAP}`],
  ["chained", { schedules: ok }, "schedules", "an array of schedules", "function schedule"],
  ["chained", { schedules: [ok, "x"] }, "schedules[1]", NESTED, '"x"'],
  ["vector", { values: 3 }, "values", ITERABLE, "3"],
  ["vector", { values: "123" }, "values", ITERABLE, '"123"'],
  ["vector", { values: null }, "values", ITERABLE, "null"],
  ["vector", { values: [1, "2"] }, "values[1]", RATE, '"2"'],
];

/** RangeErrors: out of range by itself, or beside another option. */
const RANGES: Row[] = [
  ["constant", { value: -1 }, "value", RATE, "-1"],
  ["constant", { value: NaN }, "value", RATE, "NaN"],
  ["constant", { value: Infinity }, "value", RATE, "Infinity"],
  ["stepDecay", { peak: 1, stepSize: 0 }, "stepSize", whole(1), "0"],
  ["stepDecay", { peak: 1, stepSize: 1.5 }, "stepSize", whole(1), "1.5"],
  ["polynomial", { ...wave, power: 0 }, "power", POSITIVE, "0"],
  ["oneCycle", { ...wave, pctStart: 1 }, "pctStart", SHARE, "1"],
  ["oneCycle", { peak: 1, totalSteps: 1 }, "totalSteps", whole(2), "1"],
  ["tanhDecay", { ...wave, upper: Infinity }, "upper", "a finite number", "Infinity"],
  ["cosineAnnealing", { ...wave, past: "stay" }, "past", PAST, '"stay"'],
  ["multiStep", { peak: 1, milestones: [1, -1] }, "milestones[1]", whole(0), "-1"],
  [
    "multiStep",
    { peak: 1, milestones: [5, 2] },
    "milestones[1]",
    "at least the one before, 5",
    "2",
  ],
  [
    "piecewiseConstant",
    { boundaries: [2, 2], values: [1, 2, 3] },
    "boundaries[1]",
    "more than the one before, 2",
    "2",
  ],
  ["piecewiseConstant", { boundaries: [], values: [] }, "values", "at least one number", "[]"],
  ["piecewiseConstant", { boundaries: [], values: [-1] }, "values[0]", RATE, "-1"],
  [
    "piecewiseConstant",
    { boundaries: [1], values: [1] },
    "values",
    "2 values, to fit the boundaries",
    "1",
  ],
  [
    "piecewiseInterpolate",
    { boundaries: [1], values: [1, 2, 3], between: "linear" },
    "values",
    "2 values, to fit the boundaries",
    "3",
  ],
  [
    "piecewiseInterpolate",
    { boundaries: [0], values: [1, 2], between: "linear" },
    "boundaries[0]",
    "a step above 0",
    "0",
  ],
  [
    "scaled",
    { schedule: -1, scale: 1 },
    "schedule",
    `${RATE}, or a schedule of this package`,
    "-1",
  ],
  ["chained", { schedules: [] }, "schedules", "at least one schedule", "[]"],
  ["chained", { schedules: [ok, 0] }, "schedules[1]", "a schedule whose base is above 0", "0"],
  ["vector", { values: [] }, "values", "at least one value", "[]"],
  ["vector", { values: [1, NaN] }, "values[1]", RATE, "NaN"],
  [
    "sequential",
    { schedules: [1, 2], milestones: [] },
    "milestones",
    "1 step, one less than schedules",
    "0",
  ],
  [
    "sequential",
    { schedules: [1], milestones: [3] },
    "milestones",
    "0 steps, one less than schedules",
    "1",
  ],
  ["constantWithWarmup", { peak: 1, warmupSteps: 1, start: 2 }, "start", PEAK, "2"],
  ["linearWithWarmup", { ...warm, warmupSteps: 4 }, "warmupSteps", "less than totalSteps, 4", "4"],
  ["linearWithWarmup", { ...warm, floor: 2 }, "floor", PEAK, "2"],
  ["linearWithWarmup", { ...warm, start: 2 }, "start", PEAK, "2"],
  ["cosineWithWarmup", { ...warm, warmupSteps: 5 }, "warmupSteps", "less than totalSteps, 4", "5"],
  ["cosineWithWarmup", { ...warm, floor: 2 }, "floor", PEAK, "2"],
  ["cosineWithWarmup", { ...warm, cycles: 0 }, "cycles", POSITIVE, "0"],
  ["cosineWithHardRestarts", { ...warm, cycles: 1, floor: 2 }, "floor", PEAK, "2"],
  ["polynomialWithWarmup", { ...warm, power: 1, floor: 2 }, "floor", PEAK, "2"],
  ["polynomial", { ...wave, power: 1, floor: 2 }, "floor", PEAK, "2"],
  ["cosineAnnealing", { ...wave, floor: 2 }, "floor", PEAK, "2"],
  ["tanhDecay", { ...wave, floor: 2 }, "floor", PEAK, "2"],
  ["cyclic", { ...cycle, floor: 2 }, "floor", PEAK, "2"],
  ["warmRestarts", { peak: 1, t0: 1, floor: 2 }, "floor", PEAK, "2"],
  ["warmRestarts", { peak: 1, t0: 1, tMult: 0.5 }, "tMult", "a finite number >= 1", "0.5"],
  ["warmRestarts", { peak: 1, t0: 1, tMult: 1.0001 }, "tMult", "1, or at least 1.001", "1.0001"],
  ["annealingWithWarmupDecay", { ...warm, floor: 2, decay: "linear" }, "floor", PEAK, "2"],
  [
    "annealingWithWarmupDecay",
    { ...warm, floor: 0, warmupSteps: 4, decay: "linear" },
    "warmupSteps",
    "less than totalSteps, 4",
    "4",
  ],
  ["inverseSqrt", { peak: 1, warmupSteps: 1, start: 2 }, "start", PEAK, "2"],
  ["warmupStableDecay", { ...stages, floor: 2 }, "floor", PEAK, "2"],
  ["warmupStableDecay", { ...stages, start: 2 }, "start", PEAK, "2"],
  ["constantWithCoolDown", { ...cool, end1: 2 }, "end1", PEAK, "2"],
  ["constantWithCoolDown", { ...cool, end2: 2 }, "end2", PEAK, "2"],
  ["constantWithCoolDown", { ...cool, start: 2 }, "start", PEAK, "2"],
  [
    "triStage",
    { peak: 1, warmupSteps: 0, holdSteps: 0, decaySteps: 1, finalScale: 0 },
    "finalScale",
    POSITIVE,
    "0",
  ],
  [
    "oneCycle",
    { ...wave, pctStart: 0.6, threePhase: true },
    "pctStart",
    "at most 0.5 with threePhase",
    "0.6",
  ],
  ["reduceOnPlateau", { lr: 1, minLr: 2 }, "minLr", "at most the lr, 1", "2"],
  ["reduceOnPlateau", { lr: 1, factor: 1 }, "factor", SHARE, "1"],
  ["greedy", { ...greedy, minLr: 2 }, "minLr", "at most the lr, 1", "2"],
  ["greedy", { ...greedy, maxLr: 0.5 }, "lr", "at most the maxLr, 0.5", "1"],
];

function refuses(error: typeof TypeError | typeof RangeError, rows: readonly Row[]): void {
  for (const [name, options, what, expected, got] of rows) {
    const message = `"${what}" of ${name}: expected ${expected}, got ${got}`;
    test(message, () => {
      try {
        make(name, options);
      } catch (thrown) {
        assert.is((thrown as Error).message, message);
        assert.is((thrown as Error).constructor, error);
        return;
      }
      assert.unreachable("nothing was thrown");
    });
  }
}
refuses(TypeError, KINDS);
refuses(RangeError, RANGES);

test("every option of every schedule refuses what is no number, word or list", () => {
  for (const { schedule } of ALL_SAMPLES) {
    const name = schedule.name as ScheduleName;
    const options = given(schedule.options);
    for (const key of Object.keys(options)) {
      for (const wrong of [null, {}, Symbol("x"), NaN, "x"]) {
        assert.throws(
          () => make(name, { ...options, [key]: wrong }),
          (error: Error) => error.message.startsWith(`"${key}" of ${name}: expected `),
          `${name}.${key}`,
        );
      }
    }
  }
});

/** Data as options: with the schedules inside made again, as a caller would give them. */
function given(options: Options): Options {
  const entries = Object.entries(options).map(([key, value]) => {
    if (key === "schedule") return [key, scheduleFromData(value)];
    if (key === "schedules") return [key, (value as unknown[]).map(scheduleFromData)];
    return [key, value];
  });
  return Object.fromEntries(entries);
}

test("an iterable without end is refused at 10^7 values", () => {
  function* endless() {
    for (;;) yield 1;
  }
  const message = /^"values" of vector: expected at most 10000000 values, got /;
  assert.throws(() => vector({ values: endless() }), message);
});

test("there is a sample of every schedule that is data", () => {
  const functions = ["lambda", "multiplicative"];
  const expected = Object.keys(SCHEDULES).filter((name) => !functions.includes(name));
  assert.equal(Object.keys(SAMPLES).sort(), expected.sort());
});

test.run();
