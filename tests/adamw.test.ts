import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, cosineWithWarmup } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { PlainOptimizer } from "./reference/plain-optimizer.ts";

const test = suite("AdamW");

const LENGTHS = { a: 1000, b: 7, c: 4099, scalar: 1, empty: 0 };
const names = Object.keys(LENGTHS) as (keyof typeof LENGTHS)[];
const initial = () =>
  Object.fromEntries(names.map((name, i) => [name, realistic(LENGTHS[name], i + 1)]));
const gradientsAt = (step: number, of: readonly string[] = names) =>
  Object.fromEntries(
    of.map((name) => {
      const length = LENGTHS[name as keyof typeof LENGTHS];
      return [name, realistic(length, 100 * step + length)];
    }),
  );

/** Throws where a weight, moment or step count differs from the plain optimizer's. */
function assertSame(optimizer: AdamW, plain: PlainOptimizer, why: string): void {
  for (const [name, expected] of plain.parameters) {
    const actual = optimizer.parameter(name);
    assert.is(actual.step, expected.t, `${why}: step of ${name}`);
    const planes = [
      ["master", actual.master, expected.p],
      ["expAvg", actual.expAvg, expected.m],
      ["expAvgSq", actual.expAvgSq, expected.v],
    ] as const;
    for (const [plane, values, wanted] of planes) {
      const at = differingBits(values, wanted);
      assert.is(at, -1, `${why}: ${plane}[${at}] of ${name}`);
    }
    if (expected.vmax) {
      assert.is(differingBits(actual.maxExpAvgSq as Float32Array, expected.vmax), -1, why);
    }
  }
}

test("200 steps with a schedule have the plain optimizer's bits, the flush of step 64 included", async () => {
  const lr = cosineWithWarmup({ peak: 5e-3, warmupSteps: 10, totalSteps: 150, floor: 1e-4 });
  const optimizer = await AdamW.create(initial(), { lr, weightDecay: 0.1 });
  const plain = new PlainOptimizer();
  for (const [name, data] of Object.entries(initial()))
    plain.add(name, data, { lr, weightDecay: 0.1 });
  for (let k = 0; k < 200; k++) {
    const gradients = gradientsAt(k % 90);
    const report = optimizer.step(gradients);
    plain.step(gradients);
    assert.equal(report, {
      step: k + 1,
      applied: true,
      gradNorm: null,
      lr: { default: lr(k) },
      nonFinite: null,
      overflowed: [],
      lossScale: 1,
    });
  }
  assertSame(optimizer, plain, "after 200 steps");
  optimizer.dispose();
});

test("groups, filters and scales reach the parameters that they should", async () => {
  const data = initial();
  const optimizer = await AdamW.create(
    [
      {
        params: { a: data.a, empty: data.empty },
        name: "low",
        lr: 1e-4,
        betas: [0.8, 0.95],
        eps: 1e-6,
      },
      { params: { b: data.b, c: data.c }, weightDecay: 0.2, amsgrad: true, lrScale: 0.5 },
      { params: [{ name: "scalar", shape: [], data: data.scalar }] },
    ],
    {
      lr: 2e-3,
      weightDecay: 0.05,
      maximize: true,
      decays: ({ name }) => name !== "b",
      lrScale: ({ name, group }) => (name === "c" ? 0.25 : group === "low" ? 3 : 1),
    },
  );
  const common = { gradScale: -1 };
  const plain = new PlainOptimizer()
    .add("a", data.a, {
      ...common,
      lr: () => 1e-4,
      betas: [0.8, 0.95],
      eps: 1e-6,
      weightDecay: 0.05,
      lrScale: 3,
    })
    .add("b", data.b, { ...common, lr: () => 2e-3, weightDecay: 0, amsgrad: true, lrScale: 0.5 })
    .add("c", data.c, {
      ...common,
      lr: () => 2e-3,
      weightDecay: 0.2,
      amsgrad: true,
      lrScale: 0.125,
    })
    .add("scalar", data.scalar, { ...common, lr: () => 2e-3, weightDecay: 0.05 });
  for (let k = 0; k < 70; k++) {
    const report = optimizer.step(gradientsAt(k));
    plain.step(gradientsAt(k, ["a", "b", "c", "scalar"]));
    assert.equal(report.lr, { low: 1e-4, group1: 2e-3, group2: 2e-3 });
  }
  assertSame(optimizer, plain, "after 70 steps");
  assert.equal(optimizer.parameter("scalar").shape, []);
  assert.is(optimizer.parameter("c").lrScale, 0.125);
  assert.is(optimizer.parameter("b").decays, false);
});

test("a parameter without a gradient is untouched and its step count stands still", async () => {
  const optimizer = await AdamW.create(initial());
  const plain = new PlainOptimizer();
  for (const [name, data] of Object.entries(initial())) plain.add(name, data);
  for (let subset = 0; subset < 2 ** names.length; subset++) {
    const given = names.filter((_, i) => subset & (1 << i));
    const absent = names.filter((name) => !given.includes(name));
    const gradients = gradientsAt(subset, given);
    plain.step(gradients);
    optimizer.step({
      ...gradients,
      ...Object.fromEntries(absent.slice(1).map((name) => [name, null])),
    });
    assertSame(optimizer, plain, `subset ${given}`);
  }
  assert.is(optimizer.steps, 2 ** names.length);
});

test("gradients written into the views give the same bits as gradients by name", async () => {
  const [byView, byName] = [await AdamW.create(initial()), await AdamW.create(initial())];
  for (let k = 0; k < 5; k++) {
    const gradients = gradientsAt(k);
    for (const name of names) byView.gradient(name).set(gradients[name]);
    byView.step();
    byName.step(gradients);
  }
  assert.is(byView.digest(), byName.digest());
  byView.zeroGradients();
  for (const name of names) assert.ok(byView.gradient(name).every((g) => g === 0));
});

test("initial data is copied in, and masters are copied out", async () => {
  const data = initial();
  const optimizer = await AdamW.create(data);
  data.a.fill(9);
  const target = { a: new Float32Array(1000), b: new Float32Array(7) };
  optimizer.copyTo(target);
  assert.is(differingBits(target.a, initial().a), -1);
  assert.is(differingBits(target.b, initial().b), -1);
});

test("a group's rates can be assigned between steps", async () => {
  const optimizer = await AdamW.create({ a: initial().a });
  const plain = new PlainOptimizer().add("a", initial().a, {
    lr: (k) => (k < 3 ? 1e-3 : 2e-4),
  });
  for (let k = 0; k < 6; k++) {
    if (k === 3) {
      optimizer.groups[0].lr = 2e-4;
      assert.throws(() => {
        optimizer.groups[0].lr = -1;
      }, /"lr" of the options: expected a finite number >= 0/);
    }
    optimizer.step(gradientsAt(k, ["a"]));
    plain.step(gradientsAt(k, ["a"]));
  }
  assertSame(optimizer, plain, "after assignment");
  optimizer.groups[0].betas = [0.5, 0.5];
  optimizer.groups[0].eps = 1e-3;
  optimizer.groups[0].weightDecay = 0;
  assert.equal(optimizer.groups[0].betas, [0.5, 0.5]);
  assert.is(optimizer.groups[0].eps, 1e-3);
  assert.is(optimizer.groups[0].weightDecay, 0);
});

test("gradNorm is the norm of the step's gradients, whatever their groups", async () => {
  const data = initial();
  const one = await AdamW.create(data, { gradNorm: true });
  const two = await AdamW.create(
    [{ params: { c: data.c, scalar: data.scalar } }, { params: { b: data.b, a: data.a } }],
    { gradNorm: true, slabBytes: 524288 },
  );
  const { empty, ...gradients } = gradientsAt(1);
  const norm = one.step(gradients).gradNorm as number;
  assert.is(two.step(gradients).gradNorm, norm);
  const all = Object.values(gradients).flatMap((g) => Array.from(g));
  const expected = Math.sqrt(all.reduce((sum, g) => sum + g * g, 0));
  assert.ok(Math.abs(norm - expected) < 1e-12 * expected, `${norm} against ${expected}`);
  assert.is(empty.length, 0);
});

test("arrays of another realm are arrays", () => {
  const foreign = runInNewContext(
    "({ data: Float32Array.of(1, 2), gradient: Float32Array.of(3, 4), halves: new Uint16Array(2) })",
  );
  const optimizer = new AdamW(
    { w: foreign.data, h: { shape: [2], data: foreign.halves, dtype: "float16" } },
    { precision: { model: "bfloat16" } },
  );
  assert.is(optimizer.step({ w: foreign.gradient }).applied, true);
  optimizer.copyTo({ h: foreign.halves, w: foreign.data });
  assert.is(foreign.data[0], optimizer.parameter("w").master[0]);
});

test("the caller's initial data is let go", async () => {
  const { gc } = globalThis as { gc?: () => void };
  setFlagsFromString("--expose-gc");
  const collect = gc ?? (runInNewContext("gc") as () => void);
  let data: Float32Array | undefined = new Float32Array(1000);
  const held = new WeakRef(data);
  const optimizer = new AdamW({ w: data });
  data = undefined;
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  assert.is(held.deref(), undefined);
  assert.is(optimizer.parameter("w").length, 1000);
});

test("a subclass creates its own kind", async () => {
  class Mine extends AdamW {}
  assert.instance(await Mine.create({ a: initial().a }), Mine);
});

test("new AdamW compiles on the spot where the engine allows it", () => {
  const optimizer = new AdamW({ a: initial().a });
  assert.is(optimizer.step(gradientsAt(0, ["a"])).applied, true);
});

test.run();
