import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SCHEDULES } from "../src/schedules/from-data.ts";
import {
  constant,
  cyclic,
  describeSchedule,
  durationSteps,
  greedy,
  lambda,
  linearWithWarmup,
  multiplicative,
  reduceOnPlateau,
  type ScheduleData,
  scaled,
  scaleSchedule,
  scheduleFromData,
} from "../src/schedules/index.ts";

const test = suite("schedules: call errors");

// biome-ignore lint/suspicious/noExplicitAny: the point is to pass what the types forbid
type Wrong = any;
/** Message: "what" of where: expected `expected`, got `got`. */
type Row = [act: () => unknown, what: string, expected: string, got: string];

const whole = (least: number, most = 9007199254740991) => `a whole number from ${least} to ${most}`;
const ok = constant({ value: 1 });
const own = lambda({ base: 1, factor: () => 1 });
const product = multiplicative({ base: 1, factor: () => 1 });
const exponent = { floor: 0, peak: 1, stepSizeUp: 1, stepSizeDown: 1, mode: "expRange" } as const;
const warm = linearWithWarmup({ peak: 1, warmupSteps: 2, totalSteps: 4 });
const plateau = reduceOnPlateau({ lr: 1 });
const climb = greedy({ lr: 1, minLr: 0.1, maxLr: 2 });
const deep = () => {
  let data: ScheduleData = ok.schedule;
  for (let i = 0; i < 101; i++) data = { name: "scaled", options: { schedule: data, scale: 1 } };
  return data;
};
const inside = (data: unknown) => ({ name: "scaled", options: { schedule: data, scale: 1 } });

const NAMES = `one of ${Object.keys(SCHEDULES).join(", ")}`;
const OPTIONS = "an object of options";
const DATA = "a schedule that is wholly data";
const MAKE = '"lambda". Make it with lambda() and its function';
const DURATION = 'a duration such as "10ba", "2ep", "0.9dur", "1024sp" or "8192tok"';
const KEYS = "one of lr, best, badEvaluations, cooldownLeft";
const SCALED = "one that can be scaled";
const NESTS = "at most 100 schedules inside each other";

const state = (changes: object): Wrong => ({ ...plateau.state(), ...changes });
const greedyState = (changes: object): Wrong => ({ ...climb.state(), ...changes });
const scale = (schedule: Wrong, ratio = 1) => scaleSchedule(schedule, { ratio });

/** TypeErrors, by the function that throws them. */
const KINDS: Record<string, Row[]> = {
  constant: [[() => ok("1" as Wrong), "k", whole(0), '"1"']],
  reduceOnPlateau: [[() => plateau.observe("1" as Wrong), "metric", "a number", '"1"']],
  greedy: [[() => climb.observe(undefined as Wrong), "metric", "a number", "undefined"]],
  "reduceOnPlateau's state": [
    [() => plateau.restore(3 as Wrong), "options", OPTIONS, "3"],
    [() => plateau.restore(state({ best: "x" })), "best", "a finite number or null", '"x"'],
    [() => plateau.restore(state({ lr: null })), "lr", "a finite number >= 0", "undefined"],
    [() => plateau.restore(state({ more: 1 })), "more", KEYS, "an unknown key"],
  ],
  "greedy's state": [
    [() => climb.restore(greedyState({ window: 1 })), "window", "an array of numbers", "1"],
  ],
  scheduleFromData: [
    [() => scheduleFromData(3), "data", "the data of a schedule", "3"],
    [() => scheduleFromData({ name: "constant" }), "data", "the data of a schedule", "an object"],
    [() => scheduleFromData({ name: "constant", options: [] }), "data.options", OPTIONS, "[]"],
    [() => scheduleFromData(own.schedule), "data", DATA, MAKE],
    [() => scheduleFromData(inside(own.schedule)), "data.options.schedule", DATA, MAKE],
    [
      () => scheduleFromData(product.schedule),
      "data",
      DATA,
      '"multiplicative". Make it with multiplicative() and its function',
    ],
  ],
  scaleSchedule: [[() => scale(3), "schedule", "a schedule of this package", "3"]],
  durationSteps: [
    [() => durationSteps(3 as Wrong), "duration", DURATION, "3"],
    [() => durationSteps("2ep"), "stepsPerEpoch", "a number, to read 2ep", "undefined"],
  ],
  describeSchedule: [
    [
      () => describeSchedule("x" as Wrong, 1),
      "schedule",
      "a finite number >= 0, or a schedule (k) => number",
      '"x"',
    ],
    [() => describeSchedule(1, "x" as Wrong), "steps", "a number or an array of steps", '"x"'],
  ],
};

/** RangeErrors, by the function that throws them. */
const RANGES: Record<string, Row[]> = {
  constant: [
    [() => ok(-1), "k", whole(0), "-1"],
    [() => ok(0.5), "k", whole(0), "0.5"],
    [() => ok(2 ** 53), "k", whole(0), "9007199254740992"],
  ],
  "reduceOnPlateau's state": [
    [() => plateau.restore(state({ badEvaluations: 0.5 })), "badEvaluations", whole(0), "0.5"],
  ],
  "greedy's state": [
    [() => climb.restore(greedyState({ resetLeft: -1 })), "resetLeft", whole(0), "-1"],
  ],
  scheduleFromData: [
    [() => scheduleFromData({ name: "toString", options: {} }), "data.name", NAMES, '"toString"'],
    [() => scheduleFromData(deep()), `data${".options.schedule".repeat(100)}`, NESTS, "101"],
  ],
  scaleSchedule: [
    [() => scale(ok, 0), "ratio", "a finite number > 0", "0"],
    [() => scale(own), "schedule", `${SCALED} (it is a function of its own)`, '"lambda"'],
    [
      () => scale(scaled({ schedule: product, scale: 1 })),
      "schedule",
      `${SCALED} (it is a function of its own)`,
      '"multiplicative"',
    ],
    [() => scale(plateau), "schedule", `${SCALED} (it follows a metric)`, '"reduceOnPlateau"'],
    [() => scale(cyclic(exponent)), "schedule", `${SCALED} (its gamma counts steps)`, '"cyclic"'],
  ],
  linearWithWarmup: [[() => scale(warm, 0.5), "warmupSteps", "less than totalSteps, 2", "2"]],
  durationSteps: [
    [() => durationSteps("3h"), "duration", DURATION, '"3h"'],
    [() => durationSteps("1.5ep", { stepsPerEpoch: 3 }), "duration", DURATION, '"1.5ep"'],
  ],
  describeSchedule: [
    [() => describeSchedule(1, -1), "steps", whole(0, 10_000_000), "-1"],
    [() => describeSchedule(1, [0, -2]), "steps[1]", whole(0), "-2"],
    [
      () => describeSchedule(1, new Array(10_000_001)),
      "steps",
      "at most 10000000 steps",
      "10000001",
    ],
  ],
  "describeSchedule at step 0": [
    [
      () => describeSchedule(() => NaN, 1),
      "schedule",
      "its schedule to give a finite number >= 0",
      "NaN",
    ],
  ],
};

function refuses(error: typeof TypeError | typeof RangeError, table: Record<string, Row[]>): void {
  for (const [where, rows] of Object.entries(table)) {
    for (const [act, what, expected, got] of rows) {
      const message = `"${what}" of ${where}: expected ${expected}, got ${got}`;
      test(message.slice(0, 120), () => {
        const before = [plateau.state(), climb.state()];
        try {
          act();
        } catch (thrown) {
          assert.is((thrown as Error).message, message);
          assert.is((thrown as Error).constructor, error);
          assert.equal([plateau.state(), climb.state()], before, "what is refused changes nothing");
          return;
        }
        assert.unreachable("nothing was thrown");
      });
    }
  }
}
refuses(TypeError, KINDS);
refuses(RangeError, RANGES);

test.run();
