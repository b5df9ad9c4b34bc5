import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CORE_SHA256 } from "../src/core/binary.generated.ts";
import { AdamW, dynamicLossScale } from "../src/index.ts";
import { reduceOnPlateau } from "../src/schedules/index.ts";
import {
  put,
  run,
  runHere,
  runJson,
  savedFile,
  savedState,
  savedTensors,
  tensor,
  VALUES,
} from "./reference/bin-tool.ts";
import { plainCheckpoint, plainFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: inspect");

const file = savedFile();
put("run.safetensors", file);

const TABLE = `run.safetensors: a checkpoint of AdamW after 1,200 steps, sound

  format      version 1
  size        ${String(file.length).replace(/(?=...$)/, ",")} bytes, ${String(file.length - 96).replace(/(?=...$)/, ",")} bytes of header
  core        ${CORE_SHA256.slice(0, 16)}, the same as this ashlar's
  parameters  2, 8 elements
  tensors     6

Options
  lr           linear(base 0.5, startFactor 1, endFactor 0, totalSteps 2400)
  weightDecay  0.01
  decays       noDecayOnBiasAndNorm

Groups, as they are for the next step
  group  parameters  elements  lr    weight decay  betas       eps   amsgrad
  -----  ----------  --------  ----  ------------  ----------  ----  -------
  body            1         6  0.25  0.01          0.9, 0.999  1e-8  no
  head            1         2  0.25  0             0.9, 0.999  1e-8  no

  lr of body  linear(base 0.5, startFactor 1, endFactor 0, totalSteps 2400)

Tensors
  parameter, tensors  dtype  shape   elements      norm    min    max  non-finite   step  CRC-32
  ------------------  -----  ------  --------  --------  -----  -----  ----------  -----  ------
  body.w                     [2, 3]         6                                      1,200
    param             F32                            13    -12      4           0         ok
    exp_avg           F32                           0.5      0    0.5           0         ok
    exp_avg_sq        F32                             1      0      1           0         ok
  head.b                     [2]            2                                      1,100
    param             F32                       1.41421     -1      1           0         ok
    exp_avg           F32                      0.279508  0.125   0.25           0         ok
    exp_avg_sq        F32                         1e-12      0  1e-12           0         ok
`;

test("prints a checkpoint as a table", () => {
  const { code, stdout, stderr } = run("inspect", "run.safetensors");
  assert.fixture(stdout, TABLE);
  assert.is(stderr, "");
  assert.is(code, 0);
});

test("--json has all that the table has, in a process of its own as here", async () => {
  const { code, answer } = await runJson("inspect", "run.safetensors");
  assert.is(code, 0);
  assert.equal(JSON.parse(run("inspect", "--json", "run.safetensors").stdout), answer);
  const { checkpoint, tensors, ...rest } = answer;
  assert.equal(rest, {
    file: "run.safetensors",
    bytes: file.length,
    headerBytes: file.length - 96,
    kind: "checkpoint",
    part: null,
    sound: true,
    problems: [],
    metadata: {},
  });
  const state = savedState();
  const lr = { $schedule: state.schedules[0].data };
  assert.equal(checkpoint, {
    ...state,
    version: "1",
    sameCore: true,
    options: { ...state.options, lr },
    groups: [
      { ...state.groups[0], lr, nextLr: 0.25, nextWeightDecay: 0.01 },
      { ...state.groups[1], nextLr: 0.25, nextWeightDecay: 0 },
    ],
  });
  assert.equal(
    tensors.map(({ name }: { name: string }) => name),
    Object.keys(VALUES),
  );
  const [first] = tensors;
  const { crc32, ...known } = first;
  assert.match(crc32, /^[0-9a-f]{8}$/);
  assert.equal(known, {
    name: "param.body.w",
    parameter: "body.w",
    kind: "param",
    step: 1200,
    dtype: "F32",
    shape: [2, 3],
    elements: 6,
    bytes: 24,
    norm: 13,
    min: -12,
    max: 4,
    nonFinite: 0,
    state: "ok",
  });
});

test("tells of model copies, loss scales, half-way sums, another core and another order", async () => {
  const changes = {
    core: "ab".repeat(32),
    model: "bfloat16",
    order: ["head.b", "body.w"],
    options: {
      lossScale: { $lossScale: { kind: "dynamic", settings: { growthInterval: 2000 } } },
      precision: { model: "bfloat16", gradients: "float32" },
    },
    lossScale: { kind: "dynamic", scale: 1024, finiteSteps: 17, nonFiniteSteps: 0 },
    accumulation: {
      microBatches: 3,
      average: true,
      parameters: [{ name: "head.b", count: 3, sparse: true }],
    },
  } as const;
  const tensors = [
    ...savedTensors(),
    tensor("model.body.w", "BF16", [2, 3], new Uint16Array(6)),
    tensor("model.head.b", "BF16", [2], Uint16Array.of(0x3f80, 0xbf80)),
    tensor("accumulated_rows.head.b", "U32", [1], Uint32Array.of(1)),
    tensor("accumulated_values.head.b", "F32", [1, 1], [7]),
    tensor("something.else", "F32", [1], [2]),
  ];
  put("half.safetensors", plainCheckpoint(JSON.stringify(savedState(changes)), tensors));
  const { code, stdout } = await runHere("inspect", "half.safetensors");
  assert.is(code, 0);
  for (const line of [
    "core        abababababababab, another than this ashlar's",
    "order       the caller's own",
    "model copy  bfloat16",
    "loss scale  1024, dynamic: 17 of 2,000 finite steps before it grows",
    "half-way    mean of 3 micro-batches for 1 parameter, not applied yet",
  ]) {
    assert.ok(stdout.includes(`  ${line}\n`), line);
  }
  const names = stdout.slice(stdout.indexOf("\nTensors")).split("\n").slice(4);
  assert.equal(names.map((line) => line.trim().split(/ +/)[0]).filter(Boolean), [
    ...["body.w", "param", "model", "exp_avg", "exp_avg_sq"],
    ...["head.b", "param", "model", "exp_avg", "exp_avg_sq"],
    ...["accumulated_rows", "accumulated_values", "something.else"],
  ]);
  assert.match(stdout, / accumulated_rows +U32 +\[1\] +1 /);
  assert.match(stdout, / accumulated_values +F32 +\[1, 1\] +1 /);
});

test("a static loss scale and one that shrinks after several overflows", async () => {
  const state = { scale: 8, finiteSteps: 0, nonFiniteSteps: 0 };
  const fixed = { lossScale: { $lossScale: { kind: "static", settings: { scale: 8 } } } };
  put("static", savedFile({ options: fixed, lossScale: { ...state, kind: "static" } }));
  assert.match((await runHere("inspect", "static")).stdout, /loss scale +8, static\n/);
  const options = {
    lossScale: {
      $lossScale: { kind: "dynamic", settings: { growthInterval: 5, decreaseEvery: 3 } },
    },
  };
  put("slow", savedFile({ options, lossScale: { ...state, kind: "dynamic", nonFiniteSteps: 2 } }));
  const { stdout } = await runHere("inspect", "slow");
  assert.match(stdout, /0 of 5 finite steps before it grows, 2 of 3 overflows before it shrinks\n/);
});

test("shows what an optimizer saved, with a schedule that follows a metric", async () => {
  const lr = reduceOnPlateau({ lr: 1, factor: 0.5, patience: 0 });
  const optimizer = await AdamW.create(
    { w: Float32Array.of(3, 4), e: new Float32Array(0) },
    { lr, amsgrad: true, lossScale: dynamicLossScale(), precision: { model: "float16" } },
  );
  optimizer.step({ w: Float32Array.of(1, 1) });
  lr.observe(1);
  lr.observe(2);
  put("real", await optimizer.toBytes());
  const { code, answer } = await runJson("inspect", "real");
  assert.is(code, 0);
  const { checkpoint, tensors } = answer;
  assert.is(checkpoint.sameCore, true);
  assert.is(checkpoint.steps, 1);
  assert.is(checkpoint.groups[0].nextLr, 0.5);
  assert.is(checkpoint.schedules[0].states.length, 1);
  const kinds = ["param", "model", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
  assert.equal(
    tensors.map(({ name }: { name: string }) => name),
    ["w", "e"].flatMap((parameter) => kinds.map((kind) => `${kind}.${parameter}`)),
  );
  const { master } = optimizer.parameter("w");
  assert.is(tensors[0].norm, Math.sqrt(master[0] * master[0] + master[1] * master[1]));
  assert.equal([tensors[0].step, tensors[5].step], [1, 0]);
  assert.match((await runHere("inspect", "real")).stdout, /^ {2}lr of default +reduceOnPlateau\(/m);
});

test("lists so many tensors, and always those that are not well", async () => {
  const values = (i: number) => [i === 700 ? Number.NaN : i];
  const many = Array.from({ length: 1_000 }, (_, i) => tensor(`t.${i}`, "F32", [1], values(i)));
  put("many", plainFile(many));
  const rows = async (...args: string[]) => {
    const { stdout } = await runHere("inspect", "many", ...args);
    return [stdout.match(/^ {2}t\.\d+ /gm)?.length, / {2}and (.*)\n/.exec(stdout)?.[1]];
  };
  const rest = (count: string) => `${count} more tensors: --tensors all shows them`;
  assert.equal(await rows(), [25, rest("975")]);
  assert.equal(await rows("--tensors", "5"), [6, rest("994")]);
  assert.equal(await rows("--tensors", "0"), [1, rest("999")]);
  assert.equal(await rows("--tensors", "all"), [1_000, undefined]);
  assert.equal(await rows("--tensors", "999"), [999, rest("1").replace("tensors:", "tensor:")]);
  const { stdout } = await runHere("inspect", "many");
  assert.match(stdout, /\n {2}non-finite {2}1 element of 1 tensor\n/);
  assert.match(stdout, /\n {2}t\.700 +F32 +\[1\] +1 +0 +- +- +1\n/);
  const { answer } = await runJson("inspect", "many", "--tensors", "5");
  assert.is(answer.tensors.length, 1_000);
});

test.run();
