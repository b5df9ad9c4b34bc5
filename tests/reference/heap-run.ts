import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { HeapAdamW, type HeapTensor } from "../../src/adapters/core/index.ts";
import { AdamW, cosineWithWarmup } from "../../src/index.ts";
import { differingBits } from "./bits.ts";
import { realistic } from "./patterns.ts";

// A program with a heap of its own, which fits y = W x + b: its pass is plain float32 arithmetic
// over the heap, and HeapAdamW steps the tensors there.

const [INPUTS, OUTPUTS, POINTS] = [24, 20, 64];
const LENGTHS = { weight: INPUTS * OUTPUTS, bias: OUTPUTS };
/** The heap grows while it trains, so that its buffer is another. */
const GROWS_AT = 20;
export const HEAP_STEPS = 60;

const OPTIONS = {
  lr: cosineWithWarmup({ peak: 0.05, warmupSteps: 5, totalSteps: HEAP_STEPS }),
  weightDecay: 0.01,
};
const f = Math.fround;

/** Deals out addresses from the bottom up. */
function layOut(memory: WebAssembly.Memory) {
  let next = 1024;
  const take = (bytes: number) => {
    const at = next;
    next = Math.ceil((at + bytes) / 8) * 8;
    return at;
  };
  const tensors = Object.entries(LENGTHS).map(([name, length]): HeapTensor => {
    const [param, grad, expAvg, expAvgSq] = Array.from({ length: 4 }, () => take(4 * length));
    return { name, length, param, grad, expAvg, expAvgSq, decays: name === "weight" };
  });
  const at = take(HeapAdamW.bytesFor(tensors.length));
  tensors.forEach(({ param, length }, i) => {
    new Float32Array(memory.buffer, param, length).set(realistic(length, i + 1));
  });
  return { tensors, at };
}

const viewsOf = ({ buffer }: WebAssembly.Memory, { param, grad, length }: HeapTensor) => ({
  values: new Float32Array(buffer, param, length),
  grads: new Float32Array(buffer, grad, length),
});

/** Mean squared error over all points; its gradients go into the heap. */
function pass(memory: WebAssembly.Memory, [weight, bias]: readonly HeapTensor[]): number {
  const [w, b] = [viewsOf(memory, weight), viewsOf(memory, bias)];
  const xs = realistic(POINTS * INPUTS, 11);
  const truth = realistic(LENGTHS.weight, 12);
  w.grads.fill(0);
  b.grads.fill(0);
  let loss = 0;
  for (let p = 0; p < POINTS; p++) {
    const x = xs.subarray(p * INPUTS, (p + 1) * INPUTS);
    for (let o = 0; o < OUTPUTS; o++) {
      let error = b.values[o];
      for (let i = 0; i < INPUTS; i++) {
        const difference = f(w.values[o * INPUTS + i] - truth[o * INPUTS + i]);
        error = f(error + f(difference * x[i]));
      }
      loss += (error * error) / POINTS;
      const scaled = f(error / POINTS);
      b.grads[o] += scaled;
      for (let i = 0; i < INPUTS; i++) w.grads[o * INPUTS + i] += f(scaled * x[i]);
    }
  }
  return loss;
}

/**
 * Trains, beside an AdamW on the same gradients. Gives the losses, and the hash of weights and
 * moments at the end.
 *
 * @throws Error at the first weight whose bits are not those of AdamW
 */
export async function heapRun(): Promise<{ losses: number[]; digest: string }> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { tensors, at } = layOut(memory);
  const optimizer = new HeapAdamW(memory, tensors, { at, ...OPTIONS });
  const specs = tensors.map(({ name = "", length }, i) => {
    return { name, shape: [length], data: realistic(length, i + 1) };
  });
  const reference = await AdamW.create(specs, {
    ...OPTIONS,
    decays: ({ name }) => name === "weight",
  });
  const losses: number[] = [];
  for (let k = 0; k < HEAP_STEPS; k++) {
    if (k === GROWS_AT) memory.grow(1);
    losses.push(pass(memory, tensors));
    for (const tensor of tensors) {
      reference.gradient(tensor.name ?? "").set(viewsOf(memory, tensor).grads);
    }
    reference.step();
    optimizer.step();
    for (const tensor of tensors) {
      const { master } = reference.parameter(tensor.name ?? "");
      const index = differingBits(viewsOf(memory, tensor).values, master);
      if (index >= 0) throw new Error(`${tensor.name}[${index}] differs after step ${k}`);
    }
  }
  reference.dispose();
  const hash = sha256.create();
  for (const { param, expAvg, expAvgSq, length } of tensors) {
    for (const ptr of [param, expAvg, expAvgSq]) {
      hash.update(new Uint8Array(memory.buffer, ptr, 4 * length));
    }
  }
  return { losses, digest: bytesToHex(hash.digest()) };
}
