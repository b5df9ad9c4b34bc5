import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  CheckpointError,
  cosineWithWarmup,
  dynamicLossScale,
  MindFormersAdamW,
} from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { type PlainTensor, plainCheckpoint, readPlain } from "./reference/plain-checkpoint.ts";
import { rejection } from "./reference/rejection.ts";

// Files whose checksums are right and whose contents are not: others may have written them, or mean
// to mislead.

const test = suite("checkpoints: states that contradict themselves");

// biome-ignore lint/suspicious/noExplicitAny: whatever a file may say
type State = any;
type Tensors = readonly PlainTensor[];
type Edit = (state: State, tensors: Tensors) => Tensors | undefined;

const original = (async () => {
  const optimizer = await AdamW.create(
    [
      { name: "x", params: { a: { shape: [3] } }, amsgrad: true },
      { name: "y", params: { e: { shape: [4, 2] } } },
    ],
    {
      lr: cosineWithWarmup({ peak: 0.1, warmupSteps: 1, totalSteps: 9 }),
      lossScale: dynamicLossScale(),
      precision: { model: "float16" },
    },
  );
  optimizer.step({ a: realistic(3, 1), e: realistic(8, 2) });
  const rows = { rows: [3, 1], values: realistic(4, 3) };
  optimizer.accumulate({ a: realistic(3, 4), e: rows });
  return optimizer.toBytes();
})();

async function edited(edit: Edit): Promise<Uint8Array> {
  const { metadata, tensors } = readPlain(await original);
  const state: State = JSON.parse(metadata["ashlar.state"]);
  const changed = edit(state, tensors) ?? tensors;
  return plainCheckpoint(typeof state === "string" ? state : JSON.stringify(state), changed);
}

const without = (name: string) => (_: State, tensors: Tensors) =>
  tensors.filter((tensor) => tensor.name !== name);
const replaced = (name: string, by: Partial<PlainTensor>) => (_: State, tensors: Tensors) =>
  tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...by } : tensor));
const set =
  (change: (state: State) => void): Edit =>
  (state) => {
    change(state);
    return undefined;
  };
const rowsOf = (...rows: number[]) => ({
  shape: [rows.length],
  bytes: new Uint8Array(Uint32Array.from(rows).buffer),
});

const CASES: readonly [title: string, edit: Edit, reason: string, message: RegExp][] = [
  ["a field is missing", set((s) => delete s.steps), "BAD_STATE", /"steps" of the checkpoint/],
  ["a wrong kind", set((s) => (s.groups[0].own = "lr")), "BAD_STATE", /"groups"/],
  ["no rate", set((s) => (s.groups[1].lr = null)), "BAD_STATE", /"groups"/],
  ["initialLr below 0", set((s) => (s.groups[1].initialLr = -1)), "BAD_STATE", /"groups"/],
  ["no groups", set((s) => (s.groups = [])), "BAD_STATE", /"groups".*expected one at least/],
  [
    "two groups of one name",
    set((s) => (s.groups[1].name = "x")),
    "BAD_STATE",
    /"groups".*"x" twice/,
  ],
  [
    "two parameters of one name",
    set((s) => (s.parameters[1] = { ...s.parameters[0] })),
    "BAD_STATE",
    /"parameters".*"a" twice/,
  ],
  [
    "a group that there is not",
    set((s) => (s.parameters[0].group = "z")),
    "BAD_STATE",
    /group of "a".*got "z"/,
  ],
  [
    "more updates than steps",
    set((s) => (s.parameters[0].step = 2)),
    "BAD_STATE",
    /step of "a".*expected at most steps, 1, got 2/,
  ],
  ["another model", set((s) => (s.model = "bfloat16")), "BAD_STATE", /"model".*"float16"/],
  ["a loss scale without state", set((s) => (s.lossScale = null)), "BAD_STATE", /"lossScale"/],
  [
    "a state without loss scale",
    set((s) => delete s.options.lossScale),
    "BAD_STATE",
    /"lossScale".*expected null/,
  ],
  [
    "no micro-batches",
    set((s) => (s.accumulation.microBatches = 0)),
    "BAD_STATE",
    /"microBatches"/,
  ],
  [
    "a sum of more micro-batches",
    set((s) => (s.accumulation.parameters[0].count = 2)),
    "BAD_STATE",
    /count of "a".*expected 1 to 1, the micro-batches, got 2/,
  ],
  [
    "a sum of no parameter",
    set((s) => (s.accumulation.parameters[0].name = "b")),
    "BAD_STATE",
    /"accumulation".*"b"/,
  ],
  [
    "a schedule that is not there",
    set((s) => (s.groups[1].lr = { $schedule: 7 })),
    "BAD_STATE",
    /\$schedule.*expected an index below 1, got 7/,
  ],
  [
    "a schedule that holds itself",
    set((s) => (s.schedules[0].data.options.schedule = { $schedule: 0 })),
    "BAD_STATE",
    /"schedules"/,
  ],
  [
    "a schedule with a wrong option",
    set((s) => (s.schedules[0].data.options.peak = -1)),
    "BAD_STATE",
    /the checkpoint's options: "peak"/,
  ],
  [
    "an unknown kind of option",
    set((s) => (s.options.clip = { $clip: 1 })),
    "BAD_STATE",
    /\$clip.*expected a kind of option that is known/,
  ],
  [
    "an unknown kind of loss scale",
    set((s) => (s.options.lossScale = { $lossScale: { kind: "odd", settings: {} } })),
    "BAD_STATE",
    /"kind" of \$lossScale/,
  ],
  [
    "a loss scale of nothing",
    set((s) => (s.options.lossScale = { $lossScale: null })),
    "BAD_STATE",
    /\$lossScale/,
  ],
  [
    "an unknown family",
    set((s) => (s.options.lrScale = { $layerDecay: { rate: 0.5, layerOf: "constructor" } })),
    "BAD_STATE",
    /"layerOf" of \$layerDecay/,
  ],
  [
    "options of many levels",
    set((s) => {
      for (let i = 0; i < 1_000; i++) s.options = { deeper: s.options };
    }),
    "BAD_STATE",
    /expected at most 250 levels/,
  ],
  ["no weights", without("param.a"), "MISSING_TENSOR", /"param.a".*expected it, got none/],
  ["no maximum", without("max_exp_avg_sq.a"), "MISSING_TENSOR", /"max_exp_avg_sq.a"/],
  ["no model copy", without("model.e"), "MISSING_TENSOR", /"model.e"/],
  ["no sum", without("accumulated.a"), "MISSING_TENSOR", /"accumulated.a"/],
  ["no rows", without("accumulated_rows.e"), "MISSING_TENSOR", /"accumulated_rows.e"/],
  [
    "weights of another dtype",
    replaced("param.a", { dtype: "I32" }),
    "WRONG_DTYPE",
    /"param.a".*expected F32, got I32/,
  ],
  [
    "a shape that its tensors do not have",
    set((s) => (s.parameters[1].shape = [2 ** 36])),
    "WRONG_SHAPE",
    /"exp_avg.e"|"param.e".*expected \[68719476736\], got \[4, 2\]/,
  ],
  [
    "a row twice",
    replaced("accumulated_rows.e", rowsOf(1, 1)),
    "BAD_STATE",
    /accumulated_rows.e.*expected rows below 4 in ascending order, got 1/,
  ],
  [
    "rows without a dimension",
    replaced("accumulated_rows.e", { shape: [], bytes: new Uint8Array(4) }),
    "WRONG_SHAPE",
    /"accumulated_rows.e".*expected \[0\], got \[\]/,
  ],
  ["a row beyond", replaced("accumulated_rows.e", rowsOf(1, 4)), "BAD_STATE", /got 4/],
  [
    "more rows than there are",
    replaced("accumulated_rows.e", rowsOf(0, 1, 2, 3, 4)),
    "WRONG_SHAPE",
    /"accumulated_rows.e".*expected \[4\], got \[5\]/,
  ],
];

for (const [title, edit, reason, message] of CASES) {
  test(`refused: ${title}`, async () => {
    const error = await rejection(AdamW.load(await edited(edit)));
    assert.instance(error, CheckpointError, String(error));
    assert.is((error as CheckpointError).reason, reason, error.message);
    assert.match(error.message, message);
  });
}

test("the file itself loads, and so does one that names options of a machine", async () => {
  const loaded = await AdamW.load(await edited(() => undefined));
  const other = await AdamW.load(
    await edited(
      set((state) => {
        Object.assign(state.options, { threads: 64, slabBytes: 1, touchPages: true });
      }),
    ),
  );
  assert.is(other.digest(), loaded.digest());
  assert.is(other.threads, 1);
});

test("the state of a loss scale that the options do not have, where the caller names one", async () => {
  const lossScale = dynamicLossScale();
  const file = await edited(set((state) => (state.options.lossScale = 3)));
  const error = await rejection(AdamW.load(file, { lossScale }));
  assert.is((error as CheckpointError).reason, "BAD_STATE");
  assert.match((error as Error).message, "loss scale: expected a loss scale in the options");
});

test("rows of a parameter that has none", async () => {
  const optimizer = await AdamW.create({ s: { shape: [] } });
  optimizer.accumulate({ s: Float32Array.of(1) });
  const { metadata, tensors } = readPlain(await optimizer.toBytes());
  const state: State = JSON.parse(metadata["ashlar.state"]);
  state.accumulation.parameters[0].sparse = true;
  const rows = { name: "accumulated_rows.s", dtype: "U32", shape: [2], bytes: new Uint8Array(8) };
  const file = plainCheckpoint(JSON.stringify(state), [...tensors, rows]);
  const error = await rejection(AdamW.load(file));
  assert.is((error as CheckpointError).reason, "WRONG_SHAPE");
  assert.match((error as Error).message, /"accumulated_rows.s".*expected \[0\], got \[2\]/);
});

test("text that is no JSON, and JSON that is no object", async () => {
  const { tensors } = readPlain(await original);
  for (const [text, message] of [
    ["{", /expected JSON/],
    ["[]", /expected an object, got \[\]/],
    ["null", /expected an object, got null/],
  ] as const) {
    const error = await rejection(AdamW.load(plainCheckpoint(text, tensors)));
    assert.is((error as CheckpointError).reason, "BAD_STATE");
    assert.match(error.message, message);
  }
});

test("an order of parameters that are not there is the constructor's to refuse", async () => {
  const optimizer = await MindFormersAdamW.create({ a: { shape: [1] } });
  const { metadata, tensors } = readPlain(await optimizer.toBytes());
  const state = { ...JSON.parse(metadata["ashlar.state"]), order: ["b"] };
  const file = plainCheckpoint(JSON.stringify(state), tensors);
  assert.match((await rejection(MindFormersAdamW.load(file))).message, /orderParams\[0\]/);
});

test.run();
