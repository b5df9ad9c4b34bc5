import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HeapAdamW, type HeapAdamWOptions, type HeapTensor } from "../src/adapters/core/index.ts";
import { AdamW, AshlarError, cosineWithWarmup } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("HeapAdamW: a memory of the caller's");

const PAGE = 65_536;
const LENGTHS = [1, 7, 5000, 0, 64];

/** A heap with tensors laid out one after the other, a gap of canaries between all arrays. */
function layOut(options: { amsgrad?: boolean; model?: boolean } = {}) {
  const memory = new WebAssembly.Memory({ initial: 4 });
  new Uint8Array(memory.buffer).fill(0xa5);
  let next = 4096;
  const owned: [number, number][] = [];
  const take = (length: number, bytes: number, align = bytes) => {
    next = Math.ceil((next + 12) / align) * align;
    const at = next;
    next += length * bytes;
    owned.push([at, next]);
    new Uint8Array(memory.buffer, at, length * bytes).fill(0);
    return at;
  };
  const tensors = LENGTHS.map((length, i): HeapTensor => {
    const plane = () => take(length, 4);
    const tensor = { param: plane(), grad: plane(), expAvg: plane(), expAvgSq: plane() };
    new Float32Array(memory.buffer, tensor.param, length).set(realistic(length, i + 1));
    return {
      name: `t${i}`,
      length,
      ...tensor,
      ...(options.amsgrad ? { maxExpAvgSq: plane() } : {}),
      ...(options.model ? { model: take(length, 2) } : {}),
      lrScale: i === 1 ? 0.5 : 1,
      decays: i !== 2,
    };
  });
  const at = take(HeapAdamW.bytesFor(tensors.length), 1, 8);
  const canaries = () => {
    const bytes = new Uint8Array(memory.buffer);
    let from = 0;
    for (const [begin, end] of owned) {
      for (let i = from; i < begin; i++) assert.is(bytes[i], 0xa5, `byte ${i}`);
      from = end;
    }
  };
  return { memory, tensors, at, canaries };
}

const schedule = cosineWithWarmup({ peak: 1e-2, warmupSteps: 3, totalSteps: 90 });

for (const [title, { heap, options }] of Object.entries({
  plain: { heap: {}, options: {} as Partial<HeapAdamWOptions> },
  amsgrad: { heap: { amsgrad: true }, options: { maximize: true } },
  "a float16 copy": { heap: { model: true }, options: { model: "float16" as const } },
  "a bfloat16 copy, gradients zeroed": {
    heap: { model: true },
    options: { model: "bfloat16" as const, zeroGradients: true },
  },
})) {
  test(`has the bits of AdamW over 70 steps, and touches nothing else: ${title}`, async () => {
    const { memory, tensors, at, canaries } = layOut(heap);
    const own = { at, lr: schedule, weightDecay: 0.1, ...options };
    const inHeap = new HeapAdamW(memory, tensors, own);
    const { model, ...rest }: Partial<HeapAdamWOptions> = options;
    const adamw = await AdamW.create(
      tensors.map(({ name = "", length }, i) => ({
        name,
        shape: [length],
        data: realistic(length, i + 1),
      })),
      {
        ...rest,
        lr: schedule,
        weightDecay: 0.1,
        amsgrad: "amsgrad" in heap,
        precision: { model: model ?? "float32" },
        lrScale: ({ name }) => (name === "t1" ? 0.5 : 1),
        decays: ({ name }) => name !== "t2",
      },
    );
    for (let k = 0; k < 70; k++) {
      tensors.forEach(({ name = "", length, grad }, i) => {
        const gradient = realistic(length, 100 * k + i);
        new Float32Array(memory.buffer, grad, length).set(gradient);
        adamw.gradient(name).set(gradient);
      });
      assert.is(inHeap.step(), true);
      adamw.step();
    }
    for (const { name = "", length, ...tensor } of tensors) {
      const floats = (ptr = 0) => new Float32Array(memory.buffer, ptr, length);
      const { master, expAvg, expAvgSq, maxExpAvgSq, model: copy } = adamw.parameter(name);
      assert.is(differingBits(floats(tensor.param), master), -1);
      assert.is(differingBits(floats(tensor.expAvg), expAvg), -1);
      assert.is(differingBits(floats(tensor.expAvgSq), expAvgSq), -1);
      if (maxExpAvgSq) assert.is(differingBits(floats(tensor.maxExpAvgSq), maxExpAvgSq), -1);
      if (copy) assert.equal(new Uint16Array(memory.buffer, tensor.model, length), copy);
      if ("zeroGradients" in options) assert.ok(floats(tensor.grad).every((g) => g === 0));
    }
    canaries();
    assert.is(inHeap.steps, 70);
  });
}

test("a memory that grows between steps is followed", () => {
  const { memory, tensors, at } = layOut();
  const straight = layOut();
  const grown = new HeapAdamW(memory, tensors, { at });
  const other = new HeapAdamW(straight.memory, straight.tensors, { at: straight.at });
  for (let k = 0; k < 4; k++) {
    if (k % 2) memory.grow(3);
    for (const each of [memory, straight.memory]) {
      for (const { grad, length } of tensors) {
        new Float32Array(each.buffer, grad, length).fill(0.5 / (k + 1));
      }
    }
    grown.step();
    other.step();
  }
  const { param, length } = tensors[2];
  const [a, b] = [memory, straight.memory].map(
    ({ buffer }) => new Float32Array(buffer, param, length),
  );
  assert.is(differingBits(a, b), -1);
});

test("bad gradients: refused, skipped or let through; nothing else changes", () => {
  for (const bad of [Number.NaN, Infinity, -Infinity, 2 ** 90]) {
    const { memory, tensors, at } = layOut();
    const { grad, length, param } = tensors[2];
    new Float32Array(memory.buffer, grad, length)[4999] = bad;
    const before = new Uint8Array(memory.buffer).slice(0, at);
    const strict = new HeapAdamW(memory, tensors, { at });
    assert.throws(
      () => strict.step(),
      (error: unknown) =>
        error instanceof AshlarError &&
        error.code === "NON_FINITE" &&
        /"grad" of tensor "t2": expected finite numbers/.test(error.message),
    );
    const skipping = new HeapAdamW(memory, tensors, { at, nonFinite: "skip" });
    assert.is(skipping.step(), false);
    assert.is(skipping.steps, 0);
    assert.equal(Buffer.compare(new Uint8Array(memory.buffer).slice(0, at), before), 0);
    const allowing = new HeapAdamW(memory, tensors, { at, nonFinite: "allow" });
    assert.is(allowing.step(), true);
    const weight = new Float32Array(memory.buffer, param, length)[4999];
    assert.is(Number.isFinite(weight), bad === 2 ** 90, "an infinite moment moves nothing");
  }
  const { memory, tensors, at } = layOut();
  const optimizer = new HeapAdamW(memory, tensors, { at });
  const { grad, length } = tensors[2];
  new Float32Array(memory.buffer, grad, length)[0] = 2 ** 90;
  assert.is(optimizer.step(2 ** -60), true, "by what is left of it");
  assert.throws(() => optimizer.step(Number.NaN), /"gradScale" of step: expected a finite number/);
});

test("addresses that lie wrong are refused by the tensor's name", () => {
  const { memory, tensors, at } = layOut();
  const edit = (change: object) => [{ ...tensors[0], ...change }, ...tensors.slice(1)];
  const cases: [unknown, object, RegExp][] = [
    [
      edit({ param: 4098 }),
      {},
      /"param" of tensor "t0": expected an address that is a multiple of 4/,
    ],
    [edit({ grad: -4 }), {}, /"grad" of tensor "t0"/],
    [edit({ grad: "4" }), {}, /"grad" of tensor "t0"/],
    [edit({ expAvg: 4 * PAGE }), {}, /expAvg of tensor "t0"/],
    [edit({ length: PAGE }), {}, /of tensor "t0"/],
    [
      edit({ expAvg: tensors[0].param }),
      {},
      /expected at \d+ or above, where param of tensor "t0" ends/,
    ],
    [edit({ param: tensors[2].grad + 400 }), {}, /where grad of tensor "t2" ends/],
    [edit({ model: 128 }), {}, /"model" of tensor "t0": expected none/],
    [edit({ moment: 8 }), {}, /"moment" of tensor "t0": expected one of/],
    [tensors, { model: "float16" }, /"model" of tensor "t0": expected an address/],
    [tensors, { at: 12 }, /"at" of the options: expected an address that is a multiple of 8/],
    [tensors, { at: 0 }, /where the table ends|the table/],
    [tensors, { at: 4 * PAGE - 8 }, /"the table" of the memory: expected an end of at most 262144/],
    [tensors, { lr: -1 }, /"lr" of the options/],
    [tensors, { betas: [1, 0.9] }, /"betas\[0\]" of the options/],
    [tensors, { epsilon: 1 }, /"epsilon" of the options: expected one of/],
    ["x", {}, /"tensors" of HeapAdamW: expected a list/],
  ];
  for (const [wrong, options, message] of cases) {
    const make = () => new HeapAdamW(memory, wrong as HeapTensor[], { at, ...options });
    assert.throws(make, message);
  }
});

test.run();
