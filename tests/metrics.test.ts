import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SEG_GRAD, SEG_METRICS, SEG_PARAM } from "../assembly/layout.ts";
import { clipByGlobalNorm } from "../src/gradients/clip.ts";
import { sumSquares } from "../src/gradients/reduce.ts";
import { AdamW } from "../src/index.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { differingBits } from "./reference/bits.ts";
import { KernelFixture } from "./reference/kernel-fixture.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("metrics");

const scalars = stepScalars(
  {
    lr: 1e-2,
    lrScale: 1,
    initialLr: 1e-2,
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    t: 3,
    gradScale: 1,
  },
  {} as ReturnType<typeof stepScalars>,
);

/** Sum of a[i] * b[i] over one block, in the specified order. */
function blockProducts(a: Float32Array, b: Float32Array): number {
  const s = new Float64Array(8);
  for (let i = 0; i < a.length; i++) s[i % 8] += a[i] * b[i];
  return s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]));
}

test("a measured step has the bits of a step, and its sums the specified order", () => {
  for (const length of [1, 7, 8, 33, 1000, 4095, 4096, 4097, 9001]) {
    const segment = () => ({
      p: realistic(length, 1),
      g: realistic(length, 2),
      m: realistic(length, 3),
      v: realistic(length, 4).map(Math.abs),
      scalars,
      flush: false,
    });
    const plain = new KernelFixture([segment()], 4);
    const measured = new KernelFixture([segment()], 4);
    const blocks = Math.ceil(length / 4096);
    const ptr = measured.setBytes(0, SEG_METRICS, blocks * 48);
    plain.step();
    measured.stepMeasured();
    assert.is(measured.brokenCanary(), -1, `length ${length}`);
    const p = measured.floats(0, SEG_PARAM);
    const m = measured.floats(0, 8);
    const g = measured.floats(0, SEG_GRAD);
    assert.is(differingBits(p, plain.floats(0, SEG_PARAM)), -1);
    const u = segment().p.map((before, i) => p[i] - before);
    const sums = new Float64Array(measured.memory.buffer, ptr, blocks * 6);
    for (let block = 0; block < blocks; block++) {
      const of = (plane: Float32Array) => plane.subarray(block * 4096, (block + 1) * 4096);
      const expected = [
        blockProducts(of(g), of(g)),
        blockProducts(of(m), of(m)),
        blockProducts(of(p), of(p)),
        blockProducts(of(u), of(u)),
        blockProducts(of(m), of(g)),
        blockProducts(of(u), of(g)),
      ];
      assert.equal(Array.from(sums.subarray(block * 6, block * 6 + 6)), expected, `block ${block}`);
    }
  }
});

const start = () => ({ w: realistic(9000, 1), b: realistic(5, 2) });
const gradients = (seed: number) => ({ w: realistic(9000, seed), b: realistic(5, seed + 1) });
const norm = (x: Float32Array) =>
  Math.sqrt(
    sumSquares({
      name: "",
      shape: [x.length],
      length: x.length,
      parts: [{ first: 0, values: x }],
    }),
  );
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);

test("names and meanings, with clipping, maximize, amsgrad and decay in them", () => {
  const optimizer = new AdamW(start(), {
    clip: clipByGlobalNorm(0.5),
    maximize: true,
    amsgrad: true,
    weightDecay: 0.3,
  });
  const twin = new AdamW(start(), {
    clip: clipByGlobalNorm(0.5),
    maximize: true,
    amsgrad: true,
    weightDecay: 0.3,
  });
  assert.is(optimizer.metrics(), null);
  for (let k = 0; k < 3; k++) {
    const before = optimizer.parameter("w").master.slice();
    optimizer.step(gradients(10 * k), { metrics: true });
    twin.step(gradients(10 * k));
    const metrics = optimizer.metrics() ?? {};
    const { master, expAvg } = optimizer.parameter("w");
    const update = master.map((p, i) => p - before[i]);
    const all = gradients(10 * k);
    const total = Math.sqrt(norm(all.w) ** 2 + norm(all.b) ** 2);
    const scale = Math.fround(-Math.min(1, 0.5 / (total + 1e-6)));
    const g = all.w.map((x) => x * scale);
    const close = (name: string, expected: number) => {
      const actual = metrics[`${name}/w`];
      assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.abs(expected), `${name}: ${actual}`);
    };
    assert.is(metrics["l2_norm/param/w"], norm(master));
    assert.is(metrics["l2_norm/moment/w"], norm(expAvg));
    assert.is(metrics["l2_norm/update/w"], norm(update));
    close("l2_norm/grad", norm(g));
    close("cosine/moment_grad", dot(expAvg, g) / (norm(expAvg) * norm(g)));
    close("cosine/update_grad", dot(update, g) / (norm(update) * norm(g)));
    assert.is(metrics["l2_norm_ratio/update_param/w"], norm(update) / norm(master));
    assert.ok("l2_norm/grad/b" in metrics);
  }
  assert.is(optimizer.digest(), twin.digest(), "measuring changes nothing");
});

test("they do not depend on slabs; a parameter that stood still has none", () => {
  const [one, many] = [new AdamW(start()), new AdamW(start(), { slabBytes: 655_360 })];
  one.step(gradients(1), { metrics: true });
  many.step(gradients(1), { metrics: true });
  assert.equal(many.metrics(), one.metrics());
  one.step({ b: realistic(5, 9) }, { metrics: true });
  assert.equal(
    Object.keys(one.metrics() ?? {}).filter((key) => key.endsWith("/w")),
    [],
  );
});

test("rows that move lazily are measured as the dense gradient is", () => {
  const make = (lazy: boolean) =>
    new AdamW({ e: { shape: [300, 40], data: realistic(12_000, 3) } }, { lazy, weightDecay: 0 });
  const all = Array.from({ length: 300 }, (_, row) => row);
  const [lazy, dense] = [make(true), make(false)];
  const values = realistic(12_000, 4);
  lazy.step({ e: { rows: all, values } }, { metrics: true });
  dense.step({ e: values }, { metrics: true });
  assert.equal(lazy.metrics(), dense.metrics());
  lazy.step({ e: { rows: [7], values: realistic(40, 5) } }, { metrics: true });
  const metrics = lazy.metrics() ?? {};
  assert.is(metrics["l2_norm/param/e"], norm(lazy.parameter("e").master));
  assert.ok(metrics["l2_norm/update/e"] > 0);
});

test("without masters the weights are those that the model copy holds, and the update what they did", () => {
  for (const lazy of [false, true]) {
    const optimizer = new AdamW(
      { e: { shape: [300, 40], data: new Float32Array(12_000).fill(1) } },
      { lazy, lr: 1e-3, weightDecay: 0, precision: { model: "bfloat16", master: false } },
    );
    const all = Array.from({ length: 300 }, (_, row) => row);
    const values = realistic(12_000, 4);
    // A step of 1e-3 is lost between bfloat16's numbers at 1, but not at 1/16.
    optimizer.setWeights({ e: realistic(12_000, 5).map((x) => (x > 0 ? 1 : 0.0625)) });
    const before = optimizer.parameter("e").master.slice();
    optimizer.step({ e: lazy ? { rows: all, values } : values }, { metrics: true });
    const metrics = optimizer.metrics() ?? {};
    const { master } = optimizer.parameter("e");
    const update = master.map((p, i) => p - before[i]);
    assert.ok(update.some((u) => u === 0) && update.some((u) => u !== 0));
    assert.is(metrics["l2_norm/param/e"], norm(master));
    assert.is(metrics["l2_norm/update/e"], norm(update));
    assert.is(metrics["l2_norm_ratio/update_param/e"], norm(update) / norm(master));
    const cosine = dot(update, values) / (norm(update) * norm(values));
    assert.ok(Math.abs(metrics["cosine/update_grad/e"] - cosine) < 1e-6);
  }
});

test("bad step options are named", () => {
  const optimizer = new AdamW(start());
  assert.throws(
    () => optimizer.step(undefined, { metrics: 1 as unknown as boolean }),
    (error: unknown) =>
      error instanceof TypeError &&
      error.message === '"metrics" of step: expected true or false, got 1',
  );
  assert.throws(
    () => optimizer.step(undefined, { metric: true } as object),
    /"metric" of step: expected one of metrics, report, got an unknown key/,
  );
});

test.run();
