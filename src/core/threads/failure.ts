import {
  BROKEN,
  CALL_FAILURE,
  FAILURE_BYTES,
  FAILURE_LENGTH,
  FAILURE_TEXT,
  JOB_FINISHED,
} from "../../../assembly/layout.ts";
import type { SlabMemory } from "../memory.ts";

// What a worker says that failed, in shared memory: a caller that waits for it gets no messages.

/**
 * Says why, and that the job at hand never will be finished; wakes the caller.
 *
 * @param memory     the first slab's
 * @param scratchPtr of this worker, in the first slab
 * @param call       the call record
 * @param job        the record of the job at hand
 */
export function tellFailure(
  memory: SlabMemory,
  scratchPtr: number,
  call: Int32Array,
  job: Int32Array,
  cause: unknown,
): void {
  const text = new Uint8Array(FAILURE_BYTES - FAILURE_TEXT);
  const { written } = new TextEncoder().encodeInto(String(cause), text);
  memory.uint32(scratchPtr + FAILURE_LENGTH, 1)[0] = written;
  memory.uint8(scratchPtr + FAILURE_TEXT, text.length).set(text);
  // The first that fails is heard.
  Atomics.compareExchange(call, CALL_FAILURE / 4, 0, scratchPtr);
  // It changes the very word that the caller sleeps on, so that no wake-up is missed.
  Atomics.or(job, JOB_FINISHED / 4, BROKEN);
  Atomics.notify(job, JOB_FINISHED / 4);
}

/** What the first worker said that failed. */
export function readFailure(memory: SlabMemory, call: Int32Array): string {
  const recordPtr = Atomics.load(call, CALL_FAILURE / 4) >>> 0;
  const [length] = memory.uint32(recordPtr + FAILURE_LENGTH, 1);
  // A copy: engines decode no shared memory.
  return new TextDecoder().decode(memory.uint8(recordPtr + FAILURE_TEXT, length).slice());
}
