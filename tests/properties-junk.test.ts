import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  adamw,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  dynamicLossScale,
  families,
  layerDecay,
  noDecayOn,
  staticLossScale,
  WeightAverage,
} from "../src/index.ts";
import {
  describeSchedule,
  durationSteps,
  scaleSchedule,
  scheduleFromData,
  vector,
} from "../src/schedules/index.ts";
import { judged, junk } from "./reference/junk.ts";
import { holds } from "./reference/property.ts";
import { scheduleData } from "./reference/schedule-arbitraries.ts";

const test = suite("properties: junk for functions is refused as documented, or works");

// Whatever the types say: these are the calls that they forbid.
type Wrong = never;
type Calls = Record<string, (value: unknown) => unknown>;

/** The same call with each key in turn for the junk. */
function each(keys: string, what: string, call: (options: object) => unknown): Calls {
  const calls = keys.split(" ").map((key) => {
    return [`${what}.${key}`, (value: unknown) => call({ [key]: value })] as const;
  });
  return Object.fromEntries(calls);
}

function allHold(calls: Calls, runs: number): void {
  holds(
    fc.property(fc.constantFrom(...Object.keys(calls)), junk, (which, value) => {
      judged(() => calls[which](value));
    }),
    runs,
  );
}

/** A schedule that was accepted gives numbers, or an error of ours past its end. */
function assertNumbers(schedule: ((k: number) => number) | undefined): void {
  for (const k of schedule ? [0, 1, 7] : []) {
    const value = judged(() => [schedule?.(k)]);
    if (value) assert.type(value[0], "number", `step ${k}`);
  }
}

test("schedules: one wrong option among good ones", () => {
  holds(
    fc.property(scheduleData, fc.nat(), junk, ({ name, options }, which, value) => {
      const keys = Object.keys(options);
      const key = keys[which % keys.length];
      const data = { name, options: { ...options, [key]: value } };
      assertNumbers(judged(() => scheduleFromData(data), key));
    }),
    500,
  );
});

test("schedules: a list with a hole in it is refused", () => {
  holds(
    fc.property(scheduleData, fc.nat(), ({ name, options }, at) => {
      for (const [key, value] of Object.entries(options)) {
        if (!Array.isArray(value) || value.length === 0) continue;
        const list: unknown[] = [...value];
        delete list[at % list.length];
        const data = { name, options: { ...options, [key]: list } };
        assert.is(
          judged(() => scheduleFromData(data), key),
          undefined,
          `${name}.${key}`,
        );
      }
    }),
    300,
  );
});

test("schedules: whole arguments and tools", () => {
  const lr = scheduleFromData({ name: "constant", options: { value: 1 } });
  allHold(
    {
      scheduleFromData: (value) => assertNumbers(scheduleFromData(value)),
      vector: (value) => assertNumbers(vector({ values: value } as Wrong)),
      k: (value) => lr(value as Wrong),
      "scaleSchedule, schedule": (value) => scaleSchedule(value as Wrong, { ratio: 2 }),
      "scaleSchedule, options": (value) => scaleSchedule(lr, value as Wrong),
      ...each("ratio scaleWarmup", "scaleSchedule", (given) => scaleSchedule(lr, given as Wrong)),
      "describeSchedule, schedule": (value) => describeSchedule(value as Wrong, 3),
      "describeSchedule, steps": (value) => describeSchedule(lr, fewer(value) as Wrong),
      "durationSteps, duration": (value) => durationSteps(value as Wrong),
      "durationSteps, units": (value) => durationSteps("2ep", value as Wrong),
      ...each("stepsPerEpoch totalSteps", "durationSteps", (given) =>
        durationSteps("2ep", given as Wrong),
      ),
    },
    1200,
  );
});

/** 10^7 points are allowed, but take their time. */
const fewer = (steps: unknown) => (typeof steps === "number" ? steps % 1000 : steps);

test("layer decay and decay filters", () => {
  const names = ["bert.encoder.layer.0.w", "bert.encoder.layer.1.w", "classifier.weight"];
  const infos = names.map((name) => ({ name, shape: [1], length: 1, group: "g" }));
  const resolved = (options: object) =>
    layerDecay({ rate: 0.5, layerOf: families.bert, ...options } as Wrong).resolve(infos);
  allHold(
    {
      layerDecay: (value) => layerDecay(value as Wrong),
      ...each("rate layerOf layers convention minScale unmatched", "layerDecay", resolved),
      "layerDecay, a place": (value) => resolved({ layerOf: () => value }),
      noDecayOn: (value) => noDecayOn(value as Wrong),
      "noDecayOn, a pattern": (value) => noDecayOn([value] as Wrong),
    },
    600,
  );
});

test("clips and loss scales", () => {
  allHold(
    {
      clipByGlobalNorm: (value) => clipByGlobalNorm(value as Wrong),
      "clipByGlobalNorm, options": (value) => clipByGlobalNorm(1, value as Wrong),
      clipByNorm: (value) => clipByNorm(value as Wrong),
      clipByValue: (value) => clipByValue(value as Wrong),
      ...each("min max", "clipByValue", (given) => clipByValue(1, given as Wrong)),
      clipAdaptive: (value) => clipAdaptive(value as Wrong),
      ...each("floor convention", "clipAdaptive", (given) => clipAdaptive(1, given as Wrong)),
      staticLossScale: (value) => staticLossScale(value as Wrong),
      dynamicLossScale: (value) => dynamicLossScale(value as Wrong),
      ...each(
        "initialScale growthFactor backoffFactor growthInterval decreaseEvery minScale maxScale",
        "dynamicLossScale",
        (given) => dynamicLossScale(given as Wrong),
      ),
      restore: (value) => dynamicLossScale().restore(value as Wrong),
      ...each("scale finiteSteps nonFiniteSteps kind", "restore", (given) => {
        const scale = dynamicLossScale();
        scale.restore({ ...scale.state(), ...given });
      }),
      update: (value) => dynamicLossScale().update(value as Wrong),
    },
    500,
  );
});

test("the functional form and weight averages", () => {
  const array = () => [Float32Array.of(1)];
  const good: unknown[] = [array(), array(), array(), array(), [], [1], {}];
  const call = adamw as (...all: unknown[]) => void;
  const argument = (at: number) => (value: unknown) =>
    call(...good.map((one, i) => (i === at ? value : one)));
  const calls = good.map((_, at) => [`adamw, argument ${at}`, argument(at)] as const);
  allHold(
    {
      ...Object.fromEntries(calls),
      ...each("lr weightDecay beta1 beta2 eps amsgrad maximize", "adamw", (options) =>
        call(...good.slice(0, 6), options),
      ),
      WeightAverage: (value) => new WeightAverage(value as Wrong),
    },
    400,
  );
});

test.run();
