import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreInfo } from "../src/core/kernel.ts";
import { AdamW, type AdamWOptions, dynamicLossScale } from "../src/index.ts";
import { foldChecksums } from "../src/ledger/checksums.ts";
import { engineName } from "../src/ledger/engine-name.ts";
import type { EndRecord, HeaderRecord, ParametersRecord } from "../src/ledger/format.ts";
import { PACKAGE_VERSION } from "../src/ledger/package-version.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { gradientChecksum, stateChecksum } from "./reference/checksums.ts";
import { ledgerOf, stepsOf } from "./reference/ledger.ts";

const test = suite("ledger");
const seeded = seededGradients({ seed: 5, scale: 1 });

const make = (options: AdamWOptions = {}) =>
  AdamW.create({ b: new Float32Array(9_000).fill(1), a: Float32Array.of(1, -2, 3) }, options);

const stateOf = (optimizer: AdamW, name: string) => {
  const { master, expAvg, expAvgSq } = optimizer.parameter(name);
  return stateChecksum([master, expAvg, expAvgSq], () => true);
};

test("a header says what runs", async () => {
  const optimizer = await make({ lr: 0.25, threads: 1 });
  const { text, records } = await ledgerOf(optimizer, () => {}, { note: { data: [1, null, "x"] } });
  const header = records[0] as HeaderRecord;
  assert.is(header.package, JSON.parse(readFileSync("package.json", "utf8")).version);
  assert.is(header.package, PACKAGE_VERSION);
  assert.equal(header.core, coreInfo());
  assert.is(header.engine, engineName());
  assert.is(header.class, "AdamW");
  assert.is(header.threads, 1);
  assert.is(header.stride, 16);
  assert.is(header.step, 0);
  assert.is(header.resumed, false);
  assert.is(header.config, optimizer.configDigest());
  assert.is((header.options as { groups: { lr: number }[] }).groups[0].lr, 0.25);
  assert.not.ok("parameters" in header.options);
  const info = { group: "default", layer: null, lrScale: 1, decays: true };
  assert.equal(header.parameters, [
    { name: "a", shape: [3], ...info },
    { name: "b", shape: [9_000], ...info },
  ]);
  assert.equal([...header.state.each], [stateOf(optimizer, "a"), stateOf(optimizer, "b")]);
  assert.is(header.replay, null);
  assert.equal(header.note, { data: [1, null, "x"] });
  assert.ok(text.startsWith('{"ashlar":"run","version":1,'));
});

test("each line has the checksums of its step, by plain loops", async () => {
  const optimizer = await make({ lr: 0.5, betas: [0.5, 0.5] });
  const expected: object[] = [];
  const { records } = await ledgerOf(
    optimizer,
    () => {
      for (let k = 0; k < 5; k++) {
        seeded.fill(optimizer);
        const gradient = BigUint64Array.from(["a", "b"], (name) =>
          gradientChecksum(optimizer.gradient(name)),
        );
        const { lr } = optimizer.step();
        const state = BigUint64Array.from(["a", "b"], (name) => stateOf(optimizer, name));
        expected.push({
          kind: "step",
          line: k + 2,
          step: k + 1,
          applied: true,
          lr,
          scale: 1,
          norm: null,
          nonFinite: null,
          absent: [],
          gradient: { total: foldChecksums(gradient), each: gradient },
          state: { total: foldChecksums(state), each: state },
        });
      }
    },
    { stride: 1 },
  );
  const steps = stepsOf(records);
  assert.is(steps.length, 5);
  steps.forEach((step, k) => {
    assert.equal({ ...step, lr: { ...step.lr } }, expected[k]);
  });
  const end = records.at(-1) as EndRecord;
  assert.is(end.kind, "end");
  assert.is(end.step, 5);
  assert.is(end.digest, optimizer.digest());
  assert.is(end.weights, optimizer.weightsDigest());
  assert.equal([...end.state.each], [stateOf(optimizer, "a"), stateOf(optimizer, "b")]);
});

test("with a stride, every block's state comes up once in so many steps", async () => {
  const run = async (flipAt: number) => {
    const optimizer = await make();
    const { records } = await ledgerOf(
      optimizer,
      () => {
        for (let k = 0; k < 12; k++) {
          // One bit of a moment, in the second block.
          if (k === flipAt) optimizer.parameter("b").expAvg[5_000] += 2 ** -20;
          seeded.fill(optimizer);
          optimizer.step();
        }
      },
      { stride: 4 },
    );
    return stepsOf(records);
  };
  const right = await run(-1);
  for (const flipAt of [2, 3, 4, 5, 6]) {
    const wrong = await run(flipAt);
    const parts = right.flatMap(({ state }, k) =>
      state.total === wrong[k].state.total ? [] : [k],
    );
    // Block 1 has its turn where 4 divides 1 + k.
    assert.is(parts[0], [3, 3, 7, 7, 7][flipAt - 2], `${flipAt}`);
    assert.ok(right.every(({ gradient }, k) => gradient.total === wrong[k].gradient.total));
  }
});

test("parameters that take no part are absent", async () => {
  const optimizer = await make();
  const { records } = await ledgerOf(optimizer, () => {
    optimizer.step({ b: new Float32Array(9_000).fill(1) });
    optimizer.step({ a: Float32Array.of(1, 2, 3) });
    optimizer.step({});
  });
  const steps = stepsOf(records);
  assert.equal(
    steps.map(({ absent }) => absent),
    [[0], [1], [0, 1]],
  );
  assert.is(steps[0].gradient.each[0], 0n);
  assert.is.not(steps[0].gradient.each[1], 0n);
  assert.is(steps[1].gradient.each[0], gradientChecksum(Float32Array.of(1, 2, 3)));
});

test("a skipped step is recorded, a refused one is not", async () => {
  const bad = { a: Float32Array.of(0, Number.NaN, 0) };
  const scaled = await make({ lossScale: dynamicLossScale({ initialScale: 8 }), gradNorm: true });
  const { records } = await ledgerOf(scaled, () => {
    scaled.step({ a: Float32Array.of(8, 0, 0) });
    scaled.step(bad);
    scaled.step({ a: Float32Array.of(8, 0, 0) });
  });
  const steps = stepsOf(records);
  assert.equal(
    steps.map(({ step, applied, scale, norm }) => ({ step, applied, scale, norm })),
    [
      { step: 1, applied: true, scale: 8, norm: 1 },
      { step: 1, applied: false, scale: 8, norm: null },
      { step: 2, applied: true, scale: 4, norm: 2 },
    ],
  );
  assert.equal(steps[1].nonFinite, { parameter: "a", index: 1, value: "NaN" });

  const strict = await make();
  const { records: others } = await ledgerOf(strict, () => {
    strict.step({ a: Float32Array.of(1, 0, 0) });
    assert.throws(() => strict.step(bad), /NaN/);
    strict.step({ a: Float32Array.of(2, 0, 0) });
  });
  assert.equal(
    stepsOf(others).map(({ step }) => step),
    [1, 2],
  );
});

test("a norm that is no number is text in the line", async () => {
  const optimizer = await make({ nonFinite: "allow", gradNorm: true });
  const { text, records } = await ledgerOf(optimizer, () => {
    optimizer.step({ a: Float32Array.of(Number.NaN, 0, 0) });
    optimizer.step({ a: Float32Array.of(Number.POSITIVE_INFINITY, 0, 0) });
  });
  assert.ok(text.includes('"norm":"NaN"'));
  assert.equal(
    stepsOf(records).map(({ norm }) => norm),
    [Number.NaN, Number.POSITIVE_INFINITY],
  );
});

test("parameters that are added are told of before their first step", async () => {
  const optimizer = await make();
  const { records } = await ledgerOf(optimizer, () => {
    seeded.fill(optimizer);
    optimizer.step();
    optimizer.addParameters({ ab: Float32Array.of(4) });
    optimizer.addGroup({ params: { c: Float32Array.of(5) }, name: "late", lr: 0.125 });
    seeded.fill(optimizer);
    optimizer.step();
  });
  assert.equal(
    records.map(({ kind }) => kind),
    ["header", "step", "parameters", "step", "end"],
  );
  const added = records[2] as ParametersRecord;
  assert.equal(
    added.parameters.map(({ name, group }) => `${name} ${group}`),
    ["a default", "ab default", "b default", "c late"],
  );
  assert.is(added.config, optimizer.configDigest());
  const [, second] = stepsOf(records);
  assert.is(second.lr.late, 0.125);
  const expected = ["a", "ab", "b", "c"].map((name) =>
    gradientChecksum(seeded.values(name, optimizer.parameter(name).length, 1)),
  );
  assert.equal([...second.gradient.each], expected);
});

test("stepAsync, closures and sums of micro-batches are recorded too", async () => {
  const optimizer = await make();
  const { records } = await ledgerOf(optimizer, async () => {
    await optimizer.stepAsync(async () => seeded.fill(optimizer));
    optimizer.step(() => seeded.fill(optimizer));
    optimizer.accumulate({ a: Float32Array.of(2, 0, 0) });
    optimizer.accumulate({ a: Float32Array.of(4, 0, 0) }, { average: true });
    optimizer.step();
  });
  const steps = stepsOf(records);
  assert.is(steps.length, 3);
  // As the update reads it: averaged.
  assert.is(steps[2].gradient.each[0], gradientChecksum(Float32Array.of(3, 0, 0)));
});

test("layout, threads and the order of parameters leave no trace", async () => {
  const steps = async (names: readonly string[], options: AdamWOptions) => {
    const weights = Object.fromEntries(
      names.map((name) => [name, new Float32Array(9_000).fill(1)]),
    );
    const optimizer = await AdamW.create(weights, options);
    const { text } = await ledgerOf(
      optimizer,
      () => {
        for (let k = 0; k < 3; k++) {
          seeded.fill(optimizer);
          optimizer.step();
        }
      },
      { stride: 2 },
    );
    optimizer.dispose();
    return text.split("\n").slice(1).join("\n");
  };
  const names = ["x", "y", "z"];
  const one = await steps(names, {});
  assert.is(await steps(["z", "x", "y"], {}), one);
  assert.is(await steps(names, { slabBytes: 393_216, splitParameters: true }), one);
  assert.is(await steps(names, { threads: 2 }), one);
});

test.run();
