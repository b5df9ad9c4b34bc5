import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dynamicLossScale } from "../src/gradients/loss-scale.ts";
import { AdamW, AshlarError, type NamedGradients } from "../src/index.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("sums of micro-batches that wait, and what an optimizer has for itself");

const start = () => ({ w: Float32Array.of(1, 2), e: { shape: [2, 2] } });
const rows = (...values: number[]) => ({ rows: [1], values: Float32Array.from(values) });

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, AshlarError);
    return (error as AshlarError).code;
  }
  return "none";
}

test("zeroGradients forgets the sums, rows and dense ones, also those that no step would take", () => {
  const optimizer = new AdamW(start(), { lazy: true });
  const fresh = new AdamW(start(), { lazy: true });
  optimizer.accumulate({ w: Float32Array.of(Number.NaN, 1), e: rows(Number.NaN, 1) });
  assert.is(
    codeOf(() => optimizer.step()),
    "NON_FINITE",
  );
  assert.is(
    codeOf(() => optimizer.step()),
    "NON_FINITE",
  );
  optimizer.zeroGradients();
  for (const one of [optimizer, fresh]) {
    one.accumulate({ e: rows(3, 4) });
    one.step();
  }
  assert.is(optimizer.digest(), fresh.digest());
  assert.is(optimizer.parameter("w").step, 0);
});

test("gradients by name are refused while sums wait, and the sums stay", () => {
  const optimizer = new AdamW(start());
  const plain = new AdamW(start());
  const w = Float32Array.of(5, 6);
  optimizer.accumulate({ w });
  assertRefused(
    () => optimizer.step({ w: Float32Array.of(100, 100) }),
    AshlarError,
    "step: expected no gradients while the sums of micro-batches wait, got them after 1 of " +
      "accumulate. step() moves by the sums, zeroGradients() forgets them",
  );
  optimizer.step();
  plain.step({ w });
  assert.is(optimizer.digest(), plain.digest());
});

test("zeroGradients is refused within a step: the gradients are in use", () => {
  let zero = () => {};
  const optimizer = new AdamW(start(), {
    lr: () => {
      zero();
      return 1e-3;
    },
  });
  zero = () => optimizer.zeroGradients();
  assert.is(
    codeOf(() => optimizer.step({ w: Float32Array.of(1, 2) })),
    "BUSY",
  );
});

test("errors of accumulate bear its name, and none takes what was disposed meanwhile", () => {
  const optimizer = new AdamW(start());
  assertRefused(
    () => optimizer.accumulate({ x: Float32Array.of(1) }),
    RangeError,
    '"gradients" of accumulate: expected names of parameters, got "x"',
  );
  const gradients = {
    get w() {
      optimizer.dispose();
      return Float32Array.of(1, 2);
    },
  };
  assert.is(
    codeOf(() => optimizer.accumulate(gradients as NamedGradients)),
    "DISPOSED",
  );
});

test("a dynamic loss scale serves one optimizer, and another after that is disposed", () => {
  const lossScale = dynamicLossScale();
  const first = new AdamW(start(), { lossScale });
  assertRefused(
    () => new AdamW(start(), { lossScale }),
    RangeError,
    '"lossScale" of the options: expected a dynamic loss scale of its own, got one that another ' +
      "optimizer has. Make one for each, or dispose the other",
  );
  first.dispose();
  const second = new AdamW(start(), { lossScale });
  // Disposing the first one again gives away nothing of the second's.
  first.dispose();
  assert.throws(() => new AdamW(start(), { lossScale }), /of its own/);
  assert.throws(
    () =>
      new AdamW(
        { w: Float32Array.of(70_000) },
        { lossScale: dynamicLossScale(), precision: { model: "float16" } },
      ),
    /finite as float16/,
  );
  second.dispose();
});

test.run();
