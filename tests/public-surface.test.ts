import { readFileSync } from "node:fs";
import * as ashlar from "ashlar";
import * as core from "ashlar/core";
import * as numbers from "ashlar/numbers";
import * as schedules from "ashlar/schedules";
import * as sharded from "ashlar/sharded";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("public surface");

test("ashlar exports this and nothing else", () => {
  assert.equal(Object.keys(ashlar).sort(), [
    "AdamW",
    "AdamWDL",
    "AshlarError",
    "CheckpointError",
    "DecoupledAdamW",
    "LedgerText",
    "MindFormersAdamW",
    "OutOfMemoryError",
    "RunLedger",
    "WeightAverage",
    "adamw",
    "clipAdaptive",
    "clipByGlobalNorm",
    "clipByNorm",
    "clipByValue",
    "coreInfo",
    "cosineWithWarmup",
    "dynamicLossScale",
    "families",
    "indexedDBFile",
    "layerDecay",
    "layerwiseLrDecay",
    "noDecayOn",
    "noDecayOnBiasAndNorm",
    "readWeights",
    "ready",
    "seededGradients",
    "staticLossScale",
  ]);
});

test("ashlar/sharded exports this and nothing else", () => {
  assert.equal(Object.keys(sharded).sort(), [
    "MessageCollective",
    "RankError",
    "ShardedAdamW",
    "joinLocal",
    "localRanks",
    "mergeShards",
    "reduceMetrics",
    "soloCollective",
  ]);
});

test("ashlar/mpi and ashlar/nats export a way to join", async () => {
  assert.equal(Object.keys(await import("ashlar/mpi")), ["joinMpi"]);
  assert.equal(Object.keys(await import("ashlar/nats")), ["joinNats"]);
});

test("ashlar/schedules, ashlar/core and ashlar/numbers export this and nothing else", () => {
  assert.equal(Object.keys(schedules).sort(), [
    "annealingWithWarmupDecay",
    "chained",
    "constant",
    "constantFactor",
    "constantWithCoolDown",
    "constantWithWarmup",
    "cosineAnnealing",
    "cosineWithHardRestarts",
    "cosineWithWarmup",
    "cyclic",
    "describeSchedule",
    "durationSteps",
    "exponential",
    "greedy",
    "inverseSqrt",
    "inverseTime",
    "lambda",
    "linear",
    "linearWarmup",
    "linearWithWarmup",
    "multiStep",
    "multiplicative",
    "naturalExp",
    "noam",
    "oneCycle",
    "piecewiseConstant",
    "piecewiseInterpolate",
    "polynomial",
    "polynomialWithWarmup",
    "reduceOnPlateau",
    "scaleSchedule",
    "scaled",
    "scheduleFromData",
    "sequential",
    "stepDecay",
    "tanhDecay",
    "triStage",
    "vector",
    "warmRestarts",
    "warmupStableDecay",
  ]);
  assert.equal(Object.keys(core).sort(), ["AshlarError", "HeapAdamW", "ready"]);
  assert.equal(Object.keys(numbers).sort(), ["cosPi", "exp", "ipow", "log", "pow"]);
});

test("the prototype of an optimizer has these members", () => {
  const members = new Set<string>();
  for (
    let proto = ashlar.AdamW.prototype as object;
    proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  ) {
    for (const name of Object.getOwnPropertyNames(proto)) members.add(name);
  }
  assert.equal([...members].sort(), [
    "accumulate",
    "addGroup",
    "addOneGroup",
    "addParameters",
    "bytes",
    "configDigest",
    "constructor",
    "copyTo",
    "describe",
    "digest",
    "dispose",
    "gradient",
    "gradient16",
    "groupGradients",
    "groups",
    "loadReport",
    "lossScale",
    "metrics",
    "newReport",
    "parameter",
    "parameterDigests",
    "parameterNames",
    "save",
    "setWeights",
    "step",
    "stepAsync",
    "steps",
    "threads",
    "toBlob",
    "toBytes",
    "weightsDigest",
    "zeroGradients",
  ]);
});

test("package.json exports only files that are packed, each with its types", () => {
  const url = new URL("../../package.json", import.meta.url);
  const { exports, files } = JSON.parse(readFileSync(url, "utf8"));
  for (const [entry, target] of Object.entries<string | Record<string, string>>(exports)) {
    const paths = typeof target === "string" ? [target] : Object.values(target);
    for (const path of paths) {
      const packed = files.some((file: string) => path.startsWith(`./${file}`));
      assert.ok(packed || path === "./package.json", `${entry}: ${path} is not packed`);
      readFileSync(new URL(`../../${path}`, import.meta.url));
    }
    if (typeof target === "object") assert.ok(target.types.endsWith(".d.ts"), entry);
  }
});

test.run();
