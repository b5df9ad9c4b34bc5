import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  cosineWithWarmup,
  DecoupledAdamW,
  dynamicLossScale,
  layerDecay,
  noDecayOnBiasAndNorm,
  ready,
  staticLossScale,
} from "../src/index.ts";
import { reduceMetrics, ShardedAdamW, soloCollective } from "../src/sharded/index.ts";
import { onAll, withRanks } from "./reference/ranks.ts";
import {
  gradientsOf,
  initial,
  lengthOf,
  NAMES,
  runOne,
  runRanks,
  SHAPES,
} from "./reference/sharded-model.ts";

// N ranks give the bits of one process: state, reports, metrics and the weights on every rank.

const test = suite("sharded");
test.before(() => ready());

const layers = () =>
  layerDecay({ rate: 0.5, layers: 3, layerOf: (name) => "abcsen".indexOf(name[0]) % 3 });

const OPTIONS: Readonly<Record<string, () => AdamWOptions>> = {
  "the defaults": () => ({}),
  "a global norm": () => ({ clip: clipByGlobalNorm(0.5), gradNorm: true }),
  "a norm of each parameter": () => ({ clip: clipByNorm(0.1) }),
  "clipping by value": () => ({ clip: clipByValue(0.01), gradNorm: true }),
  "a float16 model": () => ({ precision: { model: "float16" }, clip: clipByGlobalNorm(1) }),
  "a bfloat16 model alone": () => ({ precision: { model: "bfloat16", master: false } }),
  amsgrad: () => ({ amsgrad: true, maximize: true }),
  "a loss scale": () => ({ lossScale: staticLossScale(1024), clip: clipByGlobalNorm(0.001) }),
  "values under a loss scale": () => ({
    lossScale: staticLossScale(8),
    clip: clipByValue(0.01),
    gradNorm: true,
  }),
  "schedules and rules": () => ({
    lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 2, totalSteps: 6 }),
    weightDecay: 0.1,
    decays: noDecayOnBiasAndNorm,
    lrScale: layers(),
  }),
  "gradients that nobody looks at": () => ({ nonFinite: "allow" }),
};

for (const [what, options] of Object.entries(OPTIONS)) {
  test(`1, 2, 3, 4 and 7 ranks and one process have the same bits with ${what}`, async () => {
    for (const ranks of [1, 2, 3, 4, 7]) {
      const average = ranks % 2 === 1;
      const course = { steps: 4, options };
      const expected = runOne(ranks, average, course);
      const bucketBytes = ranks % 3 === 1 ? 16_384 : 65_536;
      const all = await runRanks(ranks, { average, bucketBytes }, course);
      for (const outcome of all) assert.equal(outcome, expected);
    }
  });
}

test("groups with amsgrad, clips and rates of their own", async () => {
  const groups = () => {
    const all = Object.entries(initial()).map(([name, spec]) => ({ name, ...spec }));
    return [
      { params: all.slice(0, 3), lr: 0.01, amsgrad: true, clip: clipByGlobalNorm(0.1) },
      { params: all.slice(3, 6), lrScale: 0.5 },
      { params: all.slice(6), weightDecay: 0.2, clip: clipByNorm(0.2) },
    ];
  };
  const options = { clip: clipByGlobalNorm(1), gradNorm: true };
  const one = new AdamW(groups(), options);
  await withRanks(3, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, groups(), options);
      for (let step = 0; step < 4; step++) {
        const report = await optimizer.step(gradientsOf(step, rank));
        if (rank > 0) continue;
        for (let each = 0; each < 3; each++) one.accumulate(gradientsOf(step, each));
        assert.equal(report, one.step());
      }
      assert.is(await optimizer.digest(), one.digest());
      assert.is(String(optimizer.describe()), String(one.describe()));
    }),
  );
});

test("gradients in linear memory, micro-batches, 16 bits and rows", async () => {
  const options: AdamWOptions = { precision: { gradients: "bfloat16" } };
  const one = new AdamW(initial(), options);
  const rows = { rows: [7, 3, 7], values: new Float32Array(210).fill(0.25) };
  const halves = Uint16Array.from({ length: 14_400 }, (_, i) => 0x3f00 + (i % 100));
  // A rank with three micro-batches, the rows among them, and one with one.
  const batches = [
    [
      { "c.weight": halves },
      { "embed.weight": rows, "c.weight": halves },
      { "embed.weight": rows },
    ],
    [gradientsOf(1, 1)],
  ];
  const digests = await withRanks(2, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, initial(), {
        ...options,
        average: true,
      });
      for (const batch of batches[rank]) optimizer.accumulate(batch);
      await optimizer.step();
      // By name: 16 bits and rows; in place: the own view, given by name too.
      await optimizer.step({ "c.weight": halves, "embed.weight": rows });
      const view = optimizer.gradient("a.bias");
      view.set([1, 2, 3]);
      await optimizer.step({ "a.bias": view });
      optimizer.zeroGradients();
      optimizer.gradient("b.bias").fill(rank + 1);
      await optimizer.step();
      return optimizer.digest();
    }),
  );
  // The same sums by hand: rank 0's three, then rank 1's one.
  const embed = new Float32Array(35_000);
  for (const row of [3, 7]) {
    const value = 2 * (row === 7 ? 0.5 : 0.25);
    embed.fill(value, row * 70, row * 70 + 70);
  }
  const wide = new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  const other = gradientsOf(1, 1);
  const f32 = Math.fround;
  const mean = (name: string, of0: Float32Array | undefined) => {
    const of1 = other[name];
    const length = lengthOf(name);
    return Float32Array.from({ length }, (_, i) => {
      if (of0 && of1) return f32(of0[i] + of1[i]) / 4;
      return ((of0 ?? of1) as Float32Array)[i] / 4;
    });
  };
  const twice = wide.map((x) => f32(x + x));
  const own: Record<string, Float32Array> = { "embed.weight": embed, "c.weight": twice };
  const named = NAMES.filter((name) => own[name] || other[name]);
  one.step(Object.fromEntries(named.map((name) => [name, mean(name, own[name])])));
  const dense = new Float32Array(35_000);
  for (const row of [3, 7]) dense.fill(row === 7 ? 0.5 : 0.25, row * 70, row * 70 + 70);
  const half = (x: Float32Array) => x.map((value) => f32(value + value) / 2);
  one.step({ "c.weight": half(wide), "embed.weight": half(dense) });
  one.step({ "a.bias": half(Float32Array.of(1, 2, 3)) });
  const last = Object.fromEntries(NAMES.map((name) => [name, new Float32Array(lengthOf(name))]));
  last["b.bias"].fill(1.5);
  one.step(last);
  assert.equal(digests, [one.digest(), one.digest()]);
});

test("a shard has its part of the state and no more, and all parts make the whole", async () => {
  for (const ranks of [1, 2, 5, 40]) {
    const shards = await withRanks(ranks, (all) =>
      onAll(all, async (collective) => {
        const optimizer = await ShardedAdamW.create(collective, initial(), { bucketBytes: 16_384 });
        assert.is(optimizer.bytes - optimizer.shardBytes, 2 * 65_536 * Math.ceil(65_789 / 16_384));
        return { shard: optimizer.shard, bytes: optimizer.shardBytes };
      }),
    );
    const whole = shards.flatMap(({ shard }) => shard);
    let at = 0;
    for (const name of NAMES) {
      for (let first = 0; first < lengthOf(name); at++) {
        assert.is(whole[at].name, name);
        assert.is(whole[at].first, first);
        assert.is(first % 4096, 0);
        first += whole[at].length;
      }
    }
    assert.is(at, whole.length);
    for (const { shard } of shards) {
      const owned = shard.reduce((sum, { length }) => sum + length, 0);
      assert.ok(Math.abs(owned - 65_789 / ranks) <= 4096, `${owned} of ${ranks}`);
    }
  }
});

test("a rank adds -0 where it has no gradient, which changes no bit of any sum", async () => {
  await withRanks(2, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, initial());
      await optimizer.step(rank === 0 ? { "a.bias": new Float32Array(3).fill(-0) } : {});
      for (const x of optimizer.gradient("a.bias")) assert.is(Object.is(x, -0), true);
      // What nobody has a gradient for stays as it is.
      for (const x of optimizer.gradient("b.bias")) assert.is(Object.is(x, 0), true);
    }),
  );
});

test("ranks without a share of a small model take part all the same", async () => {
  const digests = await withRanks(3, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, { w: new Float32Array(10) });
      await optimizer.step({ w: new Float32Array(10).fill(rank + 1) });
      assert.is(optimizer.shard.length, rank === 0 ? 1 : 0);
      assert.is(optimizer.weights("w")[9], optimizer.weights("w")[0]);
      assert.ok(optimizer.weights("w")[9] < 0);
      return optimizer.digest();
    }),
  );
  assert.is(new Set(digests).size, 1);
});

test("several memories of weights and slabs give the same bits", async () => {
  const course = { steps: 3, options: () => ({ clip: clipByGlobalNorm(1) }) };
  const expected = runOne(3, false, course);
  for (const slabBytes of [458_752, 1_048_576]) {
    const [outcome] = await runRanks(3, { slabBytes }, course);
    assert.equal(outcome, expected);
  }
});

test("a dynamic loss scale backs off on all ranks where one has an overflow", async () => {
  const options = () => ({
    lossScale: dynamicLossScale({ initialScale: 1024, growthInterval: 2 }),
    gradNorm: true,
  });
  const gradients = (step: number, rank: number) => {
    const of = gradientsOf(step, rank);
    if (step === 2 && rank === 1) of["b.weight"] = realisticWith(4100, Number.POSITIVE_INFINITY);
    if (step === 4) of["c.weight"] = new Float32Array(14_400).fill(Number.NaN, 14_399);
    return of;
  };
  const course = { steps: 7, options, gradients };
  const expected = runOne(3, false, course);
  const applied = expected.reports.map((report) => (report as { applied: boolean }).applied);
  assert.equal(applied, [true, true, false, true, false, true, true]);
  for (const outcome of await runRanks(3, { bucketBytes: 16_384 }, course)) {
    assert.equal(outcome, expected);
  }
});

function realisticWith(at: number, value: number): Float32Array {
  const values = new Float32Array(lengthOf("b.weight")).fill(0.5);
  values[at] = value;
  return values;
}

test("'fast' is the engine's own sum, and zeroGradients zeroes after the step", async () => {
  const optimizer = await ShardedAdamW.create(soloCollective(), initial(), {
    reduction: "fast",
    zeroGradients: true,
  });
  await optimizer.step(gradientsOf(0, 0));
  for (const name of NAMES) assert.ok(optimizer.gradient(name).every((x) => Object.is(x, 0)));
  assert.equal(optimizer.parameterNames, Object.keys(SHAPES));
  assert.is(optimizer.rank, 0);
  assert.is(optimizer.size, 1);
  assert.is(optimizer.steps, 1);
  assert.is(optimizer.lossScale, null);
});

test("Composer's metrics are reduced over ranks that do not have the same keys", async () => {
  const own = [
    { "l2_norm/grad/a": 3, "cosine/update_grad/a": 0.5, "l2_norm/grad/ä": 1 },
    { "l2_norm/grad/a": 4, "cosine/update_grad/a": -1 },
    { "cosine/update_grad/b": 0.25 },
  ];
  const optimizer = new DecoupledAdamW({ a: new Float32Array(1) }, { lr: 1 });
  const reduced = await withRanks(3, (all) =>
    onAll(all, (collective, rank) =>
      optimizer.distReduceMetrics(optimizer.preReduceMetrics(own[rank]), reduceMetrics(collective)),
    ),
  );
  for (const metrics of reduced) {
    assert.equal(metrics, {
      "cosine/update_grad/a": -0.5 / 3,
      "cosine/update_grad/b": 0.25 / 3,
      "l2_norm/grad/a": 5,
      "l2_norm/grad/ä": 1,
    });
  }
  optimizer.dispose();
});

test("parameters without data, and parts of several pieces of a digest", async () => {
  const shapes = { a: { shape: [300_001] }, b: { shape: [600, 1000] } };
  const gradients = (rank: number) => ({ b: new Float32Array(600_000).fill(rank + 1) });
  const one = new AdamW(shapes);
  for (const rank of [0, 1]) one.accumulate(gradients(rank));
  one.step();
  const digests = await withRanks(2, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, shapes);
      await optimizer.step(gradients(rank));
      return optimizer.digest();
    }),
  );
  assert.equal(digests, [one.digest(), one.digest()]);
});

test("weights can be copied out, and the bits of a model copy", async () => {
  const optimizer = await ShardedAdamW.create(soloCollective(), initial());
  const into = new Float32Array(4096);
  optimizer.copyTo({ "a.weight": into });
  assert.equal([...into], [...optimizer.weights("a.weight")]);
  const half = await ShardedAdamW.create(soloCollective(), initial(), {
    precision: { model: "float16" },
  });
  const bits = new Uint16Array(4096);
  half.copyTo({ "a.weight": bits });
  assert.equal([...bits], [...half.weights("a.weight")]);
  assert.ok(bits.some((x) => x !== 0));
});

test.run();
