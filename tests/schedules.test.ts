import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cosineWithWarmup } from "../src/index.ts";
import { describeScheduled, showScheduled } from "../src/schedules/schedule.ts";

const test = suite("schedules");

test("cosineWithWarmup has the values of transformers' schedule", () => {
  // get_cosine_schedule_with_warmup(num_warmup_steps=2, num_training_steps=10), base 10.
  const expected = [
    0, 5, 10, 9.61939766, 8.53553391, 6.91341716, 5, 3.08658284, 1.46446609, 0.38060234, 0,
  ];
  const lr = cosineWithWarmup({ peak: 10, warmupSteps: 2, totalSteps: 10 });
  expected.forEach((value, k) => {
    assert.ok(Math.abs(lr(k) - value) < 1e-8, `step ${k}: expected ${value}, got ${lr(k)}`);
  });
});

test("it starts at start, ends at floor and stays there", () => {
  const lr = cosineWithWarmup({ peak: 1, warmupSteps: 4, totalSteps: 8, floor: 0.25, start: 0.5 });
  assert.equal([0, 2, 4, 6, 8, 9, 1e9].map(lr), [0.5, 0.75, 1, 0.625, 0.25, 0.25, 0.25]);
  assert.is(cosineWithWarmup({ peak: 3, warmupSteps: 0, totalSteps: 2 })(0), 3);
  const flat = cosineWithWarmup({ peak: 2, warmupSteps: 1, totalSteps: 3, floor: 2, start: 2 });
  assert.equal([0, 1, 2, 3].map(flat), [2, 2, 2, 2]);
});

test("it is data too", () => {
  const options = { peak: 0.5, warmupSteps: 1, totalSteps: 5 };
  const lr = cosineWithWarmup(options);
  assert.is(lr.base, 0.5);
  assert.equal(describeScheduled(lr), {
    name: "cosineWithWarmup",
    options: { ...options, floor: 0, start: 0 },
  });
  assert.is(
    showScheduled(lr),
    "cosineWithWarmup(peak 0.5, warmupSteps 1, totalSteps 5, floor 0, start 0)",
  );
  assert.is(showScheduled(0.1), "0.1");
  assert.is(
    showScheduled(() => 1),
    "function",
  );
  assert.throws(() => Object.assign(lr, { base: 1 }));
  assert.is(describeScheduled(Object.assign(() => 1, { schedule: {} })), "function");
});

test.run();
