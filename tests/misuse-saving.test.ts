import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AshlarError, WeightAverage } from "../src/index.ts";
import { assertOwnCases } from "./reference/bad-input.ts";
import { BUSY, errorOf } from "./reference/misuse.ts";

// P21: calls while a save is on its way. tests/checkpoint-busy.test.ts has what becomes of the file.

const test = suite("misuse: calls while a save runs");

const ones = () => Float32Array.of(1, 1, 1, 1);
const made = () => new AdamW({ w: Float32Array.of(1, 2, 3, 4) });

test("each row is its own case", () => assertOwnCases(BUSY));

/** Begins a save that goes on until it is let. */
function beginSave(optimizer: AdamW) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const saved = optimizer.save(writable);
  return async () => {
    const file = new Uint8Array(await new Response(readable).arrayBuffer());
    await saved;
    return file;
  };
}

for (const [call, act, told] of BUSY) {
  test(`refused while a save runs: ${call}`, async () => {
    const optimizer = made();
    optimizer.step({ w: ones() });
    const before = optimizer.digest();
    const end = beginSave(optimizer);
    const error = await errorOf(() => act(optimizer));
    assert.is(
      error.message,
      `${told}: expected no save to run, got a call before it was done. Await save() first`,
    );
    assert.is(error.constructor, AshlarError);
    assert.is(error.code, "BUSY");
    assert.is(optimizer.digest(), before);
    assert.is((await AdamW.load(await end())).digest(), before);
    assert.is(optimizer.step({ w: ones() }).step, 2);
  });
}

test("a weight average that is to be merged while a save runs is merged after it", async () => {
  const optimizer = made();
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 1 });
  optimizer.step({ w: ones() });
  const before = optimizer.digest();
  const end = beginSave(optimizer);
  const error = await errorOf(() => average.update());
  assert.is(
    error.message,
    "setWeights: expected no save to run, got a call before it was done. Await save() first",
  );
  assert.is(optimizer.digest(), before);
  await end();
  assert.is(average.update(), true);
});

test("what may be done while a save runs: reading, and options for the steps after it", async () => {
  const optimizer = made();
  optimizer.step({ w: ones() });
  const before = [optimizer.digest(), optimizer.weightsDigest(), optimizer.configDigest()];
  const end = beginSave(optimizer);
  assert.equal([optimizer.digest(), optimizer.weightsDigest(), optimizer.configDigest()], before);
  assert.is(optimizer.parameterDigests().size, 1);
  const target = new Float32Array(4);
  optimizer.copyTo({ w: target });
  assert.equal([...target], [...optimizer.parameter("w").master]);
  assert.is(optimizer.metrics(), null);
  optimizer.groups[0].lr = 0.5;
  const loaded = await AdamW.load(await end());
  assert.is(loaded.digest(), before[0]);
  assert.is(optimizer.step({ w: ones() }).lr.default, 0.5);
});

test("a save after one that failed, and one after another", async () => {
  const optimizer = made();
  const gone = new WritableStream({
    start(controller) {
      controller.error(new Error("gone"));
    },
  });
  assert.is((await errorOf(() => optimizer.save(gone))).message, "gone");
  const first = await optimizer.toBytes();
  assert.equal(await optimizer.toBytes(), first);
});

test("onProgress is told within the save: what it throws ends it, and all goes on", async () => {
  const optimizer = made();
  const before = optimizer.digest();
  const errors: Promise<Error>[] = [];
  const own = new Error("of the caller's own");
  const error = await errorOf(() =>
    optimizer.toBytes({
      onProgress: () => {
        errors.push(errorOf(() => optimizer.step()));
        throw own;
      },
    }),
  );
  assert.is(error, own);
  assert.match((await errors[0]).message, /^step: expected no save to run/);
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.step({ w: ones() }).step, 1);
});

test.run();
