// The core for shared memory: all of index.ts, and how several threads do one job together. Chunks
// are claimed one by one, so that a worker that wakes late takes fewer. What a chunk computes does
// not depend on who computes it, or when.

import {
  CALL_GENERATION,
  CALL_POLLING,
  CHUNK_BYTES,
  CHUNK_COUNT,
  CHUNK_SPANS,
  FLAG_ACTIVE,
  JOB_CHUNKS,
  JOB_FINISHED,
  JOB_NEXT,
  JOB_OP,
  JOB_TABLE,
  OP_SCAN,
  OP_STEP,
  SEG_FLAGS,
  SPAN_BYTES,
  SPAN_FIRST,
  SPAN_LENGTH,
  SPAN_SEGMENT,
} from "./layout";
import { measureRange } from "./metrics";
import { scanRange } from "./reduce";
import { stepRange } from "./segment";

export * from "./index";

function runChunk(chunk: usize, op: u32, scratch: usize): void {
  let span = <usize>load<u32>(chunk, CHUNK_SPANS);
  let count = load<u32>(chunk, CHUNK_COUNT);
  while (count--) {
    const seg = <usize>load<u32>(span, SPAN_SEGMENT);
    if (load<u32>(seg, SEG_FLAGS) & FLAG_ACTIVE) {
      const first = load<u32>(span, SPAN_FIRST);
      const length = load<u32>(span, SPAN_LENGTH);
      if (op == OP_SCAN) scanRange(seg, first, length, scratch);
      else if (op == OP_STEP) stepRange(seg, first, length, false);
      else measureRange(seg, first, length, scratch);
    }
    span += SPAN_BYTES;
  }
}

/**
 * Opens a job to whoever claims its chunks. The job before it must be finished: everything but NEXT
 * is written first, so that a claim that succeeds reads this job and no other.
 */
export function openJob(job: usize, op: u32): void {
  store<u32>(job, op, JOB_OP);
  atomic.store<u32>(job, 0, JOB_FINISHED);
  atomic.store<i32>(job, load<u32>(job, JOB_CHUNKS), JOB_NEXT);
}

/** Tells the workers of a job: raises GENERATION and wakes those that sleep. */
export function callWorkers(call: usize): void {
  atomic.add<i32>(call, 1, CALL_GENERATION);
  atomic.notify(call + CALL_GENERATION, -1);
}

/** Claims chunks and computes them until none is left. Wakes who waits for the last one. */
export function runJob(job: usize, scratch: usize): void {
  for (;;) {
    // Counting down needs no bound to compare with, which might be another job's by now.
    const left = atomic.sub<i32>(job, 1, JOB_NEXT);
    if (left <= 0) return;
    const chunk = <usize>load<u32>(job, JOB_TABLE) + <usize>(left - 1) * CHUNK_BYTES;
    runChunk(chunk, load<u32>(job, JOB_OP), scratch);
    const finished = atomic.add<u32>(job, 1, JOB_FINISHED) + 1;
    if (finished == load<u32>(job, JOB_CHUNKS)) atomic.notify(job + JOB_FINISHED, -1);
  }
}

/** Polls for the end of a job. Returns 1 once all of its chunks are done, 0 after `polls` looks. */
export function pollJob(job: usize, polls: u32): u32 {
  const chunks = load<u32>(job, JOB_CHUNKS);
  while (polls--) if (atomic.load<u32>(job, JOB_FINISHED) == chunks) return 1;
  return 0;
}

/**
 * Looks, as a worker, for a generation other than `seen`, and returns the last one seen. A worker
 * polls before it falls asleep, because that and waking take 30 to 78 microseconds, as long as a step
 * over 100,000 parameters. Asleep it waits in JavaScript: Node 20 cannot end a thread that waits in
 * WebAssembly.
 */
export function pollCall(call: usize, seen: i32, polls: u32): i32 {
  let now = seen;
  atomic.add<u32>(call, 1, CALL_POLLING);
  while (polls--) {
    now = atomic.load<i32>(call, CALL_GENERATION);
    if (now != seen) break;
  }
  atomic.sub<u32>(call, 1, CALL_POLLING);
  return now;
}
