import { HeapAdamW, type HeapTensor } from "../../src/adapters/core/index.ts";
import { realistic } from "./patterns.ts";

const LENGTHS = [5000, 1, 9000, 12_345] as const;
const STEPS = 5;

/** Steps tensors whose arrays lie at these addresses, and hashes nothing: all bytes, in order. */
function run(
  memory: WebAssembly.Memory,
  tensors: readonly HeapTensor[],
  at: number,
  model: "float16" | "bfloat16",
): Uint8Array[] {
  tensors.forEach(({ param, length }, i) => {
    new Float32Array(memory.buffer, param, length).set(realistic(length, i + 1));
  });
  const optimizer = new HeapAdamW(memory, tensors, { at, model, zeroGradients: true });
  for (let k = 0; k < STEPS; k++) {
    tensors.forEach(({ grad, length }, i) => {
      new Float32Array(memory.buffer, grad, length).set(realistic(length, 10 * k + i));
    });
    optimizer.step(0.5);
  }
  return tensors.flatMap(({ length, model: copy = 0, ...tensor }) => [
    ...(["param", "grad", "expAvg", "expAvgSq", "maxExpAvgSq"] as const).map(
      (plane) => new Uint8Array(memory.buffer, tensor[plane], 4 * length),
    ),
    new Uint8Array(memory.buffer, copy, 2 * length),
  ]);
}

/** Arrays one after the other, so that the last one ends at `end`. */
function layOutTo(end: number): { tensors: HeapTensor[]; at: number } {
  let next = end;
  const take = (bytes: number) => {
    next = Math.floor((next - bytes) / 8) * 8;
    return next;
  };
  // The very last array is of 4 bytes each, and no padding after it.
  const tensors = LENGTHS.map((length, i) => {
    const planes = Array.from({ length: 5 }, () => take(4 * length));
    const [param, grad, expAvg, expAvgSq, maxExpAvgSq] = planes;
    return {
      name: `t${i}`,
      length,
      param,
      grad,
      expAvg,
      expAvgSq,
      maxExpAvgSq,
      model: take(2 * length),
    };
  });
  return { tensors, at: take(HeapAdamW.bytesFor(LENGTHS.length)) };
}

/**
 * Steps tensors in a heap of 4 GiB, one array of which ends at `end`, and in a small one.
 *
 * @returns lowest and highest address of the arrays
 * @throws Error at the first array whose bytes differ
 */
export function compareInHeaps(end: number): { readonly from: number; readonly to: number } {
  const large = new WebAssembly.Memory({ initial: 65_536, maximum: 65_536 });
  const small = new WebAssembly.Memory({ initial: 16 });
  for (const model of ["float16", "bfloat16"] as const) {
    for (const { buffer } of [small]) new Uint8Array(buffer).fill(0);
    const there = layOutTo(end);
    const here = layOutTo(2 ** 20);
    const from = there.at;
    new Uint8Array(large.buffer, from, end - from).fill(0);
    const expected = run(small, here.tensors, here.at, model);
    run(large, there.tensors, there.at, model).forEach((bytes, i) => {
      if (Buffer.compare(bytes, expected[i]) !== 0) throw new Error(`array ${i} up to ${end}`);
    });
  }
  const { tensors, at } = layOutTo(end);
  return { from: at, to: tensors[0].param + 4 * LENGTHS[0] };
}
