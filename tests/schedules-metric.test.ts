import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type GreedyOptions,
  greedy,
  type MetricSchedule,
  type ReduceOnPlateauOptions,
  reduceOnPlateau,
  scaled,
} from "../src/schedules/index.ts";

const test = suite("schedules: metrics");

/** The rate before each step, where step k is followed by the metric k. */
function run(schedule: MetricSchedule<unknown>, metrics: readonly number[]): number[] {
  return metrics.map((metric, k) => {
    const rate = schedule(k);
    schedule.observe(metric);
    return Number(rate.toFixed(10));
  });
}
const plateau = (options: Omit<ReduceOnPlateauOptions, "lr">) =>
  reduceOnPlateau({ lr: 1, ...options });
const LOSSES = [1, 1, 1, 1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.4, 0.4, 0.4];

test("torch's ReduceLROnPlateau: patience 2", () => {
  const expected = [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01];
  assert.equal(run(plateau({ factor: 0.1, patience: 2 }), LOSSES), expected);
});

test("torch's ReduceLROnPlateau: cooldown 2 and a least rate", () => {
  const lr = plateau({ factor: 0.5, patience: 1, cooldown: 2, minLr: 0.2 });
  assert.equal(run(lr, LOSSES), [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25]);
  for (let i = 0; i < 20; i++) lr.observe(9);
  assert.is(lr(0), 0.2);
});

test("what counts as better: mode and threshold", () => {
  const bad = (options: Omit<ReduceOnPlateauOptions, "lr">, best: number, metric: number) => {
    const lr = plateau({ threshold: 0.1, ...options });
    lr.observe(best);
    lr.observe(metric);
    return lr.state().badEvaluations;
  };
  assert.is(bad({}, 10, 8.99), 0, "below 10 * 0.9");
  assert.is(bad({}, 10, 9.01), 1);
  assert.is(bad({ thresholdMode: "abs" }, 10, 9.89), 0, "below 10 - 0.1");
  assert.is(bad({ thresholdMode: "abs" }, 10, 9.91), 1);
  assert.is(bad({ mode: "max" }, 10, 11.01), 0, "above 10 * 1.1");
  assert.is(bad({ mode: "max" }, 10, 10.99), 1);
  assert.is(bad({ mode: "max", thresholdMode: "abs" }, 10, 10.11), 0, "above 10 + 0.1");
  assert.is(bad({ mode: "max", thresholdMode: "abs" }, 10, 10.09), 1);
});

test("NaN and infinite metrics are bad ones, in both modes", () => {
  for (const mode of ["min", "max"] as const) {
    const lr = plateau({ mode, patience: 2 });
    for (const metric of [NaN, Infinity, -Infinity]) lr.observe(metric);
    assert.equal(lr.state(), { lr: 0.1, best: null, badEvaluations: 0, cooldownLeft: 0 });
  }
});

test("a reduction by no more than eps is not made", () => {
  const lr = plateau({ patience: 0, factor: 0.5, eps: 0.5 });
  lr.observe(1);
  lr.observe(1);
  assert.is(lr(0), 1);
});

test("in the cooldown torch watches for a new best, Paddle does not", () => {
  const options = { patience: 0, factor: 0.5, cooldown: 2 };
  const metrics = [1, 2, 0.5, 0.6, 0.7];
  const torch = plateau(options);
  assert.equal(run(torch, metrics), [1, 1, 0.5, 0.5, 0.5]);
  assert.is(torch(9), 0.25, "0.7 is worse than 0.5");
  const paddle = plateau({ ...options, duringCooldown: "ignore" });
  assert.equal(run(paddle, metrics), [1, 1, 0.5, 0.5, 0.5]);
  assert.is(paddle(9), 0.5, "0.7 is better than 1");
});

test("state and restore: the rest of the run is the same", () => {
  const options = { factor: 0.5, patience: 1, cooldown: 2, minLr: 0.01 };
  for (let cut = 0; cut <= LOSSES.length; cut++) {
    const first = plateau(options);
    run(first, LOSSES.slice(0, cut));
    const second = plateau(options);
    second.restore(JSON.parse(JSON.stringify(first.state())));
    const rest = [...LOSSES.slice(cut), 1, 1, 1, 1];
    assert.equal(run(second, rest), run(first, rest), `cut at ${cut}`);
  }
});

test("they work inside of other schedules", () => {
  const lr = plateau({ patience: 0, factor: 0.5 });
  const half = scaled({ schedule: lr, scale: 0.5 });
  assert.is(half(3), 0.5);
  lr.observe(1);
  lr.observe(1);
  assert.is(half(4), 0.25);
  assert.is(lr.base, 1);
});

const range = { lr: 0.1, minLr: 1e-6, maxLr: 1, factor: 0.9, patience: 3 };
const climb = (options: Partial<GreedyOptions> = {}) => greedy({ ...range, ...options });
const feed = (lr: MetricSchedule<unknown>, ...metrics: number[]) => {
  for (const metric of metrics) lr.observe(metric);
  return Number(lr(0).toFixed(10));
};

test("greedy, as transformers' own tests have it: down, up, and its bounds", () => {
  assert.is(feed(climb(), 5, 10, 10, 10), 0.1);
  assert.is(feed(climb(), 5, 10, 10, 10, 10), 0.09, "more than patience");
  assert.is(feed(climb(), 8, 6.4, 5.12), 0.1);
  assert.is(feed(climb(), 8, 6.4, 5.12, 4.096), 0.1111111111);
  const worse = Array(50).fill(10);
  assert.is(feed(climb({ patience: 1, minLr: 0.01, factor: 0.5 }), 1, ...worse), 0.01);
  const better = Array.from({ length: 50 }, (_, i) => 10 - i / 10);
  assert.is(feed(climb({ patience: 1, maxLr: 0.2, factor: 0.5 }), ...better), 0.2);
});

test("greedy ignores metrics in its cooldown and its warm-up", () => {
  const cooling = climb({ patience: 2, cooldown: 3 });
  assert.is(feed(cooling, 5, 10, 10, 10), 0.09);
  assert.is(feed(cooling, 10, 10, 10), 0.09);
  assert.equal([cooling.state().cooldownLeft, cooling.state().badEvaluations], [0, 0]);
  assert.is(feed(cooling, 10, 10, 10), 0.081);
  const warming = climb({ patience: 2, warmup: 3 });
  assert.is(feed(warming, 8, 7, 6), 0.1111111111);
  assert.is(feed(warming, 5, 4, 3), 0.1111111111);
  assert.is(warming.state().best, 6, "what is ignored is no best");
});

test("greedy judges the mean of a window, without what is not finite", () => {
  const lr = climb({ smoothWindow: 3, patience: 10 });
  feed(lr, 10, 8, NaN, 6, 4);
  assert.equal(lr.state().window, [8, 6, 4]);
  assert.is(lr.state().best, 6);
  assert.is(lr.state().badEvaluations, 0);
});

test("greedy starts again after enough reductions at its least rate", () => {
  const lr = climb({ patience: 1, minLr: 0.01, factor: 0.5, resetStart: 2, cooldown: 1 });
  // 0.1, 0.05, 0.025, 0.0125, 0.01: the fourth reduction is the first at minLr.
  const rates = run(lr, [1, ...Array(20).fill(10)]);
  const reset = rates.lastIndexOf(0.01) + 1;
  assert.is(rates[reset], 0.1);
  assert.ok(rates.indexOf(0.01) > 0 && rates.indexOf(0.01) < reset);
  assert.is(rates.filter((rate) => rate === 0.01).length, 3, "a cooldown and two bad ones");
});

test("greedy's state goes through JSON", () => {
  const metrics = [10, 9, 8, 7, 6, 5, 6, 7, 8, 9, 9, 9, 9, 3, 2, 1, 0.5, 0.2];
  const options = { smoothWindow: 2, patience: 1, cooldown: 1, warmup: 1, resetStart: 2 };
  for (let cut = 0; cut <= metrics.length; cut++) {
    const first = climb(options);
    run(first, metrics.slice(0, cut));
    const second = climb(options);
    second.restore(JSON.parse(JSON.stringify(first.state())));
    assert.equal(run(second, metrics.slice(cut)), run(first, metrics.slice(cut)), `cut ${cut}`);
    assert.equal(second.state(), first.state());
  }
});

test.run();
