import { HeapAdamW, ready } from "../../src/adapters/core/index.ts";
import { HEAP_STEPS, heapRun } from "../reference/heap-run.ts";
import { type Found, NotRun, type Result, resultOf } from "./result.ts";

async function trains(): Promise<Found> {
  const { losses, digest } = await heapRun();
  const [first, last] = [losses[0], losses[HEAP_STEPS - 1]];
  if (!(last < 0.1 * first)) throw new Error(`the loss went from ${first} to ${last}`);
  return { digest, detail: `loss ${first.toPrecision(6)} to ${last.toPrecision(6)}` };
}

/** Only a page that is isolated has such a memory to give. */
async function refusesShared(): Promise<Found> {
  if (!crossOriginIsolated) throw new NotRun("no shared memory without isolation");
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  try {
    new HeapAdamW(memory, [], { at: 0 });
  } catch (error) {
    if (error instanceof TypeError) return { detail: error.message };
    throw error;
  }
  throw new Error("a shared memory was taken");
}

/** ashlar/core over a memory that is not its own. */
export async function run(): Promise<Result[]> {
  await ready();
  return [
    await resultOf("a heap of the caller's", trains),
    await resultOf("refuses shared memory", refusesShared),
  ];
}
