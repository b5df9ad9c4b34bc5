import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  clipByNorm,
  clipByValue,
  type NamedGradients,
} from "../src/index.ts";
import {
  gradientFilling,
  gradients,
  group,
  options,
  training,
  weightFilling,
} from "./reference/arbitraries.ts";
import { differingBits } from "./reference/bits.ts";
import type { Filling, TrainingCase } from "./reference/cases.ts";
import { merged } from "./reference/plain-sums.ts";
import { holds } from "./reference/property.ts";
import {
  filled,
  lengthOf,
  namedGradients,
  openOptimizer,
  rowLengthOf,
} from "./reference/training-case.ts";

const test = suite("properties: row-sparse gradients");

const withoutMinusZero = (values: Float32Array) => values.map((x) => (x === 0 ? 0 : x));

/** The same gradients with every row-sparse one as the dense gradient that it stands for. */
function densely(given: NamedGradients, { parameters }: TrainingCase): NamedGradients {
  const entries = Object.entries(given).map(([name, gradient]) => {
    if (!gradient || !("rows" in gradient)) return [name, gradient];
    const { shape } = parameters.find((one) => one.name === name) ?? { shape: [] };
    return [name, merged([...gradient.rows], gradient.values as Float32Array, shape).values];
  });
  return Object.fromEntries(entries);
}

/** -0 + 0 is 0: where rows are added to a dense sum, the sign of a zero that they leave alone counts. */
function positiveZeros(given: NamedGradients): NamedGradients {
  const entries = Object.entries(given).map(([name, gradient]) => {
    if (gradient instanceof Float32Array) return [name, withoutMinusZero(gradient)];
    if (!gradient || !("rows" in gradient)) return [name, gradient];
    return [name, { ...gradient, values: withoutMinusZero(gradient.values as Float32Array) }];
  });
  return Object.fromEntries(entries);
}

test("with dense meaning they equal the dense gradient: in steps and in sums", () => {
  const eager = training().map((run): TrainingCase => {
    const precision = { ...run.options.precision, gradients: "float32" as const };
    return { ...run, options: { ...run.options, lazy: false, precision } };
  });
  holds(
    fc.property(eager, (run) => {
      const [sparse, dense] = [openOptimizer(run), openOptimizer(run)];
      for (const operation of run.operations) {
        if (operation.do !== "step" && operation.do !== "accumulate") continue;
        const rows = positiveZeros(namedGradients(run, operation.gradients));
        const whole = densely(rows, run);
        if (operation.do === "step") assert.equal(sparse.step(rows), dense.step(whole));
        else {
          for (const [optimizer, given] of [
            [sparse, rows],
            [dense, whole],
          ] as const) {
            optimizer.accumulate(given, { average: operation.average });
            optimizer.accumulate(positiveZeros(given));
          }
          assert.equal(sparse.step(), dense.step());
        }
        assert.is(sparse.digest(), dense.digest());
      }
    }),
    90,
  );
});

test("zeroGradients clears sums of rows as it clears dense sums", () => {
  const summed = training().map((run): TrainingCase => {
    const precision = { ...run.options.precision, gradients: "float32" as const };
    return { ...run, options: { ...run.options, precision, lazy: false } };
  });
  holds(
    fc.property(summed, gradients, (run, given) => {
      const [sparse, dense] = [openOptimizer(run), openOptimizer(run)];
      const rows = namedGradients(run, given);
      sparse.accumulate(rows);
      dense.accumulate(densely(rows, run));
      for (const optimizer of [sparse, dense]) optimizer.zeroGradients();
      assert.equal(sparse.step(), dense.step());
      assert.is(sparse.digest(), dense.digest());
    }),
    60,
  );
});

interface Embedding {
  readonly shape: readonly number[];
  readonly weights: Filling;
  readonly gradient: Filling;
  /** In any order, with duplicates. */
  readonly rows: readonly number[];
}

const embedding: fc.Arbitrary<Embedding> = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    rest: fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom([700], [20, 30]) },
    ),
  })
  .chain(({ count, rest }) =>
    fc.record({
      shape: fc.constant([count, ...rest]),
      weights: weightFilling,
      gradient: gradientFilling,
      rows: fc.array(fc.nat(count - 1), { maxLength: 12 }),
    }),
  );

const settings: fc.Arbitrary<AdamWOptions> = fc
  .tuple(group, options, fc.constantFrom(undefined, clipByNorm(0.1), clipByValue(0.1)))
  .map(([{ betas, eps, amsgrad, centralize }, { maximize, precision }, clip]) => {
    const { model, master } = precision;
    const chosen = { betas, eps, amsgrad, centralize, maximize, precision: { model, master } };
    return { ...chosen, lr: 0.01, weightDecay: 0.1, lazy: true, ...(clip ? { clip } : {}) };
  });

const PLANES = ["master", "expAvg", "expAvgSq", "maxExpAvgSq"] as const;

/** Copies of all planes of "e", the model copy's bits as numbers. */
function planesOf(optimizer: AdamW): Float32Array[] {
  const view = optimizer.parameter("e");
  const floats = PLANES.map((plane) => view[plane]?.slice() ?? new Float32Array(0));
  return [...floats, Float32Array.from(view.model ?? [])];
}

const rowOf = (plane: Float32Array, row: number, rowLength: number) =>
  plane.subarray(row * rowLength, (row + 1) * rowLength);

function opened({ shape, weights }: Embedding, given: AdamWOptions): AdamW {
  const data = filled(lengthOf(shape), weights);
  const optimizer = new AdamW({ e: { shape } }, given);
  optimizer.setWeights({ e: data });
  return optimizer;
}

test("lazy ones move their own rows, and no bit of any other; their norm is the dense one", () => {
  holds(
    fc.property(embedding, settings, (e, given) => {
      const optimizer = opened(e, { ...given, gradNorm: true });
      const eager = opened(e, { ...given, gradNorm: true, lazy: false });
      const rowLength = rowLengthOf(e.shape);
      const all = filled(lengthOf(e.shape), { pattern: "realistic", seed: 99 });
      for (const each of [optimizer, eager]) each.step({ e: all });
      const before = planesOf(optimizer);
      const gradient = { rows: e.rows, values: filled(e.rows.length * rowLength, e.gradient) };
      assert.is(optimizer.step({ e: gradient }).gradNorm, eager.step({ e: gradient }).gradNorm);
      const after = planesOf(optimizer);
      assert.is(optimizer.parameter("e").step, 2, "t counts the whole tensor");
      const untouched = Array.from({ length: e.shape[0] }, (_, row) => row).filter(
        (row) => !e.rows.includes(row),
      );
      for (const row of untouched) {
        for (const [i, plane] of after.entries()) {
          assert.is(
            differingBits(rowOf(plane, row, rowLength), rowOf(before[i], row, rowLength)),
            -1,
          );
        }
      }
    }),
    100,
  );
});

test("lazy ones move their rows as if there were no others", () => {
  const unclipped = settings.map(({ clip, ...rest }) =>
    clip?.kind === "norm" ? rest : { ...rest, ...(clip ? { clip } : {}) },
  );
  holds(
    fc.property(embedding, unclipped, (e, given) => {
      fc.pre(e.rows.length > 0);
      const rowLength = rowLengthOf(e.shape);
      const rows = [...new Set(e.rows)].sort((a, b) => a - b);
      const values = filled(e.rows.length * rowLength, e.gradient);
      const lazy = opened(e, given);
      lazy.step({ e: { rows: e.rows, values } });

      const weights = filled(lengthOf(e.shape), e.weights);
      const pick = (plane: Float32Array) =>
        Float32Array.from(rows.flatMap((row) => [...rowOf(plane, row, rowLength)]));
      const alone = new AdamW({ e: { shape: [rows.length, ...e.shape.slice(1)] } }, given);
      alone.setWeights({ e: pick(weights) });
      alone.step({ e: pick(merged(e.rows, values, e.shape).values) });
      const expected = planesOf(alone);
      for (const [i, plane] of planesOf(lazy).entries()) {
        if (plane.length > 0) assert.is(differingBits(pick(plane), expected[i]), -1, `plane ${i}`);
      }
    }),
    100,
  );
});

test("the order counts only between values of the same row", () => {
  holds(
    fc.property(embedding, settings, (e, given) => {
      const rowLength = rowLengthOf(e.shape);
      const values = filled(e.rows.length * rowLength, e.gradient);
      const order = e.rows.map((_, i) => i).sort((a, b) => e.rows[a] - e.rows[b] || a - b);
      const sorted = Float32Array.from(order.flatMap((i) => [...rowOf(values, i, rowLength)]));
      const [a, b] = [opened(e, given), opened(e, given)];
      const first = a.step({ e: { rows: e.rows, values } });
      const list = Uint32Array.from(order, (i) => e.rows[i]);
      assert.equal(b.step({ e: { rows: list, values: sorted } }), first);
      assert.is(b.digest(), a.digest());
    }),
    100,
  );
});

test.run();
