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
    [
      "a",
      "shorter",
      1,
      "length",
      "Different: in length. Same as far as both go, 17 steps, but the state was compared in part",
    ],
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

test("a sitting that was taken back does not leave a gap", async () => {
  const at = (k: number) => join(FOLDER, `sitting-${k}`);
  const save: RecordedRun["after"] = async (optimizer, k) => {
    if (k === 3 || k === 4) await optimizer.save(at(k + 1));
  };
  await recordRun("sittings", { steps: 10, close: false, after: save });
  for (const [from, steps] of [
    [5, 1],
    [4, 16],
  ] as const) {
    const again = await AdamW.load(at(from));
    await continueRun("sittings", again, { steps, append: true, close: from === 4 });
    again.dispose();
  }
  const { code, answer } = await verdictOf("a", "sittings");
  assert.equal([code, answer.verdict, answer.b.resumed], [0, "same", 2]);
});

/** Records 20 steps as NAME, of which the last 10 are of a run that was loaded and changed. */
async function recordTwice(
  name: string,
  stride: number,
  then: RecordedRun = {},
  change: (optimizer: AdamW) => void = () => {},
) {
  await recordRun(name, {
    stride,
    steps: 10,
    close: false,
    after: async (optimizer, k) => {
      if (k === 9) await optimizer.save(join(FOLDER, "twice"));
    },
  });
  const again = await AdamW.load(join(FOLDER, "twice"));
  change(again);
  await continueRun(name, again, { stride, steps: 10, append: true, ...then });
  again.dispose();
}

test("what both were taken up again from is compared", async () => {
  const wrong = (optimizer: AdamW) => {
    optimizer.parameter("head.bias").master[0] += 1;
  };
  for (const stride of [1, 16]) {
    await recordTwice(`twice-${stride}`, stride);
    await recordTwice(`wrong-${stride}`, stride, {}, wrong);
    const { code, answer, verdict, summary } = await verdictOf(
      `twice-${stride}`,
      `wrong-${stride}`,
    );
    assert.equal([code, verdict, answer.first, answer.compared.to], [1, "start", null, 10]);
    assert.equal(
      answer.start.map(({ parameter }: { parameter: string }) => parameter),
      ["head.bias"],
    );
    assert.match(summary, /^Different: after step 10, in the state of 1 of 4 parameters\n/);
    assert.is(summary.includes("unseen"), stride === 16);
    const { stdout } = await runHere("compare", `twice-${stride}`, `wrong-${stride}`);
    assert.match(stdout, /\n\nAfter step 10\n/);
  }
  await recordTwice("decays", 16, {}, (optimizer) => {
    optimizer.groups[0].weightDecay = 0.5;
  });
  const decays = await verdictOf("twice-16", "decays");
  assert.equal([decays.code, decays.verdict], [1, "options"]);
  assert.equal(decays.answer.options, [
    { where: "group default", what: "weightDecay", a: 0.01, b: 0.5 },
  ]);
  // Assigned rates are settings of a step.
  await recordTwice("rates", 16, {}, (optimizer) => {
    optimizer.groups[0].lr = 0.5;
  });
  const rates = await verdictOf("twice-16", "rates");
  assert.equal([rates.verdict, rates.answer.first.step], ["settings", 11]);
});

test("by the whole state that both were taken up again from, the gradients are to blame", async () => {
  const before: RecordedRun["before"] = (optimizer, k) => {
    if (k === 0) flip(optimizer, "head.bias", 0);
  };
  await recordTwice("flips", 16, { before });
  const both = await verdictOf("twice-16", "flips");
  assert.equal([both.verdict, both.answer.wholeStateAt], ["gradients", 10]);
  assert.match(both.summary, /\nThe state was the same up to then: /);
  // Of one only, nothing is known of what it went on from.
  const one = await verdictOf("a", "flips");
  assert.equal([one.verdict, one.answer.wholeStateAt], ["gradients", null]);
  assert.match(one.summary, /\nMost likely /);
  assert.not.match(one.summary, /since step|was the same/);
});

test("a run that was taken up again with another stride is no fault", async () => {
  await recordTwice("restride", 16, { stride: 4 });
  const { code, verdict, answer } = await verdictOf("a", "restride");
  assert.equal([code, verdict, answer.statesCompared], [0, "same", false]);
  await recordTwice("restride-open", 16, { stride: 4, close: false });
  const open = await verdictOf("a", "restride-open");
  assert.is(open.code, 2);
  assert.match(open.summary, /not compared\nThey were recorded with strides /);
  await recordTwice("restride-too", 16, { stride: 4 });
  const both = await verdictOf("restride", "restride-too");
  assert.equal([both.code, both.answer.statesCompared], [0, true]);
  await recordTwice("restride-flips", 16, {
    stride: 4,
    before: (optimizer, k) => {
      if (k === 6) flip(optimizer, "head.bias", 0);
    },
  });
  const flips = await verdictOf("restride", "restride-flips");
  assert.equal([flips.verdict, flips.answer.wholeStateAt], ["gradients", 13]);
  assert.match(flips.summary, /up to step 13, and 1 of 4 blocks in each step since\./);
});

test("a ledger that was closed without a step", async () => {
  await recordRun("no steps", { steps: 0 });
  const { code, verdict, summary } = await verdictOf("a", "no steps");
  assert.equal([code, verdict], [1, "length"]);
  assert.is(summary, "Different: in length. Same as far as both go, 0 steps\n");
});

test("lengths say how much of the state was compared", async () => {
  for (const [stride, steps, more] of [
    [1, 10, ", but the states were not compared"],
    [16, 10, ", but the state was compared in part"],
  ] as const) {
    const name = `length-${stride}`;
    await recordRun(name, { stride, steps });
    const { code, summary } = await verdictOf("a", name);
    assert.is(code, 1);
    assert.is(summary, `Different: in length. Same as far as both go, 10 steps${more}\n`);
  }
  await recordRun("length-all", { stride: 1 });
  const every = await verdictOf("length-all", "length-1");
  assert.is(every.summary, "Different: in length. Same as far as both go, 10 steps\n");
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
