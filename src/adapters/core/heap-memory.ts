import type { LinearMemory } from "../../core/kernel.ts";
import { SlabMemory } from "../../core/memory.ts";
import { mismatch, wrongKind } from "../../errors.ts";

/** A memory of the caller's. @throws TypeError for what is none, and for a shared one */
export function heapOf(memory: unknown): SlabMemory {
  // By its name: a memory may be another realm's, and this one may lack the class of shared buffers.
  const kind = Object.prototype.toString.call((memory as { buffer?: unknown } | null)?.buffer);
  if (kind === "[object ArrayBuffer]" && !ArrayBuffer.isView(memory)) {
    return new SlabMemory(memory as LinearMemory);
  }
  const expected = "a WebAssembly.Memory that is not shared";
  if (kind !== "[object SharedArrayBuffer]") {
    throw wrongKind("memory", "HeapAdamW", expected, memory);
  }
  throw new TypeError(mismatch("memory", "HeapAdamW", expected, "a shared one"));
}
