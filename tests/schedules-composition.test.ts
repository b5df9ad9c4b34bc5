import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  chained,
  constant,
  cosineAnnealing,
  describeSchedule,
  inverseSqrt,
  lambda,
  linearWarmup,
  linearWithWarmup,
  multiplicative,
  type Schedule,
  scaled,
  scaleSchedule,
  sequential,
  stepDecay,
} from "../src/schedules/index.ts";
import { ALL_SAMPLES } from "./reference/schedule-samples.ts";
import { assertValues } from "./reference/schedule-values.ts";

const test = suite("schedules: composition");
const MOST = Number.MAX_SAFE_INTEGER;
const named = (schedule: Schedule) => JSON.stringify(schedule.schedule);

test("a warm-up before any schedule, which starts at its own step 0", () => {
  const after = stepDecay({ peak: 1, stepSize: 2, gamma: 0.5 });
  const lr = linearWarmup({ warmupSteps: 3, start: 0.1, end: 0.7, schedule: after });
  assertValues(lr, [0.1, 0.3, 0.5, 1, 1, 0.5, 0.5, 0.25], 1e-15);
  assert.is(lr.base, 1);
});

test("or which has gone on under the warm-up", () => {
  const after = stepDecay({ peak: 1, stepSize: 2, gamma: 0.5 });
  const lr = linearWarmup({ warmupSteps: 3, end: 0.6, schedule: after, clock: "k" });
  assertValues(lr, [0, 0.2, 0.4, 0.5, 0.25, 0.25], 1e-15);
  assert.is(linearWarmup({ warmupSteps: 0, end: 9, schedule: after })(0), 1);
});

test("numbers stand for constants", () => {
  const lr = sequential({
    schedules: [1, linearWarmup({ warmupSteps: 1, end: 5, schedule: 2 })],
    milestones: [2],
  });
  assert.equal([0, 1, 2, 3, 4].map(lr), [1, 1, 0, 2, 2]);
  assert.is(lr.base, 2, "the largest base");
});

test("a sequence of three begins each at its own step 0", () => {
  const falling = stepDecay({ peak: 8, stepSize: 1, gamma: 0.5 });
  const lr = sequential({ schedules: [falling, falling, 3], milestones: [2, 5] });
  assert.equal([0, 1, 2, 3, 4, 5, MOST].map(lr), [8, 4, 8, 4, 2, 3, 3]);
});

test("chained schedules multiply what they make of their bases", () => {
  const half = stepDecay({ peak: 10, stepSize: 1, gamma: 0.5 });
  const lr = chained({ schedules: [stepDecay({ peak: 4, stepSize: 2, gamma: 0.1 }), half, half] });
  assertValues(lr, [4, 1, 0.025], 1e-15);
  assert.is(lr.base, 4);
});

test("the order in which steps are asked for changes nothing", () => {
  const own = [
    multiplicative({ base: 2, factor: (k) => 1 - 1 / (k + 2) }),
    lambda({ base: 2, factor: (k) => 1 / (k + 1) }),
  ];
  for (const schedule of [...ALL_SAMPLES, ...own]) {
    const upwards = Array.from({ length: 60 }, (_, k) => schedule(k));
    for (let i = 0; i < 60; i++) {
      const k = (i * 37 + 11) % 60;
      assert.ok(Object.is(schedule(k), upwards[k]), `${named(schedule)} at ${k}`);
    }
    for (let k = 59; k >= 0; k--) {
      assert.ok(Object.is(schedule(k), upwards[k]), `${named(schedule)} down to ${k}`);
    }
  }
});

test("composing with a schedule does not change it", () => {
  const inner = cosineAnnealing({ peak: 1, totalSteps: 9, floor: 0.1 });
  const before = describeSchedule(inner, 20);
  for (const outer of [
    scaled({ schedule: inner, scale: 3 }),
    chained({ schedules: [inner, inner] }),
    sequential({ schedules: [inner, inner], milestones: [4] }),
    linearWarmup({ warmupSteps: 4, end: 1, schedule: inner }),
    scaleSchedule(inner, { ratio: 0.5 }),
  ]) {
    describeSchedule(outer, 20);
  }
  assert.equal(describeSchedule(inner, 20), before);
});

test("every schedule is finite and >= 0 from step 0 to the last safe integer", () => {
  const steps = [0, 1, 2, 3, 1e3, 1e6 + 1, 2 ** 31, 2 ** 32 + 1, 2 ** 40, 2 ** 52 + 1, MOST];
  for (const schedule of ALL_SAMPLES) {
    for (const { k, value } of describeSchedule(schedule, steps)) {
      assert.ok(Number.isFinite(value) && value >= 0, `${named(schedule)} at ${k}: ${value}`);
    }
  }
});

test("scaling twice as long asks for every second step's value", () => {
  // Warm-ups of "k/(W-1)" and "(k+1)/W" and rates one ahead are not stretched by whole steps.
  const stepwise = /"k\/\(W-1\)"|"\(k\+1\)\/W"|"k-W\+1"|"k\+1"|"previous"|"whole"|"pctStart"/;
  const refused = /"expRange"|"vector"|"noam"|"greedy"|"reduceOnPlateau"/;
  let compared = 0;
  for (const schedule of ALL_SAMPLES) {
    if (refused.test(named(schedule))) {
      assert.throws(() => scaleSchedule(schedule, { ratio: 2 }), RangeError);
      continue;
    }
    const long = scaleSchedule(schedule, { ratio: 2, scaleWarmup: true });
    if (stepwise.test(named(schedule))) continue;
    compared++;
    for (let k = 0; k < 40; k++) {
      const [got, want] = [long(2 * k), schedule(k)];
      assert.ok(Math.abs(got - want) < 1e-14, `${named(schedule)} at ${k}: ${want}, got ${got}`);
    }
  }
  assert.ok(compared >= 25, `only ${compared} compared`);
});

test("scaling keeps the warm-up unless asked, and cuts to whole steps", () => {
  const lr = linearWithWarmup({ peak: 1, warmupSteps: 4, totalSteps: 15 });
  assert.equal(scaleSchedule(lr, { ratio: 0.5 }).schedule.options, {
    ...lr.schedule.options,
    totalSteps: 7,
  });
  const both = scaleSchedule(lr, { ratio: 0.5, scaleWarmup: true }).schedule.options;
  assert.equal([both.warmupSteps, both.totalSteps], [2, 7]);
});

test("scaled inverseSqrt without a warm-up: the timescale of 10,000 is scaled", () => {
  const lr = inverseSqrt({ peak: 1, warmupSteps: 0 });
  const { options } = scaleSchedule(lr, { ratio: 2 }).schedule;
  assert.equal([options.warmupSteps, options.timescale], [0, 20_000]);
});

test("describeSchedule gives points, for a count or for steps", () => {
  const lr = linearWithWarmup({ peak: 1, warmupSteps: 2, totalSteps: 4 });
  assert.equal(describeSchedule(lr, 3), [
    { k: 0, value: 0 },
    { k: 1, value: 0.5 },
    { k: 2, value: 1 },
  ]);
  assert.equal(describeSchedule(lr, [3, 1]), [
    { k: 3, value: 0.5 },
    { k: 1, value: 0.5 },
  ]);
  assert.equal(describeSchedule(0.1, 1), [{ k: 0, value: 0.1 }]);
  assert.equal(describeSchedule(0, 1), [{ k: 0, value: 0 }]);
  assert.equal(describeSchedule(constant({ value: 1 }), 0), []);
});

test.run();
