import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  chained,
  constant,
  describeSchedule,
  greedy,
  linearWarmup,
  type MetricSchedule,
  reduceOnPlateau,
  type Schedule,
  type ScheduleData,
  scaled,
  scaleSchedule,
  scheduleFromData,
  sequential,
} from "../src/schedules/index.ts";
import { holds } from "./reference/property.ts";
import { leafData, scheduleData, stepIndex } from "./reference/schedule-arbitraries.ts";

const test = suite("properties: schedules");

const someSteps = fc.array(stepIndex, { minLength: 1, maxLength: 20 });
const schedule = scheduleData.map(scheduleFromData);
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });

function assertSame(actual: Schedule, expected: (k: number) => number, steps: readonly number[]) {
  for (const k of steps) assert.ok(Object.is(actual(k), expected(k)), `step ${k}`);
}

test("pure: the order in which steps are asked for, and how often, changes no value", () => {
  holds(
    fc.property(scheduleData, someSteps, (data, steps) => {
      const [a, b] = [scheduleFromData(data), scheduleFromData(data)];
      const ascending = [...steps].sort((x, y) => x - y);
      const values = new Map(ascending.map((k) => [k, a(k)]));
      assertSame(b, (k) => values.get(k) ?? Number.NaN, [
        ...steps,
        ...ascending.reverse(),
        ...steps,
      ]);
      assertSame(a, b, steps);
    }),
    600,
  );
});

test("data: what a schedule says of itself makes the same schedule, also after JSON", () => {
  holds(
    fc.property(schedule, someSteps, (original, steps) => {
      for (const data of [original.schedule, JSON.parse(JSON.stringify(original.schedule))]) {
        const again = scheduleFromData(data);
        assert.equal(again.schedule, original.schedule);
        assert.ok(Object.is(again.base, original.base));
        assertSame(again, original, steps);
      }
    }),
    600,
  );
});

test("every value is finite and >= 0, from step 0 to the last safe integer", () => {
  holds(
    fc.property(schedule, someSteps, (lr, steps) => {
      // describeSchedule throws for any other value, as the optimizer does.
      describeSchedule(lr, [...steps, 0, Number.MAX_SAFE_INTEGER]);
    }),
    1500,
  );
});

/** Schedules whose rate is a share of the peak, whatever the step. */
const bounded = leafData.filter(({ name, options }) => {
  return "peak" in options && !["triStage", "exponential", "tanhDecay"].includes(name);
});

test("no shape passes its peak", () => {
  holds(
    fc.property(bounded, someSteps, (data, steps) => {
      const lr = scheduleFromData(data);
      // Two sums and a product round: by a few units in the last place.
      for (const k of steps) assert.ok(lr(k) <= lr.base * (1 + 2 ** -50), `${lr(k)} at ${k}`);
    }),
    800,
  );
});

test("scaled, chained, sequential and linearWarmup are made of their schedules' values", () => {
  const two = fc.tuple(schedule, schedule);
  holds(
    fc.property(
      two,
      real(0, 3),
      fc.integer({ min: 1, max: 50 }),
      someSteps,
      ([a, b], c, m, steps) => {
        assertSame(scaled({ schedule: a, scale: c }), (k) => a(k) * c, steps);
        assert.ok(Object.is(scaled({ schedule: a, scale: c }).base, a.base * c));
        const joined = sequential({ schedules: [a, b], milestones: [m] });
        assertSame(joined, (k) => (k < m ? a(k) : b(k - m)), steps);
        assert.is(joined.base, Math.max(a.base, b.base));
        if (b.base > 0) {
          assertSame(chained({ schedules: [a, b] }), (k) => a(k) * (b(k) / b.base), steps);
        }
        const warm = { warmupSteps: m, end: c, schedule: a };
        const after = steps.filter((k) => k >= m);
        assertSame(linearWarmup(warm), (k) => a(k - m), after);
        assertSame(linearWarmup({ ...warm, clock: "k" }), a, after);
      },
    ),
    400,
  );
});

test("the neutral compositions change nothing: one schedule, scale 1, no warm-up, ratio 1", () => {
  holds(
    fc.property(schedule, someSteps, (lr, steps) => {
      for (const same of [
        scaled({ schedule: lr, scale: 1 }),
        chained({ schedules: [lr] }),
        sequential({ schedules: [lr], milestones: [] }),
        linearWarmup({ warmupSteps: 0, end: 1, schedule: lr }),
        ...stretched(lr),
      ]) {
        assertSame(same, lr, steps);
        assert.is(same.base, lr.base);
      }
      if (lr.base > 0)
        assertSame(chained({ schedules: [1, constant({ value: 5 })] }), () => 1, steps);
    }),
    400,
  );
});

/** The schedule at its own length, unless it is one that says that it cannot be stretched. */
function stretched(lr: Schedule): Schedule[] {
  try {
    return [scaleSchedule(lr, { ratio: 1, scaleWarmup: true })];
  } catch (error) {
    assert.match((error as Error).message, /expected one that can be scaled/);
    return [];
  }
}

test("a warm-up downwards is no exception: never below 0", () => {
  const falling = fc.record({
    warmupSteps: fc.integer({ min: 1, max: 100 }),
    start: real(0.001, 1),
    end: fc.oneof(fc.constant(0), real(0, 0.001)),
    schedule: fc.constant(1),
    ramp: fc.constantFrom<"k/W" | "(k+1)/W" | "k/(W-1)">("k/W", "(k+1)/W", "k/(W-1)"),
  });
  holds(
    fc.property(falling, (options) => {
      describeSchedule(linearWarmup(options), options.warmupSteps);
    }),
    1000,
  );
});

test("a rate of 0 that grows or decays is 0 and no NaN, however far", () => {
  const zero: fc.Arbitrary<ScheduleData> = fc.oneof(
    fc.record({
      name: fc.constantFrom("stepDecay"),
      options: fc.record({ peak: fc.constant(0), stepSize: fc.constant(1), gamma: real(0, 3) }),
    }),
    fc.record({
      name: fc.constantFrom("exponential"),
      options: fc.record({ peak: fc.constant(0), gamma: real(0, 3) }),
    }),
    fc.record({
      name: fc.constantFrom("naturalExp", "inverseTime"),
      options: fc.record({ peak: fc.constant(0), rate: real(0, 3) }),
    }),
  );
  holds(
    fc.property(zero, stepIndex, (data, k) => {
      assert.is(scheduleFromData(data)(k), 0);
    }),
    300,
  );
});

const metrics = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: real(-10, 10) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
  ),
  { maxLength: 40 },
);
const mode = fc.constantFrom<"min" | "max">("min", "max");

function observed<State>(lr: MetricSchedule<State>, values: readonly number[]): number[] {
  return values.map((value) => {
    lr.observe(value);
    return lr(0);
  });
}

/** A schedule restored from another one's state goes on as that one does. */
function assertRestores<State>(
  make: () => MetricSchedule<State>,
  before: readonly number[],
  after: readonly number[],
) {
  const [a, b] = [make(), make()];
  observed(a, before);
  b.restore(JSON.parse(JSON.stringify(a.state())) as State);
  assert.equal(observed(b, after), observed(a, after));
  assert.equal(b.state(), a.state());
}

test("reduceOnPlateau only falls, never below minLr, and goes on from its state", () => {
  const options = fc.record({
    lr: real(0.1, 1),
    mode,
    factor: real(0.1, 0.9),
    patience: fc.nat(4),
    cooldown: fc.nat(4),
    minLr: real(0, 0.1),
    thresholdMode: fc.constantFrom<"rel" | "abs">("rel", "abs"),
    duringCooldown: fc.constantFrom<"watch" | "ignore">("watch", "ignore"),
  });
  holds(
    fc.property(options, metrics, metrics, (given, before, after) => {
      const rates = [given.lr, ...observed(reduceOnPlateau(given), [...before, ...after])];
      for (const [i, rate] of rates.entries()) {
        assert.ok(rate >= given.minLr && rate <= (rates[i - 1] ?? rate), `${rate} at ${i}`);
      }
      assertRestores(() => reduceOnPlateau(given), before, after);
    }),
    300,
  );
});

test("greedy stays between minLr and maxLr, and goes on from its state", () => {
  const options = fc.record({
    lr: real(0.1, 1),
    minLr: real(0, 0.1),
    maxLr: real(1, 3),
    mode,
    factor: real(0.1, 0.9),
    patience: fc.nat(3),
    cooldown: fc.nat(2),
    warmup: fc.nat(2),
    resetStart: fc.integer({ min: 1, max: 4 }),
    smoothWindow: fc.integer({ min: 1, max: 5 }),
  });
  holds(
    fc.property(options, metrics, metrics, (given, before, after) => {
      for (const rate of observed(greedy(given), [...before, ...after])) {
        assert.ok(rate >= given.minLr && rate <= given.maxLr, `${rate}`);
      }
      assertRestores(() => greedy(given), before, after);
    }),
    300,
  );
});

test.run();
