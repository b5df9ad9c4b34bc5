import { createHash } from "node:crypto";
import { HeapAdamW, type HeapTensor } from "../../src/adapters/core/index.ts";
import { AdamW, type AshlarError, type NamedGradients } from "../../src/index.ts";
import { realistic } from "./patterns.ts";

// The same training with memory that grows and with memory that does not.

const PAGE = 65_536;
const LENGTHS = [1, 7, 5000, 0, 64];

export interface HeapGrowth {
  /** Bytes of the memory at the end. */
  readonly bytes: number;
  /** How many times it grew: between steps, and within them. */
  readonly between: number;
  readonly within: number;
  /** SHA-256 of weights and moments. */
  readonly digest: string;
}

function layOut(memory: WebAssembly.Memory) {
  let next = 1024;
  const take = (bytes: number) => {
    const at = next;
    next = Math.ceil((at + bytes) / 8) * 8;
    return at;
  };
  const tensors = LENGTHS.map((length, i): HeapTensor => {
    const [param, grad, expAvg, expAvgSq] = Array.from({ length: 4 }, () => take(4 * length));
    new Float32Array(memory.buffer, param, length).set(realistic(length, i + 1));
    return { name: `t${i}`, length, param, grad, expAvg, expAvgSq };
  });
  return { tensors, at: take(HeapAdamW.bytesFor(tensors.length)) };
}

/**
 * Steps tensors in a heap whose owner makes it grow: before a step, and within it, in the schedules
 * that the step asks. Every view is made anew; one that was made before must be dead and say so.
 *
 * @param grown bytes that the heap grows by in all; 0: not at all
 */
export function trainInHeap(steps: number, grown: number): HeapGrowth {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65_536 });
  const { tensors, at } = layOut(memory);
  let [between, within, last] = [0, 0, 4];
  const pages = grown / PAGE;
  /** Grows by what is due at this place of the run: three of them a step. */
  const grow = (place: number): boolean => {
    const due = 4 + Math.floor((pages * place) / (3 * steps));
    if (due <= last) return false;
    const stale = new Float32Array(memory.buffer, tensors[2].param, 1);
    memory.grow(due - last);
    last = due;
    if (stale.length !== 0) throw new Error("a view of before is alive");
    return true;
  };
  const rate = (base: number, place: number) => (k: number) => {
    if (grow(3 * k + place)) within++;
    return base / (1 + k);
  };
  const lr = rate(0.01, 2);
  const weightDecay = rate(0.1, 3);
  const optimizer = new HeapAdamW(memory, tensors, { at, lr, weightDecay });
  for (let k = 0; k < steps; k++) {
    if (grow(3 * k + 1)) between++;
    tensors.forEach(({ grad, length }, i) => {
      new Float32Array(memory.buffer, grad, length).set(gradientOf(length, k, i));
    });
    if (!optimizer.step() || optimizer.overflowed !== 0) throw new Error("a step did nothing");
  }
  const hash = createHash("sha256");
  for (const { param, expAvg, expAvgSq, length } of tensors) {
    for (const ptr of [param, expAvg, expAvgSq]) {
      hash.update(new Uint8Array(memory.buffer, ptr, 4 * length));
    }
  }
  return { bytes: memory.buffer.byteLength, between, within, digest: hash.digest("hex") };
}

const pool = realistic(50_000, 99);
/** Another one for each step and parameter, without making its values each time. */
const gradientOf = (length: number, k: number, i: number) => {
  const from = (k * 131 + i * 977) % (pool.length - length);
  return pool.subarray(from, from + length);
};

export interface ParameterGrowth {
  readonly bytes: number;
  readonly between: number;
  readonly within: number;
  /** Calls from within a schedule, each refused. */
  readonly refused: number;
  /** SHA-256 of all that the small parameters are. */
  readonly digest: string;
}

/** Parameters that are added one after the other, in the order of their steps. */
const SIZES = [3000, 17, 1, 9000, 64, 700, 4096, 5000, 33, 12_000];

/**
 * Trains parameters that come one after the other: between steps, and within them, in the closure.
 *
 * @param giant elements of two that are added near the end and never stepped; 0: none
 */
export async function trainGrowing(
  steps: number,
  giant: number,
  allAtOnce: boolean,
): Promise<ParameterGrowth> {
  const at = SIZES.map((_, i) => Math.floor((i * steps) / SIZES.length));
  const spec = (i: number) => ({
    name: `p${i}`,
    shape: [SIZES[i]],
    data: realistic(SIZES[i], i + 1),
  });
  // After all that comes in closures, whose steps would move it; one more makes it be copied.
  const giants = giant > 0 ? ["giant", "after"].map((name) => ({ name, shape: [giant] })) : [];
  const giantAt = Math.floor(0.95 * steps);
  const options = { gradNorm: true, amsgrad: true, lr: (k: number) => askWithin(k) };
  let [between, within, refused] = [0, 0, 0];
  let optimizer: AdamW | null = null;
  const askWithin = (k: number) => {
    if (!allAtOnce && k % 97 === 0) {
      try {
        optimizer?.addParameters({ never: { shape: [1] } });
      } catch (error) {
        if ((error as AshlarError).code !== "BUSY") throw error;
        refused++;
      }
    }
    return 0.01;
  };
  const made = allAtOnce
    ? await AdamW.create([...SIZES.map((_, i) => spec(i)), ...giants], options)
    : await AdamW.create([spec(0)], options);
  optimizer = made;
  for (let k = 0; k < steps; k++) {
    const here = at.filter((step) => step <= k).length;
    const due = allAtOnce ? [] : at.flatMap((step, i) => (step === k && i > 0 ? [spec(i)] : []));
    const gradients = (): NamedGradients =>
      Object.fromEntries(at.slice(0, here).map((_, i) => [`p${i}`, gradientOf(SIZES[i], k, i)]));
    if (!allAtOnce && k >= giantAt && k - giantAt < giants.length) {
      made.addParameters([giants[k - giantAt]]);
      between++;
    }
    // In turn: before the step, and in its closure, which then fills views of the new memory.
    if (due.length > 0 && here % 2 === 0) {
      made.addParameters(due);
      between++;
    } else if (due.length > 0) {
      made.step(() => {
        made.addParameters(due);
        within++;
        for (const [name, values] of Object.entries(gradients())) {
          made.gradient(name).set(values as Float32Array);
        }
      });
      continue;
    }
    made.step(gradients());
    if (k % 50 === 0) checkViews(made, here);
  }
  const hash = createHash("sha256");
  for (let i = 0; i < SIZES.length; i++) {
    const { master, expAvg, expAvgSq, maxExpAvgSq, step } = made.parameter(`p${i}`);
    for (const view of [master, expAvg, expAvgSq, maxExpAvgSq as Float32Array]) hash.update(view);
    hash.update(`${step}`);
  }
  const { bytes } = made;
  made.dispose();
  return { bytes, between, within, refused, digest: hash.digest("hex") };
}

/** What is handed out now is whole and of one memory with all the others. */
function checkViews(optimizer: AdamW, count: number): void {
  for (let i = 0; i < count; i++) {
    const { master, gradient, length } = optimizer.parameter(`p${i}`);
    if (master.length === length && gradient.length === length) continue;
    throw new Error(`p${i}: a view of ${master.length} elements`);
  }
}
