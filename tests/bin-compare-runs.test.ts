import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, clipByGlobalNorm, dynamicLossScale } from "../src/index.ts";
import { FOLDER, put, runHere, runJson } from "./reference/bin-tool.ts";
import {
  continueRun,
  flip,
  makeOptimizer,
  type RecordedRun,
  recordRun,
} from "./reference/ledger-runs.ts";

const test = suite("bin: compare, runs of all kinds");

await recordRun("a", { steps: 20 });

async function verdictOf(a: string, b: string) {
  const { code, answer } = await runJson("compare", a, b);
  const back = await runJson("compare", b, a);
  assert.equal([back.code, back.answer.verdict], [code, answer.verdict], "the other way round");
  const { stdout } = await runHere("compare", a, b);
  return { code, answer, verdict: answer.verdict, summary: stdout.split("\n\n").at(-1) ?? "" };
}

test("a rate that was assigned is not the gradients' fault", async () => {
  await recordRun("assigned", {
    before: (optimizer, k) => {
      if (k === 11) optimizer.groups[0].lr = 0.02;
    },
  });
  const { code, answer, verdict, summary } = await verdictOf("a", "assigned");
  assert.equal([code, verdict, answer.first.step], [1, "settings", 12]);
  assert.equal(answer.first.settings, [
    { what: "lr of default", parameter: null, a: 0.01, b: 0.02 },
  ]);
  assert.match(
    summary,
    /^Different: from step 12 on, in lr of default\nNot an option: it was assigned/,
  );
});

test("options are named one by one, and are what parts first is put down to", async () => {
  await recordRun("options", { options: { weightDecay: 0.5, betas: [0.8, 0.999] } });
  const { code, answer, verdict, summary } = await verdictOf("a", "options");
  assert.equal([code, verdict, answer.first.step], [1, "options", 1]);
  assert.equal(answer.options, [
    { where: "group default", what: "weightDecay", a: 0.01, b: 0.5 },
    { where: "group default", what: "betas", a: [0.9, 0.999], b: [0.8, 0.999] },
  ]);
  assert.match(
    summary,
    /, by the same gradients\nTheir options are not the same, which may be why/,
  );
  await recordRun("unused option", { options: { clip: clipByGlobalNorm(1e9) } });
  const unused = await verdictOf("a", "unused option");
  assert.equal([unused.code, unused.verdict], [1, "options"]);
});

test("gradients that part by the same state are not put down to options", async () => {
  for (const [stride, expected] of [
    [1, "gradients"],
    [16, "options"],
  ] as const) {
    await recordRun(`plain-${stride}`, { stride });
    await recordRun(`clipped-${stride}`, {
      stride,
      options: { clip: clipByGlobalNorm(1e9) },
      before: (optimizer, k) => {
        if (k === 12) flip(optimizer, "head.bias", 2);
      },
    });
    const { answer, verdict } = await verdictOf(`plain-${stride}`, `clipped-${stride}`);
    assert.equal([verdict, answer.first.step], [expected, 13]);
    assert.equal(answer.options.length, 1);
  }
});

test("another beginning", async () => {
  await recordRun("seed", { seed: 8 });
  const { code, answer, verdict, summary } = await verdictOf("a", "seed");
  assert.equal([code, verdict, answer.start.length, answer.first], [1, "start", 4, null]);
  assert.match(summary, /^Different: before the first step, in the state of all 4 parameters\n/);
});

test("other parameters cannot be compared", async () => {
  await recordRun("parameters", {
    shapes: { "body.bias": [47], "body.weight": [48, 100], x: [1] },
  });
  const { code, answer, verdict, summary } = await verdictOf("a", "parameters");
  assert.equal([code, verdict, answer.same], [2, "parameters", null]);
  assert.equal(answer.parameters, {
    onlyInA: ["head.bias", "head.weight"],
    onlyInB: ["x"],
    shapes: [{ where: "parameter body.bias", what: "shape", a: [48], b: [47] }],
  });
  assert.is(summary, "Cannot tell: their parameters are not the same\n");
});

test("lengths: a ledger that was not closed leaves open what came after it", async () => {
  await recordRun("shorter", { steps: 17 });
  await recordRun("open", { steps: 17, close: false });
  await recordRun("open-too", { steps: 17, close: false, stride: 1 });
  await recordRun("every", { steps: 17, close: false, stride: 1 });
  const text = readFileSync(join(FOLDER, "open"), "utf8");
  put("cut", text.slice(0, -40));
  for (const [a, b, code, verdict, summary] of [
    ["a", "shorter", 1, "length", "Different: in length. Same as far as both go, 17 steps"],
    [
      "a",
      "open",
      2,
      "unfinished",
      "Cannot tell: same as far as both go, 17 steps. B was not closed",
    ],
    [
      "a",
      "cut",
      2,
      "unfinished",
      "Cannot tell: same as far as both go, 16 steps. B was cut off there",
    ],
    [
      "cut",
      "open",
      2,
      "unfinished",
      "Cannot tell: same as far as both go, 16 steps. A was cut off there",
    ],
    [
      "shorter",
      "open",
      0,
      "same",
      "Same: 17 steps. B was not closed, so that the state since step 2 was compared in part",
    ],
    ["every", "open-too", 0, "same", "Same: 17 steps and the state after them. Neither was closed"],
    [
      "open",
      "every",
      2,
      "unfinished",
      "Cannot tell: same as far as both go, 17 steps, but the states were not compared\nThey were recorded with strides 16 and 1, and not both closed.",
    ],
  ] as const) {
    const found = await verdictOf(a, b);
    assert.equal([found.code, found.verdict, found.summary], [code, verdict, `${summary}\n`]);
  }
});

test("a step that one skipped, by a gradient that is not finite", async () => {
  const recordSkip = (name: string, at: number | null) =>
    recordRun(name, {
      options: { lossScale: dynamicLossScale({ initialScale: 1024 }), nonFinite: "skip" },
      before: (optimizer, k) => {
        if (k === at) optimizer.gradient("head.bias")[2] = Number.POSITIVE_INFINITY;
      },
    });
  await recordSkip("skips", 5);
  await recordSkip("skips-too", 5);
  const same = await verdictOf("skips", "skips-too");
  assert.equal(same.answer.compared, { from: 1, to: 19, skipped: 1 });
  assert.match(same.summary, /^Same: 19 steps, 1 skipped and digest /);
  await recordSkip("skips-none", null);
  const { answer, verdict } = await verdictOf("skips", "skips-none");
  assert.equal([verdict, answer.first.step, answer.first.lines], ["gradients", 6, { a: 7, b: 7 }]);
  assert.equal(answer.first.outcome, [
    { what: "applied", parameter: null, a: false, b: true },
    { what: "non-finite", parameter: null, a: "Infinity at 2 of head.bias", b: "none" },
  ]);
});

test("a run that goes on from a checkpoint is compared from there on", async () => {
  for (const stride of [1, 4]) {
    const whole = `whole-${stride}`;
    await recordRun(whole, {
      stride,
      after: async (optimizer, k) => {
        if (k === 9) await optimizer.save(join(FOLDER, "half-way"));
      },
    });
    const later = await AdamW.load(join(FOLDER, "half-way"));
    await continueRun(`later-${stride}`, later, { steps: 10, stride });
    later.dispose();
    const { code, answer, summary } = await verdictOf(whole, `later-${stride}`);
    assert.equal([code, answer.compared], [0, { from: 11, to: 20, skipped: 0 }]);
    assert.match(summary, /^Same: steps 11 to 20 and digest [0-9a-f]{64}\n$/);
    const other = await AdamW.load(join(FOLDER, "half-way"));
    other.parameter("head.bias").master[0] += 1;
    await continueRun(`other-${stride}`, other, { steps: 10, stride });
    other.dispose();
    const found = await verdictOf(whole, `other-${stride}`);
    // Of all blocks in each step the state at the seam is known, of some it is not.
    assert.is(found.verdict, stride === 1 ? "start" : "optimizer");
    assert.is(found.code, 1);
  }
  await recordRun("before", { steps: 10 });
  const apart = await verdictOf("before", "later-4");
  assert.equal([apart.code, apart.summary], [2, "Cannot tell: they have no step in common\n"]);
});

test("steps that a run took back do not count", async () => {
  const run: RecordedRun = {
    steps: 15,
    close: false,
    before: (optimizer, k) => {
      if (k === 13) flip(optimizer, "head.bias", 0);
    },
    after: async (optimizer, k) => {
      if (k === 9) await optimizer.save(join(FOLDER, "save"));
    },
  };
  await recordRun("crashed", run);
  assert.is((await verdictOf("a", "crashed")).answer.first.step, 14);
  put("torn", readFileSync(join(FOLDER, "crashed"), "utf8").slice(0, -9));
  for (const name of ["crashed", "torn"]) {
    const again = await AdamW.load(join(FOLDER, "save"));
    await continueRun(name, again, { steps: 10, append: true });
    again.dispose();
    const { code, answer, summary } = await verdictOf("a", name);
    assert.is(code, 0);
    assert.equal([answer.b.resumed, answer.compared.to], [1, 20]);
    assert.match(summary, /^Same: 20 steps and digest /);
    const { stdout } = await runHere("compare", "a", name);
    assert.match(stdout, /AdamW, 20 steps, taken up again 1 time\n/);
  }
});

test("parameters that are added on the way", async () => {
  const adding = (at: number, name: string): RecordedRun => ({
    after: (optimizer, k) => {
      if (k === at) optimizer.addParameters([{ name, shape: [3], data: new Float32Array(3) }]);
    },
  });
  await recordRun("added", adding(4, "more"));
  await recordRun("added-too", adding(4, "more"));
  assert.is((await verdictOf("added", "added-too")).code, 0);
  await recordRun("added-other", adding(4, "else"));
  await recordRun("added-later", adding(7, "more"));
  for (const [other, step] of [
    ["added-other", 5],
    ["added-later", 5],
    ["a", 5],
  ] as const) {
    const { code, summary } = await verdictOf("added", other);
    assert.is(code, 2);
    assert.is(summary, `Cannot tell: after step ${step}, their parameters are not the same\n`);
  }
});

test("a parameter that took part in one of them only", async () => {
  const some = async (name: string, without: string | null) => {
    const optimizer = await makeOptimizer({});
    await continueRun(name, optimizer, {
      steps: 5,
      before: (each, k) => {
        if (k !== 3) return;
        const names = each.parameterNames.filter((parameter) => parameter !== without);
        each.step(
          Object.fromEntries(names.map((parameter) => [parameter, each.gradient(parameter)])),
        );
      },
    });
    optimizer.dispose();
  };
  await some("three", "head.bias");
  await some("three-too", "head.bias");
  await some("four", null);
  assert.is((await verdictOf("three", "three-too")).code, 0);
  const { answer, verdict, summary } = await verdictOf("three", "four");
  assert.equal([verdict, answer.first.step], ["gradients", 4]);
  const [{ parameter, a }] = answer.first.gradients;
  assert.equal([parameter, a], ["head.bias", undefined]);
  assert.match(summary, /\nOf 1 parameter only one of them had a gradient\.\n/);
});

test.run();
