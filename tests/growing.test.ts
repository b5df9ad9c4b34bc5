import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HeapAdamW, type HeapTensor } from "../src/adapters/core/index.ts";
import { AdamW, AshlarError } from "../src/index.ts";
import { trainGrowing, trainInHeap } from "./reference/growing.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("growing");
const MIB = 2 ** 20;

test("a heap that grows between and within steps: the bits of one that does not", () => {
  const still = trainInHeap(100, 0);
  const { digest, bytes, between, within } = trainInHeap(100, 20 * MIB);
  assert.is(digest, still.digest);
  assert.equal([still.bytes, still.between, still.within], [4 * 65_536, 0, 0]);
  assert.is(bytes, 20 * MIB + still.bytes);
  assert.ok(between > 90 && within > 180, `${between} and ${within} times`);
});

test("parameters that come between and within steps: the bits of all at once", async () => {
  const still = await trainGrowing(100, 0, true);
  const { digest, bytes, between, within, refused } = await trainGrowing(100, 0, false);
  assert.is(digest, still.digest);
  assert.is(bytes, still.bytes);
  assert.is(between + within, 9);
  assert.ok(between > 3 && within > 3);
  assert.is(refused, 2, "a schedule may not add parameters: BUSY");
});

test("a tensor is what it was when the optimizer was made, whatever its object says later", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const tensor = { length: 4, param: 0, grad: 16, expAvg: 32, expAvgSq: 48, lrScale: 1 };
  const views = () => new Float32Array(memory.buffer, 0, 4);
  const run = (change: () => void) => {
    new Uint8Array(memory.buffer).fill(0);
    const optimizer = new HeapAdamW(memory, [tensor], { at: 1024 });
    new Float32Array(memory.buffer, 16, 4).fill(0.5);
    change();
    optimizer.step();
    return [...views()];
  };
  const expected = run(() => undefined);
  assert.ok(expected[0] < 0);
  assert.equal(
    run(() => Object.assign(tensor, { lrScale: 0, length: 0 })),
    expected,
  );
});

test("a tensor that is no object of addresses is named by its place", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const tensors = [{ length: 0, param: 0, grad: 0, expAvg: 0, expAvgSq: 0 }, 7];
  assertRefused(
    () => new HeapAdamW(memory, tensors as HeapTensor[], { at: 0 }),
    TypeError,
    '"tensors[1]" of HeapAdamW: expected an object of addresses, got 7',
  );
});

test("a heap one page short names the tensor that does not fit", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  assert.throws(() => memory.grow(1), RangeError);
  const short = { name: "v", length: 8192, param: 0, grad: 0, expAvg: 0, expAvgSq: 40_000 };
  assertRefused(
    () => new HeapAdamW(memory, [short], { at: 0 }),
    RangeError,
    '"expAvgSq of tensor "v"" of the memory: expected an end of at most 65536, its bytes, got 72768',
  );
  const tensor = { name: "w", length: 8192, param: 0, grad: 0, expAvg: 0, expAvgSq: 0 };
  const plane = 4 * tensor.length;
  const tensors = [{ ...tensor, grad: plane, expAvg: 2 * plane, expAvgSq: 3 * plane }];
  const at = 4 * plane;
  assertRefused(
    () => new HeapAdamW(memory, tensors, { at }),
    RangeError,
    '"expAvgSq" of tensor "w": expected a whole number from 0 to 65536, got 98304',
  );
  const larger = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const table = HeapAdamW.bytesFor(1);
  assertRefused(
    () => new HeapAdamW(larger, tensors, { at }),
    RangeError,
    `"the table" of the memory: expected an end of at most 131072, its bytes, got ${131_072 + table}`,
  );
});

/** Reads its gradient, weight or target only after it has added a parameter. */
const adding = (optimizer: AdamW, values: Float32Array) => ({
  get w() {
    optimizer.addParameters({ late: { shape: [2] } });
    return values;
  },
});

test("parameters that are added while arrays are read: no write is lost in the old memory", () => {
  const make = () => new AdamW({ w: Float32Array.of(1, 2, 3) });
  const more = "expected the parameters to stay as they are until it is done, got more of them";
  const weights = make();
  assertRefused(
    () => weights.setWeights(adding(weights, Float32Array.of(7, 8, 9))),
    AshlarError,
    `setWeights: ${more}`,
  );
  assert.equal([...weights.parameter("w").master], [1, 2, 3]);
  const target = new Float32Array(3);
  const copied = make();
  copied.copyTo(adding(copied, target));
  assert.equal([...target], [1, 2, 3]);
  const summed = make();
  assertRefused(
    () => summed.accumulate(adding(summed, Float32Array.of(1, 1, 1))),
    AshlarError,
    `accumulate: ${more}`,
  );
  summed.accumulate({ w: Float32Array.of(1, 1, 1) });
  assert.is(summed.step().applied, true);
  const stepped = make();
  assertRefused(
    () => stepped.step(adding(stepped, new Float32Array(3))),
    AshlarError,
    "adding parameters: expected no step to run, got a call from within one",
  );
});

test.run();
