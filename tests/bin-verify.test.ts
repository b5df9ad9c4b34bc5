import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  clipByGlobalNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  dynamicLossScale,
  layerDecay,
  MindFormersAdamW,
} from "../src/index.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { FOLDER, put, run, runHere, runJson } from "./reference/bin-tool.ts";
import {
  continueRun,
  flip,
  flipWeight,
  makeOptimizer,
  type RecordedRun,
  recordRun,
  SHAPES,
} from "./reference/ledger-runs.ts";

const test = suite("bin: verify");

const SEEDED = seededGradients({ seed: 7, scale: 0.1 });
const CONFIRMED = /\n\nConfirmed: 20 steps, every line, and digest ([0-9a-f]{64})\n$/;

test("a run is confirmed by its recorded gradients, and by those of its seed", async () => {
  const options = () => ({
    lr: cosineWithWarmup({ peak: 0.01, warmupSteps: 5, totalSteps: 20 }),
    clip: clipByGlobalNorm(0.5),
    gradNorm: true,
    amsgrad: true,
  });
  await recordRun("recorded.jsonl", { replay: true, options: options() });
  await recordRun("seeded.jsonl", { replay: SEEDED, stride: 1, options: options() });
  const digests = [
    ["recorded.jsonl", "recorded.gradients"],
    ["seeded.jsonl", "seededGradients({ seed: 7, scale: 0.1 })"],
  ].map(([file, gradients]) => {
    const { code, stdout, stderr } = run("verify", file);
    assert.is(stderr, "");
    assert.is(code, 0);
    assert.ok(stdout.startsWith(`run        ${file}: AdamW\ngradients  ${gradients}\n`), stdout);
    return CONFIRMED.exec(stdout)?.[1];
  });
  assert.is(digests[0], digests[1]);
  const { code, answer } = await runJson("verify", "recorded.jsonl");
  assert.is(code, 0);
  const { same, verdict, confirmed, ending, digest } = answer;
  assert.equal([same, verdict, ending, digest], [true, "same", "closed", digests[0]]);
  assert.equal(confirmed, { from: 1, to: 20, skipped: 0 });
});

test("steps with sparse rows, some parameters, micro-batches, skips and 16 bits", async () => {
  const optimizer = await makeOptimizer({
    options: { nonFinite: "skip", lossScale: dynamicLossScale({ initialScale: 8 }), lazy: true },
  });
  await continueRun("mixed.jsonl", optimizer, {
    steps: 9,
    replay: true,
    stride: 2,
    before: (each, k) => {
      const rows = Uint32Array.of(2, 40);
      const values = SEEDED.values("rows", 200, k);
      if (k === 1) each.step({ "body.weight": { rows, values } });
      if (k === 3) each.step({ "head.bias": Float32Array.of(1, -0, 1e-40), "body.bias": null });
      if (k === 5) each.gradient("head.weight")[9] = Number.NaN;
      if (k === 7) {
        for (const scale of [1, 2, 3]) {
          each.accumulate(
            { "body.weight": { rows, values }, "head.bias": Float32Array.of(scale, 0.1, 3) },
            { average: true },
          );
        }
      }
    },
  });
  optimizer.dispose();
  const { code, answer } = await runJson("verify", "mixed.jsonl");
  assert.equal([code, answer.confirmed], [0, { from: 1, to: 10, skipped: 1 }]);
  await recordRun("halves.jsonl", {
    replay: SEEDED,
    options: { precision: { model: "bfloat16", gradients: "bfloat16" } },
  });
  assert.match((await runHere("verify", "halves.jsonl")).stdout, CONFIRMED);
});

test("every class is loaded as what it is", async () => {
  const parameters = () => Object.entries(SHAPES).map(([name, shape]) => ({ name, shape }));
  for (const optimizer of [
    await DecoupledAdamW.create(parameters(), { lr: 0.01 }),
    await AdamWDL.create({ parameters: parameters(), learningRate: 0.01 }),
    await MindFormersAdamW.create(parameters(), { learningRate: 0.01 }),
  ]) {
    const name = `${optimizer.constructor.name}.jsonl`;
    const ledger = await RunLedger.open(join(FOLDER, name), optimizer, { replay: SEEDED });
    for (let k = 0; k < 20; k++) {
      SEEDED.fill(optimizer);
      optimizer.step();
    }
    await ledger.close();
    optimizer.dispose();
    const { stdout } = await runHere("verify", name);
    assert.match(stdout, CONFIRMED, name);
    assert.ok(stdout.startsWith(`run        ${name}: ${name.slice(0, -6)}\n`));
  }
});

async function different(name: string, recorded: RecordedRun) {
  await recordRun(name, recorded);
  const { code, answer } = await runJson("verify", name);
  assert.equal([code, answer.same, answer.ending, answer.digest], [1, false, null, null]);
  const { stdout } = await runHere("verify", name);
  return { answer, stdout, summary: stdout.split("\n\n").at(-1) ?? "" };
}

test("gradients that are not those of the seed", async () => {
  const { answer, summary, stdout } = await different("other.jsonl", {
    replay: SEEDED,
    before: (optimizer, k) => {
      if (k === 16) flip(optimizer, "head.weight", 143);
    },
  });
  assert.equal([answer.verdict, answer.first.step], ["gradients", 17]);
  assert.match(stdout, /\nStep 17, line 18\n {2}what +parameter +recorded +replayed\n/);
  assert.is(
    summary,
    "Different: from step 17 on, in the gradients of 1 of 4 parameters\n" +
      "The run had others there than seededGradients({ seed: 7, scale: 0.1 }).\n",
  );
});

test("a state that the same gradients do not lead to", async () => {
  const { answer, summary } = await different("flipped.jsonl", {
    replay: true,
    stride: 1,
    after: (optimizer, k) => {
      if (k === 3) flipWeight(optimizer, "body.bias", 47);
    },
  });
  assert.equal([answer.verdict, answer.first.step], ["optimizer", 5]);
  assert.match(
    summary,
    /^Different: from step 5 on, in the state of 1 of 4 parameters, by the same/,
  );
  // After the last step, only the digests know of it.
  const last = await different("last.jsonl", {
    replay: true,
    after: (optimizer, k) => {
      if (k === 19) flipWeight(optimizer, "body.bias", 47);
    },
  });
  assert.equal([last.answer.verdict, last.answer.first], ["optimizer", null]);
  assert.match(
    last.summary,
    /^Different: at the end, in the state of 1 of 4 parameters, the weights, the digest\n/,
  );
});

test("a rate that was assigned on the way", async () => {
  const { answer, summary } = await different("assigned.jsonl", {
    replay: true,
    after: (optimizer, k) => {
      if (k === 9) optimizer.groups[0].lr = 0.5;
    },
  });
  assert.equal([answer.verdict, answer.first.step], ["settings", 11]);
  assert.match(
    summary,
    /^Different: from step 11 on, in lr of default\nIt was assigned on the way or moved/,
  );
});

test("each line and each field of a ledger counts", async () => {
  await recordRun("good.jsonl", { replay: true, steps: 4 });
  const lines = readFileSync(join(FOLDER, "good.jsonl"), "utf8").split("\n");
  const forge = async (name: string, index: number, change: (line: string) => string) => {
    const forged = lines.map((line, i) => (i === index ? change(line) : line));
    assert.not.equal(forged, lines);
    put(name, forged.join("\n"));
    return runJson("verify", name);
  };
  for (const [index, change, verdict] of [
    [0, (line: string) => line.replace('"weightDecay":0.01', '"weightDecay":0.02'), "options"],
    [2, (line: string) => line.replace('"default":0.01', '"default":0.02'), "settings"],
    [3, (line: string) => line.replace('"scale":1', '"scale":2'), "settings"],
    [5, (line: string) => line.replace(/"digest":"\w{8}/, '"digest":"00000000'), "optimizer"],
    [5, (line: string) => line.replace(/"weights":"\w{8}/, '"weights":"00000000'), "optimizer"],
  ] as const) {
    const { code, answer } = await forge("forged.jsonl", index, change);
    assert.equal([code, answer.verdict], [1, verdict]);
  }
});

test("functions that choose by the parameter are answered from the checkpoint, others named", async () => {
  const rules: NonNullable<RecordedRun["options"]> = {
    decays: ({ name }) => name.endsWith("weight"),
    lrScale: layerDecay({
      rate: 0.7,
      layers: 3,
      layerOf: (name) => (name.startsWith("head") ? 2 : 0),
    }),
  };
  await recordRun("rules.jsonl", { replay: true, options: rules });
  const { stdout } = await runHere("verify", "rules.jsonl");
  assert.match(stdout, CONFIRMED);
  assert.match(stdout, /\nfunctions {2}decays, lrScale: the checkpoint has what they answered\n/);
  const decay = (step: number) => step / 100;
  await recordRun("rates.jsonl", {
    replay: true,
    options: { lr: (k) => k / 10, weightDecay: decay },
  });
  const { code, stderr } = await runHere("verify", "rates.jsonl");
  assert.is(code, 2);
  assert.match(
    stderr,
    /^ashlar verify: cannot replay ".*rates\.start\.safetensors": .* lr of group default \(lr\), weightDecay of group default \(decay\)\. With --recorded-lr the learning rates are the ledger's\n$/,
  );
});

test("--recorded-lr replays rates that no file can hold", async () => {
  await recordRun("lr.jsonl", {
    replay: SEEDED,
    options: { lr: (k) => 0.1 / (k + 1) },
    after: (optimizer, k) => {
      if (k === 14) optimizer.groups[0].lr = 0.125;
    },
  });
  assert.is((await runHere("verify", "lr.jsonl")).code, 2);
  const { stdout } = await runHere("verify", "lr.jsonl", "--recorded-lr");
  assert.match(stdout, /\nlr {9}as recorded, which is not verified\n/);
  assert.match(stdout, CONFIRMED);
  // They lead to the states that were recorded, or to others.
  const text = readFileSync(join(FOLDER, "lr.jsonl"), "utf8");
  put("lr.jsonl", text.replaceAll('"default":0.125', '"default":0.25'));
  const { code, answer } = await runJson("verify", "lr.jsonl", "--recorded-lr");
  assert.equal([code, answer.verdict, answer.first.step], [1, "optimizer", 16]);
});

test("--gradients asks a module, and --start names another checkpoint", async () => {
  const at = [0, 2, 5];
  const optimizer = await makeOptimizer({});
  await optimizer.save(join(FOLDER, "mine"));
  const ledger = await RunLedger.open(join(FOLDER, "plain.jsonl"), optimizer, { stride: 2 });
  for (let k = 0; k < 6; k++) {
    const gradients = {
      "head.bias": new Float32Array(3).fill(k),
      "body.bias": new Float32Array(48).fill(0.1),
    };
    optimizer.step(at.includes(k) ? gradients : { "head.bias": gradients["head.bias"] });
  }
  await ledger.close();
  optimizer.dispose();
  const module = (some: string) => `
    export default async (step, name) => {
      if (name === "head.bias") return new Float32Array(3).fill(step);
      return name === "body.bias" && ${some}.includes(step) ? new Float32Array(48).fill(0.1) : null;
    };`;
  put("gradients.mjs", module("[0, 2, 5]"));
  put("wrong.mjs", module("[0, 5]"));
  const args = ["verify", "plain.jsonl", "--start", "mine", "--gradients"];
  const { code, stdout } = await runHere(...args, join(FOLDER, "gradients.mjs"));
  assert.is(code, 0, stdout);
  assert.match(stdout, /\nConfirmed: 6 steps, every line, and digest /);
  const wrong = await runJson(...args, join(FOLDER, "wrong.mjs"));
  assert.equal([wrong.code, wrong.answer.verdict, wrong.answer.first.step], [1, "gradients", 3]);
  assert.is(wrong.answer.first.gradients[0].parameter, "body.bias");
  const rather = await AdamW.load(join(FOLDER, "mine"));
  rather.parameter("head.bias").master[1] = 3;
  await rather.save(join(FOLDER, "not mine"));
  rather.dispose();
  const other = await runJson(
    "verify",
    "plain.jsonl",
    "--start",
    "not mine",
    "--gradients",
    join(FOLDER, "gradients.mjs"),
  );
  assert.equal([other.code, other.answer.verdict, other.answer.start.length], [1, "start", 1]);
});

test.run();
