import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { recordedSource } from "../src/bin/verify/gradient-source.ts";
import {
  AdamW,
  type AdamWOptions,
  clipByValue,
  cosineWithWarmup,
  DecoupledAdamW,
  RunLedger,
  seededGradients,
} from "../src/index.ts";
import { GradientReader } from "../src/ledger/read-gradients.ts";
import { scaled } from "../src/schedules/index.ts";
import { FOLDER, put, runHere, runJson } from "./reference/bin-tool.ts";
import { makeOptimizer, recordRun } from "./reference/ledger-runs.ts";
import { errorOf } from "./reference/misuse.ts";

const test = suite("bin: verify, what rarely happens");

const SEEDED = seededGradients({ seed: 7, scale: 0.1 });
const CONFIRMED = /\nConfirmed: \d+ steps, every line, and digest /;

for (const gradients of ["float32", "bfloat16"] as const) {
  test(`gradients of a seed, in steps that some parameters took no part in: ${gradients}`, async () => {
    const optimizer = await makeOptimizer({ options: { precision: { gradients } } });
    const name = `some-${gradients}.jsonl`;
    const ledger = await RunLedger.open(join(FOLDER, name), optimizer, { replay: SEEDED });
    const view = (of: string) =>
      gradients === "float32" ? optimizer.gradient(of) : optimizer.gradient16(of);
    for (let k = 0; k < 3; k++) {
      SEEDED.fill(optimizer);
      if (k === 1) optimizer.step({ "head.bias": view("head.bias") });
      else optimizer.step();
    }
    await ledger.close();
    optimizer.dispose();
    const { code, stdout } = await runHere("verify", name);
    assert.is(code, 0, stdout);
    assert.match(stdout, CONFIRMED);
  });
}

test("recorded gradients that are those of another step, or of another kind of trouble", async () => {
  await recordRun("steps.jsonl", { replay: true, steps: 3 });
  const whole = readFileSync(join(FOLDER, "steps.gradients"));
  const record = (whole.length - 8) / 3;
  put("steps.gradients", Buffer.concat([whole.subarray(0, 8), whole.subarray(8 + record)]));
  const { code, stderr } = await runHere("verify", "steps.jsonl");
  assert.is(code, 2);
  assert.is(
    stderr,
    'ashlar verify: cannot read "steps.gradients": expected the gradients of step 1, got of 2\n',
  );
  const source = await recordedSource(FOLDER, "steps.gradients");
  const { next } = GradientReader.prototype;
  const own = new Error("out of memory");
  GradientReader.prototype.next = async () => {
    throw own;
  };
  try {
    assert.is(await errorOf(() => source.step({} as never, {} as never, [])), own);
  } finally {
    GradientReader.prototype.next = next;
    await source.close();
  }
});

test("modules that throw what is no error, when they are loaded and when they are asked", async () => {
  await recordRun("thrown.jsonl", { replay: SEEDED, steps: 1 });
  put("loading.mjs", "throw 'not today';");
  put("asking.mjs", "export default () => { throw 'not today'; };");
  for (const [name, message] of [
    ["loading.mjs", `cannot load "${join(FOLDER, "loading.mjs")}": not today`],
    ["asking.mjs", "cannot replay step 1: not today"],
  ]) {
    const args = ["verify", "thrown.jsonl", "--gradients", join(FOLDER, name)];
    const { code, stderr } = await runHere(...args);
    assert.is(code, 2);
    assert.is(stderr, `ashlar verify: ${message}\n`);
  }
});

test("a checkpoint of later, and one whose schedules are too deep for a ledger", async () => {
  await recordRun("starts.jsonl", {
    replay: SEEDED,
    steps: 3,
    after: async (optimizer, k) => {
      if (k === 1) await optimizer.save(join(FOLDER, "later"));
    },
  });
  const { code, answer } = await runJson("verify", "starts.jsonl", "--start", "later");
  assert.equal(
    [code, answer.verdict, answer.start[0]],
    [1, "start", { what: "steps", parameter: null, a: 0, b: 2 }],
  );
  let lr = cosineWithWarmup({ peak: 1, warmupSteps: 0, totalSteps: 9 });
  for (let i = 0; i < 40; i++) lr = scaled({ schedule: lr, scale: 1 });
  const deep = await makeOptimizer({ options: { lr } });
  await deep.save(join(FOLDER, "deep"));
  deep.dispose();
  const refused = await runHere("verify", "starts.jsonl", "--start", "deep");
  assert.is(refused.code, 2);
  assert.is(
    refused.stderr,
    'ashlar verify: cannot replay "deep": "optimizer" of RunLedger.open: expected schedules and rules of at most 32 levels, ' +
      'got "AdamW"\n',
  );
});

/** Records three steps with these groups and options, from what is beside the ledger. */
async function recordWith(
  name: string,
  options: AdamWOptions,
  groups: readonly object[] = [],
): Promise<void> {
  const params = { a: Float32Array.of(1, 2), b: Float32Array.of(3) };
  const optimizer = await AdamW.create(
    groups.length > 0
      ? Object.entries(params).map(([key, data], i) => ({
          params: { [key]: data },
          name: key,
          ...groups[i],
        }))
      : params,
    { ...options },
  );
  const ledger = await RunLedger.open(join(FOLDER, name), optimizer, { replay: SEEDED });
  for (let k = 0; k < 3; k++) {
    SEEDED.fill(optimizer);
    optimizer.step();
  }
  await ledger.close();
  optimizer.dispose();
}

test("rules of clipping and of rates are answered from the checkpoint, a group's factor of 0 too", async () => {
  await recordWith("rules.jsonl", {
    clip: clipByValue(0.01),
    clips: ({ name }) => name === "a",
    decays: ({ name }) => name === "b",
  });
  assert.match((await runHere("verify", "rules.jsonl")).stdout, CONFIRMED);
  const lrScale = ({ name }: { name: string }) => (name === "a" ? 0.5 : 0.25);
  await recordWith("factors.jsonl", { lrScale }, [{ lrScale: 0 }, { lrScale: 2 }]);
  const { code, stdout } = await runHere("verify", "factors.jsonl");
  assert.match(stdout, CONFIRMED);
  assert.is(code, 0);
});

test("functions that no file can hold are named, with a name or without", async () => {
  const cosine = cosineWithWarmup({ peak: 1, warmupSteps: 0, totalSteps: 9 });
  const lr = (k: number) => cosine(k);
  await recordWith("own-lr.jsonl", { lr }, [
    {
      lr: (
        () => (k: number) =>
          k / 10
      )(),
    },
    {},
  ]);
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runHere("verify", ...args);
    assert.is(code, 2);
    return stderr;
  };
  const beginning =
    'ashlar verify: cannot replay "own-lr.start.safetensors": it was made with functions of the ' +
    "program's, which no file can hold: ";
  assert.is(
    await refused("own-lr.jsonl"),
    `${beginning}lr of group a, lr of group b (lr). With --recorded-lr the learning rates are the ledger's\n`,
  );
  assert.is(await refused("own-lr.jsonl", "--recorded-lr"), `${beginning}lr of group a\n`);
  await recordWith("decay.jsonl", { weightDecay: lr });
  assert.is(
    await refused("decay.jsonl"),
    `${beginning.replace("own-lr", "decay")}weightDecay of group default (lr)\n`,
  );
  const other = await DecoupledAdamW.create({ a: Float32Array.of(1, 2) }, { lr, initialLr: 1 });
  const ledger = await RunLedger.open(join(FOLDER, "other.jsonl"), other, { replay: SEEDED });
  SEEDED.fill(other);
  other.step();
  await ledger.close();
  other.dispose();
  assert.is(
    await refused("other.jsonl", "--recorded-lr"),
    `${beginning.replace("own-lr", "other")}lr of group default (lr)\n`,
  );
});

test.run();
