import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipAdaptive, clipByGlobalNorm, clipByNorm, clipByValue } from "../src/gradients/clip.ts";
import { dynamicLossScale, staticLossScale } from "../src/gradients/loss-scale.ts";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("clipping and scaling in a step");

const LENGTHS = { a: 9000, b: 33, c: 5000 };
type Name = keyof typeof LENGTHS;
const NAMES = Object.keys(LENGTHS) as Name[];
const gradients = (factor = 1) =>
  Object.fromEntries(
    NAMES.map((name) => [name, realistic(LENGTHS[name], LENGTHS[name]).map((g) => g * factor)]),
  ) as Record<Name, Float32Array>;
const parameters = (names: readonly Name[] = NAMES) =>
  Object.fromEntries(names.map((name) => [name, realistic(LENGTHS[name], 3)]));

/** First moments after one step: (1 - beta1) * g', so they show what the gradient became. */
function momentsAfter(optimizer: AdamW, given: Record<string, Float32Array>): Float32Array[] {
  optimizer.step(given);
  return NAMES.map((name) => {
    const { parts } = optimizer.parameter(name);
    return Float32Array.from(parts.flatMap(({ expAvg }) => [...expAvg]));
  });
}

const norm = (arrays: Iterable<Float32Array>) => {
  let sum = 0;
  for (const array of arrays) for (const x of array) sum += x * x;
  return Math.sqrt(sum);
};

function assertScaled(moments: Float32Array, gradient: Float32Array, by: number, why: string) {
  const [scale, rest] = [Math.fround(by), Math.fround(1 - 0.9)];
  moments.forEach((m, i) => {
    const expected = Math.fround(Math.fround(gradient[i] * scale) * rest);
    if (!Object.is(m, expected) && !(m === 0 && expected === 0)) {
      assert.unreachable(`${why}: moment ${i} is ${m}, expected ${expected}`);
    }
  });
}

test("by global norm: one coefficient for all, whatever groups and slabs", () => {
  const all = norm(Object.values(gradients()));
  const coefficient = 0.5 / (all + 1e-6);
  const layouts = [
    new AdamW(parameters(), { clip: clipByGlobalNorm(0.5) }),
    new AdamW(parameters(), { clip: clipByGlobalNorm(0.5), slabBytes: 655_360 }),
    new AdamW([{ params: parameters(["c"]) }, { params: parameters(["b", "a"]) }], {
      clip: clipByGlobalNorm(0.5),
    }),
  ];
  const digests = layouts.map((optimizer) => {
    const moments = momentsAfter(optimizer, gradients());
    NAMES.forEach((name, i) => {
      assertScaled(moments[i], gradients()[name], coefficient, name);
    });
    return optimizer.digest();
  });
  assert.is(new Set(digests).size, 1);
});

test("a group's own clip replaces the optimizer's and leaves its norm; opted-out ones are in none", () => {
  const optimizer = new AdamW(
    [
      { params: parameters(["a"]), clip: clipByGlobalNorm(0.25) },
      { params: parameters(["b", "c"]) },
    ],
    { clip: clipByGlobalNorm(0.5), clips: ({ name }) => name !== "c" },
  );
  const moments = momentsAfter(optimizer, gradients());
  const { a, b, c } = gradients();
  assertScaled(moments[0], a, Math.min(1, 0.25 / (norm([a]) + 1e-6)), "a");
  assertScaled(moments[1], b, Math.min(1, 0.5 / (norm([b]) + 1e-6)), "b");
  assertScaled(moments[2], c, 1, "c");
});

test("an absent gradient is not in the norm", () => {
  const optimizer = new AdamW(parameters(), { clip: clipByGlobalNorm(0.5) });
  const { b } = gradients();
  optimizer.step({ b });
  assertScaled(optimizer.parameter("b").expAvg, b, Math.min(1, 0.5 / (norm([b]) + 1e-6)), "b");
});

test("by norm: each on its own, untouched at or below", () => {
  const { a, b, c } = gradients();
  const max = norm([b]);
  const moments = momentsAfter(new AdamW(parameters(), { clip: clipByNorm(max) }), { a, b, c });
  assertScaled(moments[0], a, max / norm([a]), "a");
  assertScaled(moments[1], b, 1, "b");
});

test("by value and adaptively: the gradients are written, then used", () => {
  const given = gradients();
  const byValue = momentsAfter(new AdamW(parameters(), { clip: clipByValue(0.125) }), given);
  NAMES.forEach((name, i) => {
    const clamped = given[name].map((g) => Math.min(0.125, Math.max(-0.125, g)));
    assertScaled(byValue[i], clamped, 1, name);
  });
  const start = { w: { shape: [2, 2], data: Float32Array.of(3, 4, 9, 40) } };
  const adaptive = new AdamW(start, { clip: clipAdaptive(0.5) });
  adaptive.step({ w: Float32Array.of(7, 24, 5, 12) });
  const rounded = Array.from(adaptive.gradient("w"), (g) => Number(g.toPrecision(7)));
  assert.equal(rounded, [0.7, 2.4, 5, 12]);
});

test("adaptive clipping of lazy rows equals that of the dense gradient", () => {
  for (const shape of [[40, 5], [200]]) {
    const make = (lazy: boolean) =>
      new AdamW(
        { e: { shape, data: realistic(200, 3) } },
        { lazy, clip: clipAdaptive(0.01), weightDecay: 0 },
      );
    const rowLength = 200 / shape[0];
    const rows = [7, 3, 22, 39];
    const values = realistic(rows.length * rowLength, 9);
    const dense = new Float32Array(200);
    rows.forEach((row, i) => {
      dense.set(values.subarray(i * rowLength, (i + 1) * rowLength), row * rowLength);
    });
    const [lazy, whole] = [make(true), make(false)];
    lazy.step({ e: { rows, values } });
    whole.step({ e: dense });
    assert.is(lazy.digest(), whole.digest(), `shape ${shape}`);
  }
});

test("a loss scale is taken out again, alone and together with a clip", () => {
  for (const clip of [undefined, clipByGlobalNorm(0.5), clipByNorm(0.5)]) {
    const options = clip ? { clip, gradNorm: true } : { gradNorm: true };
    const plain = new AdamW(parameters(), options);
    const scaled = new AdamW(parameters(), { ...options, lossScale: staticLossScale(1024) });
    const a = plain.step(gradients());
    const b = scaled.step(gradients(1024));
    assert.is(b.gradNorm, a.gradNorm);
    assert.is(b.lossScale, 1024);
    assert.is(scaled.digest(), plain.digest(), clip?.kind ?? "no clip");
  }
  const byValue = { clip: clipByValue(0.125) };
  const scaled = new AdamW(parameters(), { ...byValue, lossScale: staticLossScale(1024) });
  scaled.step(gradients(1024));
  const plain = new AdamW(parameters(), byValue);
  plain.step(gradients());
  assert.is(scaled.digest(), plain.digest(), "unscaled before it is clipped by value");
});

test("a dynamic loss scale skips what is not finite, and neither k nor t moves", () => {
  const ks: number[] = [];
  const optimizer = new AdamW(
    { w: Float32Array.of(1) },
    {
      lossScale: dynamicLossScale({ initialScale: 4, growthInterval: 2 }),
      lr: (k) => {
        ks.push(k);
        return 1e-3;
      },
    },
  );
  const good = () => ({ w: Float32Array.of(1) });
  const bad = (value: number) => ({ w: Float32Array.of(value) });
  const steps = [good(), good(), bad(Number.POSITIVE_INFINITY), good(), bad(Number.NaN)];
  const seen = [...steps, good(), good(), good(), good()].map((gradients) => {
    const before = optimizer.digest();
    const report = optimizer.step(gradients);
    if (!report.applied) assert.is(optimizer.digest(), before);
    return report;
  });
  assert.equal(
    seen.map(({ lossScale }) => lossScale),
    [4, 4, 8, 4, 4, 2, 2, 4, 4],
  );
  assert.equal(
    seen.map(({ step }) => step),
    [1, 2, 2, 3, 3, 4, 5, 6, 7],
  );
  assert.equal(ks, [0, 1, 2, 2, 3, 3, 4, 5, 6]);
  assert.is(optimizer.parameter("w").step, 7);
});

test("a gradient is judged by what is left of it after the loss scale", () => {
  const at = (scale: number) =>
    new AdamW({ w: Float32Array.of(1) }, { lossScale: staticLossScale(scale) });
  assert.is(at(65_536).step({ w: Float32Array.of(2 ** 70) }).applied, true);
  assert.throws(() => at(1).step({ w: Float32Array.of(2 ** 70) }), /at most 2\^63, got/);
  assert.throws(
    () => at(1024).step({ w: Float32Array.of(2 ** 74) }),
    /at most 2\^63 times the loss scale, 1024, got/,
  );
});

test.run();
