import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions, AshlarError } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { bitPatterns, realistic } from "./reference/patterns.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

const test = suite("setWeights");

const LENGTHS: Record<string, number> = { a: 1, empty: 0, b: 20_007, c: 4097 };
const NAMES = Object.keys(LENGTHS);
const arrays = (seed: number, make = realistic) =>
  Object.fromEntries(NAMES.map((name, i) => [name, make(LENGTHS[name], seed + i)]));
const step = (optimizer: AdamW, seed: number) => optimizer.step(arrays(seed));

for (const slabBytes of [4 * 2 ** 30, 2 ** 19]) {
  test(`any finite bits arrive, in slabs of ${slabBytes} bytes, and nothing else changes`, () => {
    const optimizer = new AdamW(arrays(1), { amsgrad: true, slabBytes });
    step(optimizer, 50);
    const planes = ["expAvg", "expAvgSq", "maxExpAvgSq"] as const;
    const state = () =>
      NAMES.map((name) =>
        optimizer.parameter(name).parts.map((part) => planes.map((plane) => part[plane]?.slice())),
      );
    const before = state();
    const weights = arrays(7, bitPatterns);
    optimizer.setWeights(weights);
    assert.equal(state(), before);
    for (const name of NAMES) {
      const copy = new Float32Array(LENGTHS[name]);
      optimizer.copyTo({ [name]: copy });
      assert.is(differingBits(copy, weights[name]), -1, name);
      assert.is(optimizer.parameter(name).step, 1);
    }
    assert.is(optimizer.steps, 1);
  });
}

test("the step that follows moves from the new weights", () => {
  const moved = new AdamW(arrays(1));
  moved.setWeights(arrays(9));
  const made = new AdamW(arrays(9));
  step(moved, 50);
  step(made, 50);
  assert.is(moved.digest(), made.digest());
});

test("only the named parameters change, and the arrays stay the caller's", () => {
  const optimizer = new AdamW(arrays(1));
  const c = realistic(4097, 77);
  optimizer.setWeights({ c });
  c.fill(5);
  assert.is(differingBits(optimizer.parameter("c").master, realistic(4097, 77)), -1);
  assert.is(differingBits(optimizer.parameter("b").master, arrays(1).b), -1);
  optimizer.setWeights({});
  assert.is(differingBits(optimizer.parameter("c").master, realistic(4097, 77)), -1);
});

for (const model of ["float16", "bfloat16"] as const) {
  for (const slabBytes of [4 * 2 ** 30, 2 ** 19]) {
    test(`the ${model} copy follows and the masters keep every bit, in slabs of ${slabBytes} bytes`, () => {
      const optimizer = new AdamW(arrays(1), { precision: { model }, slabBytes });
      const weights = arrays(3);
      optimizer.setWeights(weights);
      for (const name of NAMES) {
        const copy = new Uint16Array(LENGTHS[name]);
        const master = new Float32Array(LENGTHS[name]);
        optimizer.copyTo({ [name]: copy });
        optimizer.copyTo({ [name]: master });
        assert.equal(copy, narrowed(weights[name], model).halves, name);
        assert.is(differingBits(master, weights[name]), -1, name);
      }
    });
  }

  test(`without masters the weights are what the ${model} copy says`, () => {
    const optimizer = new AdamW(arrays(1), { precision: { model, master: false } });
    const { c } = arrays(3);
    optimizer.setWeights({ c });
    const expected = Float32Array.from(narrowed(c, model).halves, (h) => valueOfHalf(h, model));
    assert.is.not(differingBits(c, expected), -1);
    assert.is(differingBits(optimizer.parameter("c").master, expected), -1);
  });
}

test("the largest number that each model copy can hold is taken, the next float32 refused", () => {
  const next = (x: number) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, x);
    view.setUint32(0, view.getUint32(0) + 1);
    return view.getFloat32(0);
  };
  const largest = { float16: Math.fround(65_519.996), bfloat16: Math.fround(3.396177327e38) };
  for (const model of ["float16", "bfloat16"] as const) {
    const optimizer = new AdamW({ w: new Float32Array(3) }, { precision: { model } });
    optimizer.setWeights({ w: Float32Array.of(0, largest[model], -largest[model]) });
    const { halves, overflowed } = narrowed(optimizer.parameter("w").master, model);
    assert.equal(optimizer.parameter("w").model, halves);
    assert.is(overflowed, 0);
    for (const beyond of [next(largest[model]), -next(largest[model])]) {
      assertRefused(
        () => optimizer.setWeights({ w: Float32Array.of(0, 1, beyond) }),
        RangeError,
        `"weights[2]" of parameter "w": expected a number finite as ${model}, got ${beyond}`,
      );
    }
  }
});

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;
const optimizer = new AdamW(arrays(1), { lr: 0.1 });
const set = (weights: Wrong) => () => optimizer.setWeights(weights);
const bad = (value: number) =>
  Float32Array.from({ length: 4097 }, (_, i) => (i > 4095 ? value : 1));
const REFUSED: RefusedRow[] = [
  [
    "no record",
    set(new Map()),
    TypeError,
    '"weights" of setWeights: expected a record of name to Float32Array, got a Map',
  ],
  [
    "an unknown name",
    set({ a: Float32Array.of(9), d: new Float32Array(1) }),
    RangeError,
    '"weights" of setWeights: expected names of parameters, got "d"',
  ],
  [
    "an array",
    set({ a: [9] }),
    TypeError,
    '"weights" of parameter "a": expected a Float32Array, got [9]',
  ],
  [
    "null",
    set({ a: null }),
    TypeError,
    '"weights" of parameter "a": expected a Float32Array, got null',
  ],
  [
    "a wrong length after a right one",
    set({ a: Float32Array.of(9), c: new Float32Array(4096) }),
    RangeError,
    '"weights" of parameter "c": expected 4097 elements, got 4096',
  ],
  [
    "a NaN after right ones",
    set({ a: Float32Array.of(9), c: bad(Number.NaN) }),
    RangeError,
    '"weights[4096]" of parameter "c": expected a finite number, got NaN',
  ],
  [
    "an infinity",
    set({ a: Float32Array.of(9), c: bad(Number.NEGATIVE_INFINITY) }),
    RangeError,
    '"weights[4096]" of parameter "c": expected a finite number, got -Infinity',
  ],
];

for (const [why, act, kind, message] of REFUSED) {
  test(`refuses ${why}, and changes nothing`, () => {
    const before = optimizer.digest();
    assertRefused(act, kind, message);
    assert.is(optimizer.digest(), before);
  });
}

test("not from within a step, nor after dispose", () => {
  let inner: () => void = () => {};
  const options: AdamWOptions = {
    lr: () => {
      inner();
      return 0.1;
    },
  };
  const one = new AdamW({ w: new Float32Array(1) }, options);
  inner = () => one.setWeights({ w: new Float32Array(1) });
  const code = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      assert.instance(error, AshlarError);
      return (error as AshlarError).code;
    }
    return "none";
  };
  assert.is(
    code(() => one.step({ w: Float32Array.of(1) })),
    "BUSY",
  );
  one.dispose();
  assert.is(
    code(() => one.setWeights({})),
    "DISPOSED",
  );
});

test.run();
