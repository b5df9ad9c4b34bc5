import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions } from "../src/index.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { referenceStep } from "./reference/adamw.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("row-sparse gradients");

const ROWS = 401;
const next = xorshift32(0x0ddba11);

/** Some rows in any order, duplicates among them. */
function someRows(rowLength: number, seed: number) {
  const count = next() % 60;
  const rows = Array.from({ length: count }, () => next() % ROWS);
  return { rows, values: realistic(count * rowLength, seed) };
}

/** The dense gradient that rows stand for: duplicates summed in float32, in order. */
function densely({ rows, values }: { rows: number[]; values: Float32Array }, rowLength: number) {
  const dense = new Float32Array(ROWS * rowLength);
  rows.forEach((row, i) => {
    for (let j = 0; j < rowLength; j++) dense[row * rowLength + j] += values[i * rowLength + j];
  });
  return dense;
}

const VARIANTS: AdamWOptions[] = [
  {},
  { amsgrad: true, weightDecay: 0.1 },
  { precision: { model: "float16" }, weightDecay: 0.1 },
];

for (const rowLength of [1, 7, 64, 321]) {
  for (const [variant, extra] of VARIANTS.entries()) {
    for (const slabBytes of [4 * 2 ** 30, 2 ** 20]) {
      const where = `rows of ${rowLength}, variant ${variant}, slabs of ${slabBytes} bytes`;
      const options = { ...extra, slabBytes, gradNorm: true };
      const parameters = () => ({
        embedding: { shape: [ROWS, rowLength], data: realistic(ROWS * rowLength, 5) },
      });

      test(`dense meaning equals the dense gradient: ${where}`, () => {
        const sparse = new AdamW(parameters(), options);
        const dense = new AdamW(parameters(), options);
        for (let k = 0; k < 5; k++) {
          const gradient = someRows(rowLength, k);
          const a = sparse.step({ embedding: gradient });
          const b = dense.step({ embedding: densely(gradient, rowLength) });
          assert.is(a.gradNorm, b.gradNorm);
        }
        assert.is(sparse.digest(), dense.digest());
      });

      test(`lazy: touched rows move as if alone, the others keep every bit: ${where}`, () => {
        const lazy = new AdamW(parameters(), { ...options, lazy: true });
        const dense = new AdamW(parameters(), options);
        const p = realistic(ROWS * rowLength, 5);
        const zeros = () => new Float32Array(p.length);
        const state = { p, g: zeros(), m: zeros(), v: zeros(), vmax: zeros() };
        for (let k = 0; k < 66; k++) {
          const gradient = someRows(rowLength, 100 + k);
          const g = densely(gradient, rowLength);
          const { gradNorm } = lazy.step({ embedding: gradient });
          if (k === 0) assert.is(gradNorm, dense.step({ embedding: g }).gradNorm, "the dense norm");
          const scalars = stepScalars(
            {
              lr: 1e-3,
              lrScale: 1,
              initialLr: 1e-3,
              weightDecay: extra.weightDecay === undefined ? 0.01 : 0.1,
              beta1: 0.9,
              beta2: 0.999,
              eps: 1e-8,
              t: k + 1,
              gradScale: 1,
            },
            {} as ReturnType<typeof stepScalars>,
          );
          for (const row of new Set(gradient.rows)) {
            const part = (plane: Float32Array) =>
              plane.subarray(row * rowLength, (row + 1) * rowLength);
            const own = {
              p: part(state.p),
              g: part(g),
              m: part(state.m),
              v: part(state.v),
              ...(extra.amsgrad ? { vmax: part(state.vmax) } : {}),
            };
            referenceStep(own, scalars, {
              amsgrad: extra.amsgrad ?? false,
              flush: (k + 1) % 64 === 0,
            });
          }
        }
        assert.is(lazy.parameter("embedding").step, 66, "t counts once for the whole tensor");
        const masters = new Float32Array(p.length);
        lazy.copyTo({ embedding: masters });
        assert.is(differingBits(masters, state.p), -1);
        for (const part of lazy.parameter("embedding").parts) {
          const own = (plane: Float32Array) => plane.subarray(part.first, part.first + part.length);
          assert.is(differingBits(part.expAvg, own(state.m)), -1);
          assert.is(differingBits(part.expAvgSq, own(state.v)), -1);
          if (part.maxExpAvgSq) assert.is(differingBits(part.maxExpAvgSq, own(state.vmax)), -1);
        }
      });
    }
  }
}

test("more runs than one call of the core takes: every second row, in blocks and over slabs", () => {
  const count = 40_000;
  for (const slabBytes of [4 * 2 ** 30, 2 ** 20]) {
    const make = (lazy: boolean) =>
      new AdamW(
        { e: realistic(count, 5) },
        { lazy, slabBytes, weightDecay: 0, gradNorm: true, precision: { model: "float16" } },
      );
    const [lazy, dense] = [make(true), make(false)];
    // Besides, the first row of each block, next to the last one of the block before.
    const rows = Array.from({ length: count }, (_, row) => row).filter(
      (row) => row % 2 === 1 || row % 4096 === 0,
    );
    const values = realistic(rows.length, 6);
    const gradient = new Float32Array(count);
    rows.forEach((row, i) => {
      gradient[row] = values[i];
    });
    const a = lazy.step({ e: { rows, values } }, { metrics: true });
    const b = dense.step({ e: gradient }, { metrics: true });
    assert.is(a.gradNorm, b.gradNorm);
    assert.is(lazy.digest(), dense.digest());
    assert.equal(lazy.metrics(), dense.metrics());
    assert.is(lazy.step({ e: gradient }).gradNorm, dense.step({ e: gradient }).gradNorm);
    for (const at of [0, values.length - 1]) {
      const bad = values.slice();
      bad[at] = Number.NaN;
      assert.throws(
        () => lazy.step({ e: { rows, values: bad } }),
        new RegExp(`"gradient\\[${rows[at]}\\]" of parameter "e"`),
      );
    }
  }
});

test("values that lie in the gradient's own memory", async () => {
  const [own, foreign] = await Promise.all(
    [0, 1].map(() => AdamW.create({ w: { shape: [5, 3], data: realistic(15, 1) } })),
  );
  const rows = [3, 0, 4, 1, 2];
  const values = realistic(15, 2);
  // Where row 3 goes lies row 1's gradient, until it is read.
  const view = own.gradient("w");
  view.set(values);
  own.step({ w: { rows, values: view } });
  foreign.step({ w: { rows, values } });
  assert.is(own.digest(), foreign.digest());
});

test("a table of runs that ends where a row lies in two blocks parts no block's sum", () => {
  // A table is full enough after 2048 runs, here in the fourth block. At the end of that one, element
  // 16384, lies row 5461.
  const rows = Array.from({ length: 6000 }, (_, i) => 2 * i + 201);
  const shape = [12_201, 3];
  const make = (lazy: boolean) =>
    new AdamW({ e: { shape } }, { lazy, weightDecay: 0, gradNorm: true });
  const [lazy, dense] = [make(true), make(false)];
  for (let seed = 0; seed < 20; seed++) {
    const values = realistic(rows.length * 3, seed);
    const e = new Float32Array(shape[0] * 3);
    rows.forEach((row, i) => {
      e.set(values.subarray(3 * i, 3 * i + 3), 3 * row);
    });
    const norm = lazy.step({ e: { rows, values } }).gradNorm;
    assert.is(norm, dense.step({ e }).gradNorm, `seed ${seed}`);
  }
});

test("a bad row is found in whichever slab it lies", () => {
  const optimizer = new AdamW({ e: { shape: [40_000] } }, { lazy: true, slabBytes: 786_432 });
  assert.ok(optimizer.parameter("e").parts.length > 1);
  const values = Float32Array.of(1, Number.POSITIVE_INFINITY);
  assert.throws(
    () => optimizer.step({ e: { rows: [5, 39_999], values } }),
    /"gradient\[39999\]" of parameter "e".*got Infinity/,
  );
});

test("overflowed model values are counted in the rows that move", () => {
  const data = Float32Array.of(65_000, 65_000, 1);
  const optimizer = new AdamW(
    { e: { shape: [3], data } },
    { lazy: true, lr: 1e4, weightDecay: 0, precision: { model: "float16" } },
  );
  const step = (...rows: number[]) => {
    const { overflowed } = optimizer.step({
      e: { rows, values: Float32Array.from(rows, () => -1) },
    });
    return overflowed.map(({ count }) => count);
  };
  assert.equal(step(0, 1, 2), [2]);
  assert.equal(step(1, 2), [1]);
  assert.equal(step(2), []);
});

test("arrays of another realm are rows as good as ours", () => {
  const [rows, values] = runInNewContext("[Int32Array.of(2, 0), Float32Array.of(1, 2)]");
  const digestAfter = (gradient: { rows: Int32Array; values: Float32Array }) => {
    const optimizer = new AdamW({ e: Float32Array.of(1, 2, 3) });
    optimizer.step({ e: gradient });
    return optimizer.digest();
  };
  const own = { rows: Int32Array.of(2, 0), values: Float32Array.of(1, 2) };
  assert.is(digestAfter({ rows, values }), digestAfter(own));
});

test("zero rows: t counts, and with dense meaning everything decays", () => {
  const start = () => ({ e: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
  const none = { rows: [], values: new Float32Array(0) };
  const lazy = new AdamW(start(), { lazy: true });
  const dense = new AdamW(start());
  lazy.step({ e: none });
  dense.step({ e: none });
  assert.is(lazy.parameter("e").step, 1);
  assert.equal(Array.from(lazy.parameter("e").master), [1, 2, 3, 4, 5, 6]);
  assert.ok(dense.parameter("e").master[0] < 1);
});

test("a bad row is refused before anything is written, also a NaN in one", () => {
  const optimizer = new AdamW({ e: { shape: [3, 2] }, w: new Float32Array(2) }, { lazy: true });
  const before = optimizer.digest();
  const rows = (list: number[], values: number[]) => ({
    e: { rows: list, values: Float32Array.from(values) },
    w: Float32Array.of(1, 1),
  });
  assert.throws(() => optimizer.step(rows([3], [1, 1])), /rows\[0\].*from 0 to 2/);
  assert.throws(() => optimizer.step(rows([2], [1])), /"values" of parameter "e"/);
  assert.throws(
    () => optimizer.step(rows([2, 0], [1, 1, 1, Number.NaN])),
    /"gradient\[1\]" of parameter "e"/,
  );
  assert.is(optimizer.digest(), before);
  // Stale NaN outside the touched rows must not count, nor be taken for another.
  assert.throws(
    () => optimizer.step(rows([2], [1, Number.NaN])),
    /"gradient\[5\]" of parameter "e"/,
  );
  assert.is(optimizer.step(rows([2], [1, 1])).applied, true);
});

test.run();
