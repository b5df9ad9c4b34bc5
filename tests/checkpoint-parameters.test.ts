import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, MindFormersAdamW, readWeights } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("checkpoints: parameters by name");

const NAMES = ["a", "b.weight", "b.bias", "__proto__", "d é", "constructor", "z"];
const SHAPES = [[4097], [3, 5], [5], [1], [2, 2], [], [0, 7]];
const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const ALL = NAMES.map((name, i) => ({
  name,
  shape: SHAPES[i],
  data: realistic(lengthOf(SHAPES[i]), i + 1),
}));

function step(optimizer: AdamW, k: number): void {
  for (const [i, { name, shape }] of ALL.entries()) {
    optimizer.gradient(name).set(realistic(lengthOf(shape), 50 * k + i));
  }
  optimizer.step();
}

function shuffled<Item>(items: readonly Item[], next: () => number): Item[] {
  const left = [...items];
  return items.map(() => left.splice(next() % left.length, 1)[0]);
}

test("any order and any groups go on with the same bits", async () => {
  const straight = await AdamW.create([
    { name: "x", params: ALL.slice(0, 3) },
    { name: "y", params: ALL.slice(3) },
  ]);
  step(straight, 0);
  step(straight, 1);
  const file = await straight.toBytes();
  step(straight, 2);
  const digest = straight.digest();
  const next = xorshift32(0x1f83d9ab);
  for (let round = 0; round < 200; round++) {
    const order = shuffled(
      ALL.map(({ name, shape }) => ({ name, shape })),
      next,
    );
    const cut = 1 + (next() % (order.length - 1));
    const groups = [{ params: order.slice(0, cut) }, { name: "y", params: order.slice(cut) }];
    const parameters = round % 3 === 0 ? order : groups;
    const loaded = await AdamW.load(file, { parameters });
    step(loaded, 2);
    assert.is(loaded.digest(), digest, `round ${round}`);
    loaded.dispose();
  }
});

const file = async () => {
  const optimizer = await AdamW.create({ a: { shape: [3] }, b: { shape: [2, 2] } });
  optimizer.gradient("a").fill(1);
  optimizer.step();
  return optimizer.toBytes();
};

test("missing, left over, renamed and reshaped parameters are refused by name", async () => {
  const bytes = await file();
  const cases: [object, string, string][] = [
    [
      { a: { shape: [3] }, b: { shape: [2, 2] }, c: { shape: [1] } },
      "MISSING_PARAMETER",
      '"parameters" of the checkpoint: expected "c", got none of it',
    ],
    [
      { a: { shape: [3] } },
      "UNUSED_PARAMETER",
      '"parameters" of the optimizer: expected "b", got none of it',
    ],
    [
      { a: { shape: [3] }, "b.new": { shape: [2, 2] } },
      "MISSING_PARAMETER",
      'expected "b.new", got none of it; "b" instead, which may be a new name',
    ],
    [
      Object.fromEntries([..."acdefghij"].map((name) => [name, { shape: [3] }])),
      "MISSING_PARAMETER",
      'expected "c", "d", "e" and 5 more, got none of them',
    ],
    [
      { a: { shape: [4] }, b: { shape: [2, 2] } },
      "WRONG_SHAPE",
      '"shape" of parameter "a": expected [4], the optimizer\'s, got [3] in the checkpoint',
    ],
    [
      { a: { shape: [3] }, b: { shape: [4] } },
      "WRONG_SHAPE",
      '"shape" of parameter "b": expected [4], the optimizer\'s, got [2, 2] in the checkpoint',
    ],
  ];
  for (const [parameters, reason, message] of cases) {
    const error = await rejection(AdamW.load(bytes, { parameters: parameters as never }));
    assert.is((error as { reason?: string }).reason, reason);
    assert.match(error.message, message);
  }
});

test("strict: false loads what fits and says what it left", async () => {
  const parameters = {
    a: { shape: [3], data: Float32Array.of(7, 7, 7) },
    b: { shape: [4], data: Float32Array.of(5, 6, 7, 8) },
    c: { shape: [1], data: Float32Array.of(9) },
  };
  const loaded = await AdamW.load(await file(), { parameters, strict: false });
  assert.equal(loaded.loadReport?.missing, ["b", "c"]);
  assert.equal(loaded.loadReport?.unused, ["b"]);
  assert.is(loaded.parameter("a").step, 1);
  assert.is.not(loaded.parameter("a").master[0], 7);
  assert.equal([...loaded.parameter("b").master], [5, 6, 7, 8]);
  assert.is(loaded.parameter("c").step, 0);
  assert.is(loaded.steps, 1);
});

test("MindFormers' one count of steps holds for parameters that come later too", async () => {
  const saved = await MindFormersAdamW.create({ a: { shape: [3] } });
  for (let k = 0; k < 4; k++) saved.step({ a: realistic(3, k) });
  const loaded = await MindFormersAdamW.load(await saved.toBytes(), {
    parameters: { a: { shape: [3] }, b: { shape: [2] } },
    strict: false,
  });
  assert.is(loaded.parameter("b").step, 4);
});

test("the weights alone begin another optimizer", async () => {
  const saved = await AdamW.create(ALL);
  step(saved, 0);
  const { parameters } = await readWeights(await saved.toBytes());
  const begun = await MindFormersAdamW.create(parameters);
  assert.is(begun.weightsDigest(), saved.weightsDigest());
  assert.is(begun.steps, 0);
});

test.run();
