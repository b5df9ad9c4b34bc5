import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { optionsFor } from "../examples/heap/optimizer.ts";
import { digestOf, evaluate, prepare, type Run, STEPS } from "../examples/heap/train.ts";
import { HeapAdamW } from "../src/adapters/core/index.ts";
import { AdamW } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";

// The framework of examples/heap: a module with a memory and an allocator of its own, whose tensors
// are stepped where they lie.

const test = suite("examples/heap");

const readme = readFileSync(resolve("examples/heap/README.md"), "utf8");
const [, DIGEST] = /^digest {3}([0-9a-f]{64})$/m.exec(readme) ?? [];

const accuracy = (run: Run) => {
  const counts = evaluate(run, run.test);
  const total = (index: 0 | 1) => counts.reduce((sum, count) => sum + count[index], 0);
  return total(0) / total(1);
};

/** The heap as it is now, but for these stretches. */
function heapWithout({ kernels }: Run, stretches: readonly [at: number, bytes: number][]) {
  const bytes = new Uint8Array(kernels.memory.buffer).slice();
  for (const [at, length] of stretches) bytes.fill(0, at, at + length);
  return bytes;
}

/** Where the allocator would put the next block. */
function nextBlock({ kernels }: Run): number {
  const at = kernels.allocate(4096);
  kernels.release(at);
  return at;
}

test("trains in the framework's heap with the bits of AdamW over copies, and learns", async () => {
  const run = await prepare();
  const { kernels, network, tensors, optimizer } = run;
  const floats = (at: number, length: number) =>
    new Float32Array(kernels.memory.buffer, at, length);
  const copies = await AdamW.create(
    tensors.map(({ name = "", length, param }) => ({
      name,
      shape: [length],
      data: floats(param, length).slice(),
    })),
    { ...optionsFor(STEPS), decays: ({ name }) => name.endsWith("weight") },
  );
  const before = accuracy(run);
  const { buffer } = kernels.memory;
  const free = nextBlock(run);
  for (let step = 0; step < STEPS; step++) {
    network.backward(run.train);
    for (const { name = "", length, grad } of tensors) {
      copies.gradient(name).set(floats(grad, length));
    }
    assert.is(optimizer.step(), true);
    copies.step();
  }
  for (const { name = "", length, param, expAvg, expAvgSq } of tensors) {
    const copied = copies.parameter(name);
    assert.is(differingBits(floats(param, length), copied.master), -1, name);
    assert.is(differingBits(floats(expAvg, length), copied.expAvg), -1, name);
    assert.is(differingBits(floats(expAvgSq, length), copied.expAvgSq), -1, name);
  }
  assert.is(kernels.memory.buffer, buffer, "the heap has grown");
  assert.is(nextBlock(run), free, "the framework's allocator was asked for something");
  assert.ok(before < 0.6 && accuracy(run) > 0.95, `${before} ${accuracy(run)}`);
  assert.is(digestOf(run), DIGEST, "the README's digest");
});

test("a step writes the optimizer's own arrays and nothing else of the heap", async () => {
  const run = await prepare();
  run.network.backward(run.train);
  const { tensors, kernels } = run;
  const table = kernels.allocate(HeapAdamW.bytesFor(tensors.length));
  const own = tensors.flatMap(({ length, param, grad, expAvg, expAvgSq }) =>
    [param, grad, expAvg, expAvgSq].map((at): [number, number] => [at, 4 * length]),
  );
  own.push([table, HeapAdamW.bytesFor(tensors.length)]);
  const optimizer = new HeapAdamW(kernels.memory, tensors, { at: table, zeroGradients: true });
  const before = heapWithout(run, own);
  const weights = digestOf(run);
  optimizer.step();
  assert.is(Buffer.compare(heapWithout(run, own), before), 0);
  assert.is.not(digestOf(run), weights);
  for (const { grad, length } of tensors) {
    const zeroed = new Float32Array(kernels.memory.buffer, grad, length);
    assert.ok(zeroed.every((value) => value === 0));
  }
});

test("the framework's gradients are the slopes of its loss", async () => {
  const run = await prepare();
  const { network, kernels, train } = run;
  const at = (address: number) => new Float32Array(kernels.memory.buffer, address, 1);
  for (const { name, param, grad } of network.parameters) {
    for (const each of network.parameters) {
      new Float32Array(kernels.memory.buffer, each.grad, each.length).fill(0);
    }
    // The byte 0x20 of a text and the second hidden unit: both occur.
    const element = name === "hidden.weight" ? 0x20 * 32 + 1 : 1;
    const [weight, gradient] = [at(param + 4 * element), at(grad + 4 * element)];
    const start = weight[0];
    network.backward(train);
    const [slope, width] = [gradient[0], 2 ** -9];
    weight[0] = start + width;
    const above = network.backward(train);
    weight[0] = start - width;
    const below = network.backward(train);
    weight[0] = start;
    const measured = (above - below) / (2 * width);
    assert.ok(Math.abs(slope) > 1e-3, `${name}: a slope of ${slope} tells nothing`);
    assert.ok(
      Math.abs(measured - slope) <= 0.03 * Math.abs(slope) + 1e-3,
      `${name} ${measured} ${slope}`,
    );
  }
});

test.run();
