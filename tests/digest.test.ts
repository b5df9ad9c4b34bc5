import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  clipByGlobalNorm,
  cosineWithWarmup,
  dynamicLossScale,
  staticLossScale,
} from "../src/index.ts";
import { inNameOrder } from "../src/parameters/name-order.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("digest");

const LENGTHS: Record<string, number> = {
  "layers.0.weight": 70_001,
  "layers.0.bias": 31,
  "layers.1.weight": 20_000,
  é: 5,
  z: 4097,
  empty: 0,
};
const NAMES = Object.keys(LENGTHS);
const data = (order: readonly string[]) =>
  order.map((name) => ({
    name,
    shape: [LENGTHS[name]],
    data: realistic(LENGTHS[name], name.length),
  }));
const OPTIONS: AdamWOptions = {
  lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 2, totalSteps: 9 }),
  weightDecay: 0.1,
};

function train(optimizer: AdamW, steps = 6): AdamW {
  for (let k = 0; k < steps; k++) {
    optimizer.step(
      Object.fromEntries(
        NAMES.map((name) => [name, realistic(LENGTHS[name], 50 * k + name.length)]),
      ),
    );
  }
  return optimizer;
}

for (const model of ["float32", "float16", "bfloat16"] as const) {
  for (const amsgrad of [false, true]) {
    test(`${model}, amsgrad ${amsgrad}: slabs, order and groups leave no trace`, async () => {
      const options = { ...OPTIONS, amsgrad, precision: { model } };
      const one = train(await AdamW.create(data(NAMES), options));
      const reversed = [...NAMES].reverse();
      const others = [
        await AdamW.create(data(NAMES), { ...options, slabBytes: 786_432 }),
        await AdamW.create(data(reversed), { ...options, slabBytes: 1_048_576 }),
        await AdamW.create(
          [{ params: data(reversed.slice(0, 2)) }, { params: data(reversed.slice(2)) }],
          { ...options, slabBytes: 2_097_152 },
        ),
      ];
      assert.ok(others[0].parameter("layers.0.weight").parts.length > 1, "the weight is split");
      for (const other of others) {
        train(other);
        assert.is(other.digest(), one.digest());
        assert.is(other.weightsDigest(), one.weightsDigest());
      }
    });
  }
}

test("every plane, the step count, the name and the shape count", async () => {
  const optimizer = train(await AdamW.create(data(NAMES), { ...OPTIONS, amsgrad: true }), 1);
  const seen = new Set([optimizer.digest()]);
  const weights = optimizer.weightsDigest();
  for (const plane of ["expAvg", "expAvgSq", "maxExpAvgSq", "master"] as const) {
    const view = optimizer.parameter("z")[plane] as Float32Array;
    view[4096] += 1;
    assert.not(seen.has(optimizer.digest()), plane);
    seen.add(optimizer.digest());
    assert.is(optimizer.weightsDigest() === weights, plane !== "master", plane);
  }
  const renamed = await AdamW.create({ a: new Float32Array(6) });
  const same = await AdamW.create({ a: new Float32Array(6) });
  const reshaped = await AdamW.create({ a: { shape: [2, 3] } });
  const other = await AdamW.create({ b: new Float32Array(6) });
  assert.is(renamed.digest(), same.digest());
  assert.is.not(renamed.digest(), reshaped.digest());
  assert.is.not(renamed.weightsDigest(), other.weightsDigest());
  same.step({ a: new Float32Array(6) });
  assert.is.not(renamed.digest(), same.digest(), "the step count counts");
  assert.is(renamed.weightsDigest(), same.weightsDigest(), "zeros decay to zeros");
});

test("the weights digest is what its documentation says, byte for byte", async () => {
  const optimizer = await AdamW.create({
    b: { shape: [2, 1], data: Float32Array.of(1.5, -2) },
    a: Float32Array.of(0.25),
  });
  const hash = createHash("sha256");
  hash.update("ashlar weights 1\n");
  hash.update('["a",[1],[],["float32"]]\n').update(Buffer.from("0000803e", "hex"));
  hash.update('["b",[2,1],[],["float32"]]\n').update(Buffer.from("0000c03f000000c0", "hex"));
  assert.is(optimizer.weightsDigest(), hash.digest("hex"));
});

test("the state digest is what its documentation says, byte for byte", async () => {
  const optimizer = await AdamW.create(
    { w: Float32Array.of(0) },
    { amsgrad: true, precision: { model: "float16" }, nonFinite: "allow" },
  );
  optimizer.step({});
  optimizer.step({ w: Float32Array.of(0) });
  Object.assign(optimizer.parameter("w").master, [1]);
  Object.assign(optimizer.parameter("w").expAvg, [-2]);
  Object.assign(optimizer.parameter("w").expAvgSq, [0.5]);
  Object.assign(optimizer.parameter("w").maxExpAvgSq ?? [], [1.5]);
  Object.assign(optimizer.parameter("w").model ?? [], [0x3c01]);
  const planes = ["master float32", "exp_avg float32", "exp_avg_sq float32"];
  const all = [...planes, "max_exp_avg_sq float32", "model float16"];
  const hash = createHash("sha256");
  hash.update(`ashlar state 1\n[2]\n${JSON.stringify(["w", [1], [1], all])}\n`);
  hash.update(Buffer.from("0000803f000000c00000003f0000c03f013c", "hex"));
  assert.is(optimizer.digest(), hash.digest("hex"));
});

test("digests of single parameters say which differs, and are what their documentation says", async () => {
  const [a, b] = [
    await AdamW.create(data(NAMES), OPTIONS),
    await AdamW.create(data(NAMES), OPTIONS),
  ];
  const { z: _, ...others } = Object.fromEntries(
    NAMES.map((name) => [name, realistic(LENGTHS[name], name.length)]),
  );
  const z = realistic(LENGTHS.z, 7);
  a.step({ ...others, z });
  b.step({ ...others, z: z.map((x, i) => (i === 4000 ? -x : x)) });
  const [of, ofOther] = [a.parameterDigests(), b.parameterDigests()];
  assert.equal(
    [...of.keys()],
    inNameOrder(data(NAMES)).map(({ name }) => name),
  );
  for (const name of NAMES) assert.is(of.get(name) === ofOther.get(name), name !== "z", name);

  const { master, expAvg, expAvgSq } = a.parameter("z");
  const hash = createHash("sha256");
  const planes = '["master float32","exp_avg float32","exp_avg_sq float32"]';
  hash.update(`ashlar parameter 1\n["z",[${LENGTHS.z}],[1],${planes}]\n`);
  for (const plane of [master, expAvg, expAvgSq]) hash.update(plane);
  assert.is(of.get("z"), hash.digest("hex"));
});

test("the config digest follows the options and not the memory", async () => {
  const config = async (options: AdamWOptions) =>
    (await AdamW.create(data(NAMES), options)).configDigest();
  const base = await config(OPTIONS);
  assert.is(await config({ ...OPTIONS, slabBytes: 2_097_152 }), base);
  const changes: AdamWOptions[] = [
    { lr: 1e-3 },
    { lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 2, totalSteps: 10 }) },
    { lr: () => 1e-2 },
    { weightDecay: 0.2 },
    { betas: [0.9, 0.99] },
    { eps: 1e-7 },
    { amsgrad: true },
    { maximize: true },
    { decays: ({ name }) => name !== "z" },
    { lrScale: ({ name }) => (name === "z" ? 0.5 : 1) },
    { precision: { model: "float16" } },
    { nonFinite: "skip" },
    { clip: clipByGlobalNorm(1) },
    { clip: clipByGlobalNorm(2) },
    { lossScale: staticLossScale(2) },
    { lossScale: dynamicLossScale() },
    { lazy: true },
    { centralize: true },
    { precision: { gradients: "float16" } },
    { precision: { model: "float16", master: false } },
  ];
  const digests = await Promise.all(changes.map((change) => config({ ...OPTIONS, ...change })));
  assert.is(new Set([base, ...digests]).size, changes.length + 1);
});

test("names sort by their UTF-8 bytes", () => {
  const names = ["b", "a", "é", "Z", "a.10", "a.2", "\u{10000}", "\uffff"];
  const sorted = inNameOrder(names.map((name) => ({ name }))).map(({ name }) => name);
  assert.equal(sorted, ["Z", "a", "a.10", "a.2", "b", "é", "\uffff", "\u{10000}"]);
});

test.run();
