import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  put,
  run,
  runHere,
  runJson,
  savedFile,
  savedState,
  tensor,
  VALUES,
} from "./reference/bin-tool.ts";
import { plainFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: diff");

put("a", savedFile());

test("the same file twice, and a copy of it, are the same", async () => {
  put("copy", savedFile());
  for (const b of ["a", "copy"]) {
    const { code, stdout, stderr } = run("diff", "a", b);
    assert.is(code, 0);
    assert.is(stderr, "");
    assert.match(stdout, /\n\nSame: the bits of 6 tensors and the state\n$/);
  }
  const { code, answer } = await runJson("diff", "a", "copy");
  assert.is(code, 0);
  assert.equal([answer.same, answer.state, answer.onlyInA, answer.onlyInB], [true, [], [], []]);
  assert.equal(
    answer.tensors.map(({ name, equal }: { name: string; equal: boolean }) => [name, equal]),
    Object.keys(VALUES)
      .sort((x, y) => x.indexOf(".") - y.indexOf("."))
      .sort((x, y) => Number(y.startsWith("param")) - Number(x.startsWith("param")))
      .map((name) => [name, true]),
  );
});

const LATER = savedFile(
  {
    steps: 1201,
    parameters: savedState().parameters.map((each) => ({ ...each, step: 1201 })),
    groups: savedState().groups.map((each) => ({ ...each, eps: 1e-6 })),
  },
  { "param.body.w": [3, 4, 0, -0, -12.5, 0], "exp_avg.head.b": [0.125, 0.5] },
);

test("prints what differs as tables", () => {
  put("b", LATER);
  const { code, stdout } = run("diff", "a", "b");
  assert.is(code, 1);
  assert.fixture(
    stdout,
    `A  a: a checkpoint of AdamW after 1,200 steps
B  b: a checkpoint of AdamW after 1,201 steps

State
  of                what   A     B
  ----------------  -----  ----  --------
  optimizer         steps  1200  1201
  group body        eps    1e-8  0.000001
  group head        eps    1e-8  0.000001
  parameter body.w  step   1200  1201
  parameter head.b  step   1100  1201

Tensors that differ
  tensor          dtype  shape   elements  differing  absolute  relative  first at     A    B
  --------------  -----  ------  --------  ---------  --------  --------  --------  ----  ---
  param.body.w    F32    [2, 3]         6          2       0.5      0.04  [1, 0]       0   -0
  exp_avg.head.b  F32    [2]            2          1      0.25       0.5  [1]       0.25  0.5

Different: 2 of 6 tensors in both, 5 values of the state
`,
  );
});

test("--json has what the tables have", async () => {
  const { code, answer } = await runJson("diff", "a", "b");
  assert.is(code, 1);
  assert.equal(answer.a, { file: "a", kind: "checkpoint", class: "AdamW", steps: 1200 });
  assert.equal(answer.b, { file: "b", kind: "checkpoint", class: "AdamW", steps: 1201 });
  assert.is(answer.compared, "all");
  assert.is(answer.same, false);
  assert.equal(answer.state, [
    { where: "optimizer", what: "steps", a: 1200, b: 1201 },
    { where: "group body", what: "eps", a: 1e-8, b: 1e-6 },
    { where: "group head", what: "eps", a: 1e-8, b: 1e-6 },
    { where: "parameter body.w", what: "step", a: 1200, b: 1201 },
    { where: "parameter head.b", what: "step", a: 1100, b: 1201 },
  ]);
  const [body] = answer.tensors;
  assert.equal(body, {
    name: "param.body.w",
    a: { dtype: "F32", shape: [2, 3] },
    b: { dtype: "F32", shape: [2, 3] },
    equal: false,
    elements: 6,
    values: {
      differing: 2,
      first: { index: 3, a: 0, b: "-0" },
      at: [1, 0],
      absolute: 0.5,
      relative: 0.04,
      nonFinite: 0,
    },
  });
});

test("many parameters that differ in the same way share a row", async () => {
  const many = (step: number) => {
    const parameters = Array.from({ length: 300 }, (_, i) => ({
      ...savedState().parameters[0],
      name: `w${i}`,
      step,
    }));
    return savedFile({ parameters });
  };
  put("many-a", many(1));
  put("many-b", many(2));
  const { stdout } = await runHere("diff", "many-a", "many-b");
  assert.match(stdout, /\n {2}300 parameters +step +1 +2\n\nDifferent: 300 values of the state\n$/);
});

test("a checkpoint beside a file of weights: the weights", async () => {
  const weights = (b: number) =>
    plainFile(
      [
        tensor("head.b", "F32", [2], [1, b]),
        tensor("body.w", "F32", [2, 3], VALUES["param.body.w"]),
      ],
      {
        format: "pt",
      },
    );
  put("weights", weights(-1));
  put("other-weights", weights(-2));
  for (const pair of [
    ["a", "weights"],
    ["weights", "a"],
  ]) {
    const { code, stdout } = await runHere("diff", ...pair);
    assert.is(code, 0);
    assert.match(
      stdout,
      /\nCompared: the weights, as only one is a checkpoint\n\nSame: the bits of 2 tensors\n$/,
    );
  }
  const { code, answer } = await runJson("diff", "a", "other-weights");
  assert.is(code, 1);
  assert.is(answer.compared, "weights");
  assert.is(
    answer.tensors.find(({ name }: { name: string }) => name === "head.b").values.differing,
    1,
  );
});

const LOSS_SCALE = { lossScale: { $lossScale: { kind: "static", settings: { scale: 2 } } } };
const CHANGES: readonly (readonly [what: string, changes: Parameters<typeof savedState>[0]])[] = [
  ["class", { class: "AdamWDL" }],
  ["core", { core: "00".repeat(32) }],
  [
    "model",
    { model: "float16", options: { precision: { model: "float16", gradients: "float32" } } },
  ],
  ["order", { order: ["head.b", "body.w"] }],
  ["weightDecay", { options: { ...savedState().options, weightDecay: 0.02 } }],
  [
    "scheduleStates",
    { schedules: savedState().schedules.map((each) => ({ ...each, states: [1] })) },
  ],
  [
    "scale",
    {
      options: LOSS_SCALE,
      lossScale: { kind: "static", scale: 2, finiteSteps: 0, nonFiniteSteps: 0 },
    },
  ],
  ["microBatches", { accumulation: { microBatches: 1, average: false, parameters: [] } }],
  ["lr", { schedules: [{ data: { name: "constant", options: { lr: 1 } }, states: [] }] }],
];

test("whatever the state says differently is found", async () => {
  for (const [what, changes] of CHANGES) {
    put("changed", savedFile(changes));
    const { code, answer } = await runJson("diff", "a", "changed");
    assert.is(code, 1, what);
    assert.ok(
      answer.state.some((difference: { what: string }) => difference.what === what),
      `${what}: ${JSON.stringify(answer.state)}`,
    );
    assert.ok(answer.tensors.every(({ equal }: { equal: boolean }) => equal));
  }
});

test.run();
