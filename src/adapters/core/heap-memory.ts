import { instantiate, type Kernel, type LinearMemory } from "../../core/kernel.ts";
import { SlabMemory } from "../../core/memory.ts";
import { mismatch, show, wrongKind } from "../../errors.ts";

const EXPECTED = "a WebAssembly.Memory that is not shared";

/** A memory of the caller's. @throws TypeError for what is none, and for a shared one */
export function heapOf(memory: unknown): SlabMemory {
  // By its name: a memory may be another realm's, and this one may lack the class of shared buffers.
  const kind = Object.prototype.toString.call((memory as { buffer?: unknown } | null)?.buffer);
  if (kind === "[object ArrayBuffer]" && !ArrayBuffer.isView(memory)) {
    return new SlabMemory(memory as LinearMemory);
  }
  if (kind !== "[object SharedArrayBuffer]") {
    throw wrongKind("memory", "HeapAdamW", EXPECTED, memory);
  }
  throw new TypeError(mismatch("memory", "HeapAdamW", EXPECTED, "a shared one"));
}

/** @throws TypeError for what only looks like a memory; AshlarError NOT_READY, BAD_CORE */
export function kernelOver(memory: LinearMemory): Kernel {
  try {
    return instantiate(memory);
  } catch (cause) {
    // Of another realm, an engine's own class says little.
    if ((cause as Error).name !== "LinkError") throw cause;
    const got = show(memory);
    throw new TypeError(mismatch("memory", "HeapAdamW", EXPECTED, got), { cause });
  }
}
