import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AshlarError, WeightAverage, type WeightAverageState } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("weight average, state");

const weights = (seed: number) => ({ a: realistic(3, seed), b: realistic(40, seed) });
const OPTIONS = { alpha: 0.3, interleaveSteps: 2, fusedSteps: 4 };

function train(optimizer: AdamW, averages: readonly WeightAverage[], from: number, to: number) {
  for (let k = from; k < to; k++) {
    optimizer.step(weights(k));
    for (const average of averages) average.update();
  }
}

/** Through JSON, as a file would have it. */
function stored(state: WeightAverageState): WeightAverageState {
  const { average, ...plain } = state;
  const arrays = average && Object.entries(average).map(([name, w]) => [name, [...w]] as const);
  const text = JSON.stringify({ ...plain, arrays });
  const { arrays: read, ...rest } = JSON.parse(text);
  const named = read?.map(([name, w]: [string, number[]]) => [name, Float32Array.from(w)]);
  return { ...rest, average: named ? Object.fromEntries(named) : null };
}

for (const stop of [0, 1, 3, 5, 8, 9, 12]) {
  test(`interrupted after ${stop} steps equals uninterrupted`, () => {
    const [one, other] = [new AdamW(weights(1)), new AdamW(weights(1))];
    const whole = new WeightAverage(one, OPTIONS);
    train(one, [whole], 0, 21);
    const first = new WeightAverage(other, OPTIONS);
    train(other, [first], 0, stop);
    const state = stored(first.state());
    const second = new WeightAverage(other, OPTIONS);
    second.restore(state);
    train(other, [second], stop, 21);
    assert.is(other.digest(), one.digest());
    assert.equal(second.state(), whole.state());
    for (const name of ["a", "b"]) {
      const [a, b] = [whole, second].map((average) => average.average()?.[name] as Float32Array);
      assert.is(differingBits(a, b), -1);
    }
  });
}

test("a state holds copies, and is copied", () => {
  const optimizer = new AdamW(weights(1));
  const average = new WeightAverage(optimizer, OPTIONS);
  train(optimizer, [average], 0, 4);
  const state = average.state();
  const kept = structuredClone(state);
  state.average?.b.fill(3);
  assert.equal(average.state(), kept);
  average.restore(state);
  state.average?.b.fill(4);
  assert.is(average.average()?.b[0], 3);
});

test("a sample that was missed is an error, and not the last", () => {
  const optimizer = new AdamW(weights(1));
  const average = new WeightAverage(optimizer, { interleaveSteps: 3 });
  train(optimizer, [], 0, 3);
  average.update();
  assert.is(average.samples, 1, "late only where nothing was due");
  train(optimizer, [], 3, 7);
  const before = average.state();
  for (let i = 0; i < 2; i++) {
    assertRefused(
      () => average.update(),
      RangeError,
      '"update" of WeightAverage: expected a call after step 6, when a sample was due, got 7. ' +
        "Call it after every step",
    );
  }
  assert.equal(average.state(), before);
});

test("an average that the model copy cannot hold is not merged", () => {
  const options = { precision: { model: "float16" }, lr: 64, weightDecay: 0 } as const;
  const optimizer = new AdamW({ w: Float32Array.of(1, 65_472) }, options);
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 1 });
  assert.equal(optimizer.step({ w: Float32Array.of(0, -1) }).overflowed, [
    { parameter: "w", count: 1 },
  ]);
  const before = optimizer.digest();
  assertRefused(
    () => average.update(),
    RangeError,
    '"weights[1]" of parameter "w": expected a number finite as float16, got 65536',
  );
  assert.is(optimizer.digest(), before);
  assert.is(average.samples, 1);
  const again = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 1 });
  again.restore(average.state());
  assert.is(average.update(), false, "the step was seen");
  optimizer.step({ w: Float32Array.of(0, 1e9) });
  optimizer.step({ w: Float32Array.of(0, 1e9) });
  const expected = '"update" of WeightAverage: expected a call after step 2, when a sample was due';
  assertRefused(() => again.update(), RangeError, `${expected}, got 3. Call it after every step`);
});

test("a refused merge is tried again at the next sample, whose state can be restored", () => {
  const options = { precision: { model: "float16" }, lr: 0 } as const;
  const optimizer = new AdamW({ w: Float32Array.of(1) }, options);
  const settings = { interleaveSteps: 1, fusedSteps: 1, alpha: 0.5 };
  const average = new WeightAverage(optimizer, settings);
  for (const [weight, merges] of [
    [1e6, null],
    [1e6, null],
    [8, true],
  ] as const) {
    optimizer.parameter("w").master.fill(weight);
    optimizer.step({ w: Float32Array.of(0) });
    if (merges === null) assert.throws(() => average.update(), /finite as float16/);
    const other = new WeightAverage(optimizer, settings);
    other.restore(average.state());
    assert.equal(other.state(), average.state());
  }
  assert.is(average.samples, 2);
});

test("a disposed optimizer cannot be sampled", () => {
  const optimizer = new AdamW(weights(1));
  const average = new WeightAverage(optimizer, { interleaveSteps: 1 });
  train(optimizer, [], 0, 1);
  optimizer.dispose();
  const disposed = (error: unknown) => (error as AshlarError).code === "DISPOSED";
  assert.throws(() => average.update(), disposed);
  assert.throws(() => average.update(), disposed, "the sample is still due");
  assert.throws(() => new WeightAverage(optimizer), disposed);
});

test.run();
