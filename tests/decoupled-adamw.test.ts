import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  cosineWithWarmup,
  DecoupledAdamW,
  type DecoupledAdamWOptions,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { warningsOf } from "./reference/refused.ts";

const test = suite("DecoupledAdamW");

const weights = () => ({ w: realistic(100, 1) });
const zeros = () => ({ w: new Float32Array(100) });
const make = (options: DecoupledAdamWOptions = {}) => new DecoupledAdamW(weights(), options);

/** The weights after steps with zero gradients, which only decay: the share taken at each step. */
function assertDecays(optimizer: DecoupledAdamW, shares: readonly number[]): void {
  let expected = weights().w;
  shares.forEach((share, k) => {
    optimizer.step(zeros());
    expected = expected.map((p) => p - Math.fround(p * Math.fround(share)));
    const at = differingBits(optimizer.parameter("w").master, expected);
    assert.is(at, -1, `step ${k}, element ${at}`);
  });
}

test("its defaults are the original's", () => {
  const [{ lr, weightDecay, betas, eps, amsgrad }] = make().groups;
  assert.equal(
    { lr, weightDecay, betas, eps, amsgrad },
    { lr: 1e-3, weightDecay: 1e-5, betas: [0.9, 0.95], eps: 1e-8, amsgrad: false },
  );
});

test("a constant lr decays by the weight decay itself, whatever its size", () => {
  assertDecays(make({ lr: 10, weightDecay: 1e-4 }), [1e-4, 1e-4, 1e-4]);
  assertDecays(make({ lr: 1e-9, weightDecay: 1e-4 }), [1e-4, 1e-4, 1e-4]);
});

test("it is AdamW with a weight decay of wd / lr0", () => {
  const lr = cosineWithWarmup({ peak: 0.25, warmupSteps: 3, totalSteps: 20 });
  const ours = make({ lr, weightDecay: 2 ** -12 });
  const common = new AdamW(weights(), { lr, weightDecay: 2 ** -10, betas: [0.9, 0.95] });
  for (let k = 0; k < 20; k++) {
    const gradients = { w: realistic(100, k + 2) };
    ours.step(gradients);
    common.step(gradients);
  }
  assert.is(ours.digest(), common.digest());
});

test("the decay follows a schedule relative to its base", () => {
  const lr = cosineWithWarmup({ peak: 0.1, warmupSteps: 2, totalSteps: 100 });
  const optimizer = make({ lr, weightDecay: 1e-4 });
  assert.is(optimizer.groups[0].initialLr, 0.1);
  assertDecays(optimizer, [0, 5e-5, 1e-4]);
});

test("a caller's function decays relative to initialLr", () => {
  const lr = (k: number) => 0.5 / 2 ** k;
  assertDecays(make({ lr, initialLr: 0.5, weightDecay: 1e-4 }), [1e-4, 5e-5, 2.5e-5]);
  assertDecays(make({ lr, initialLr: 2, weightDecay: 1e-4 }), [2.5e-5, 1.25e-5]);
});

test("an initialLr of 0 means a factor of 1", () => {
  assertDecays(make({ lr: 0, weightDecay: 1e-4 }), [1e-4, 1e-4]);
  assertDecays(make({ lr: () => 0.3, initialLr: 0, weightDecay: 1e-4 }), [1e-4]);
});

test("a group's initialLr is overwritten by what its own lr begins from", () => {
  const { w } = weights();
  const optimizer = new DecoupledAdamW(
    [
      { params: { w }, initialLr: 7 },
      { params: { v: w }, lr: 0.5, initialLr: 7 },
      { params: { u: w }, lr: () => 0.25, initialLr: 7 },
      { params: { t: w }, lr: () => 0.25 },
    ],
    { lr: 0.125, initialLr: 9 },
  );
  assert.equal(
    optimizer.groups.map(({ initialLr }) => initialLr),
    [0.125, 0.5, 7, 9],
  );
});

test("assigning lr keeps initialLr, so the decay follows", () => {
  const optimizer = make({ lr: 0.5, weightDecay: 1e-4 });
  assertDecays(optimizer, [1e-4]);
  optimizer.groups[0].lr = 0.25;
  optimizer.step(zeros());
  const once = weights().w.map((p) => p - Math.fround(p * Math.fround(1e-4)));
  const twice = once.map((p) => p - Math.fround(p * Math.fround(5e-5)));
  assert.is(differingBits(optimizer.parameter("w").master, twice), -1);
});

test("an lr scale multiplies lr and initialLr alike: it is not in the decay", () => {
  assertDecays(make({ lr: 0.5, lrScale: () => 0.25, weightDecay: 1e-4 }), [1e-4, 1e-4]);
});

test("decays gates the decay", () => {
  const optimizer = make({ decays: () => false, weightDecay: 1e-4 });
  assertDecays(optimizer, [0]);
});

test("amsgrad divides by the largest second moment", () => {
  const ours = make({ amsgrad: true, weightDecay: 0 });
  const common = new AdamW(weights(), { amsgrad: true, weightDecay: 0, betas: [0.9, 0.95] });
  for (let k = 0; k < 20; k++) {
    const gradients = { w: realistic(100, k + 2).map((g) => (k < 3 ? g : g / 1024)) };
    ours.step(gradients);
    common.step(gradients);
  }
  assert.is(ours.digest(), common.digest());
  assert.ok(ours.parameter("w").maxExpAvgSq?.some((v, i) => v > ours.parameter("w").expAvgSq[i]));
});

test("a weight decay of 1e-3 and more warns, for each group that has it", () => {
  const text = (share: string, where: string, value: string) =>
    `ashlar: DecoupledAdamW multiplies the weights by 1 - weightDecay, ${share}, in every step: ` +
    `"weightDecay" of ${where} is ${value}. It is not multiplied by lr; a weight decay of AdamW's ` +
    "times its lr means the same";
  assert.equal(
    warningsOf(() => make({ weightDecay: 9.99e-4 })),
    [],
  );
  assert.equal(
    warningsOf(() => make({ weightDecay: 1e-3 })),
    [text("0.999", "the options", "0.001")],
  );
  const groups = [
    { params: { a: new Float32Array(1) }, name: "a", weightDecay: 0.5 },
    { params: { b: new Float32Array(1) } },
  ];
  assert.equal(
    warningsOf(() => new DecoupledAdamW(groups)),
    [text("0.5", 'group "a"', "0.5")],
  );
});

test("a factor above 1 warns once", () => {
  const optimizer = make({ lr: (k) => 0.25 * (k + 1), initialLr: 0.5 });
  const steps = (count: number) => () => {
    for (let k = 0; k < count; k++) optimizer.step(zeros());
  };
  assert.equal(warningsOf(steps(2)), []);
  assert.equal(warningsOf(steps(3)), [
    "ashlar: DecoupledAdamW multiplies its weight decay by lr / initialLr, 0.75 / 0.5, which is " +
      "above 1. A warm-up needs a schedule whose base is its peak, or initialLr",
  ]);
  const undecayed = make({ lr: () => 3, initialLr: 0.5, weightDecay: 0 });
  assert.equal(
    warningsOf(() => undecayed.step(zeros())),
    [],
  );
});

test("the config digest knows initialLr; the three arithmetics have the same bits", () => {
  const lr = () => 0.25;
  const digests = [
    make({ lr, initialLr: 0.25 }),
    make({ lr, initialLr: 0.5 }),
    make({ lr, initialLr: 0.25, arithmetic: "documented" }),
    make({ lr, initialLr: 0.25, arithmetic: "executed" }),
    make({ lr: 0.25 }),
  ].map((optimizer) => optimizer.configDigest());
  assert.is(new Set(digests).size, digests.length);
  const [one, ...others] = (["intended", "documented", "executed"] as const).map((arithmetic) => {
    const optimizer = make({ lr, initialLr: 0.5, arithmetic });
    optimizer.step({ w: realistic(100, 2) });
    return optimizer.digest();
  });
  assert.equal(others, [one, one]);
});

test("metrics of shards reduce to those of the whole, with sorted keys", async () => {
  const optimizer = make();
  const ranks = [
    { "l2_norm/grad/w": 3, "cosine/moment_grad/w": 0.5, "l2_norm/grad/a": 5 },
    { "cosine/moment_grad/w": 0.25, "l2_norm/grad/w": 4 },
  ];
  const prepared = ranks.map((metrics) => optimizer.preReduceMetrics(metrics));
  assert.equal(Object.entries(prepared[0]), [
    ["cosine/moment_grad/w", 0.5],
    ["l2_norm/grad/a", 25],
    ["l2_norm/grad/w", 9],
  ]);
  const sent: string[][] = [];
  const allReduce = (local: Readonly<Record<string, number>>) => {
    sent.push(Object.keys(local));
    const sums: Record<string, number> = { ...local };
    for (const [key, value] of Object.entries(prepared[1])) sums[key] = (sums[key] ?? 0) + value;
    return Promise.resolve({ ...sums, ranks: 2 });
  };
  const reduced = await optimizer.distReduceMetrics(prepared[0], allReduce);
  assert.equal(Object.entries(reduced), [
    ["cosine/moment_grad/w", 0.375],
    ["l2_norm/grad/a", 5],
    ["l2_norm/grad/w", 5],
  ]);
  assert.equal(sent, [["cosine/moment_grad/w", "l2_norm/grad/a", "l2_norm/grad/w", "ranks"]]);
});

test("reportPerParameterMetrics gives the true update of each group, amsgrad and decay included", () => {
  const { w } = weights();
  const optimizer = new DecoupledAdamW([
    { params: { w }, lr: 0.5, weightDecay: 5e-4 },
    { params: { v: w }, lr: 0.25, amsgrad: true },
  ]);
  optimizer.step({ w: realistic(100, 2), v: realistic(100, 3) });
  assert.equal(optimizer.reportPerParameterMetrics("w"), {}, "not measured");
  const before = optimizer.parameter("v").master.slice();
  const gradients = { v: realistic(100, 4).map((g) => g / 64) };
  optimizer.step(gradients, { metrics: true });
  const { master, expAvg } = optimizer.parameter("v");
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  const expected = {
    "l2_norm/moment/v": norm(expAvg),
    "l2_norm/param/v": norm(master),
    "l2_norm/update/v": norm(master.map((p, i) => p - before[i])),
    "l2_norm/grad/v": norm(gradients.v),
  };
  const other = { "l2_norm/grad/w": 1 };
  const metrics = optimizer.reportPerParameterMetrics("v", other);
  assert.is(metrics, other);
  assert.equal(Object.keys(metrics), ["l2_norm/grad/w", ...Object.keys(expected)]);
  for (const [key, value] of Object.entries(expected)) {
    assert.ok(
      Math.abs(metrics[key] - value) < 1e-5 * value,
      `${key}: ${metrics[key]}, not ${value}`,
    );
  }
  assert.equal(optimizer.reportPerParameterMetrics("w"), {}, "took no part");
  assert.throws(() => optimizer.reportPerParameterMetrics("x"), /"name" of the parameters/);
});

test("create compiles the core first", async () => {
  const optimizer = await DecoupledAdamW.create(weights(), { lr: 0.5 });
  assert.is(optimizer.step(zeros()).step, 1);
  assert.ok(optimizer instanceof DecoupledAdamW);
});

test.run();
