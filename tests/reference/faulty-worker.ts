import {
  CHUNK_BYTES,
  JOB_BYTES,
  JOB_CHUNKS,
  JOB_FINISHED,
  JOB_NEXT,
  JOB_OP,
  JOB_TABLE,
} from "../../assembly/layout.ts";
import "../../src/core/threads/worker.ts";
import { type Fault, LATE_MS, THROWN } from "./faults.ts";

// A worker of the package that fails in the middle of a chunk. It is the package's own worker, with
// the one function of the core that does a job replaced, so that the rest of it is what is shipped.

interface Exports {
  runJob(jobPtr: number, scratchPtr: number): void;
}
interface Imports {
  readonly env: { readonly memory: { readonly buffer: ArrayBuffer } };
}

function faultOf(): Fault & { readonly index: number } {
  const { process, location } = globalThis as {
    process?: { getBuiltinModule?(name: "node:worker_threads"): { workerData: never } | undefined };
    location?: { search: string };
  };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads) return threads.workerData;
  return JSON.parse(new URLSearchParams(location?.search).get("fault") ?? "");
}

const fault = faultOf();
let skip = fault.skip;

function linger(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const sleep = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

const FAILURES: Readonly<Record<Fault["kind"], (exports: Exports) => void>> = {
  none: () => undefined,
  throw: () => {
    throw new Error(THROWN);
  },
  trap: (exports) => exports.runJob(0xfffffff0, 0),
  exit: () => process.exit(3),
  spin: () => {
    for (;;);
  },
  wait: () => sleep(Number.POSITIVE_INFINITY),
  late: () => undefined,
};

/** The core's runJob, chunk by chunk. */
function runJob(exports: Exports, buffer: ArrayBuffer, jobPtr: number, scratchPtr: number): void {
  const job = new Int32Array(buffer, jobPtr, JOB_BYTES / 4);
  // A job of one chunk; there is room for some behind the job itself, on its cache line.
  const ownPtr = jobPtr + JOB_BYTES * (1 + fault.index);
  const own = new Int32Array(buffer, ownPtr, JOB_BYTES / 4);
  for (;;) {
    const left = Atomics.sub(job, JOB_NEXT / 4, 1);
    if (left <= 0) return;
    const op = job[JOB_OP / 4];
    const isIt = fault.kind !== "none" && fault.op === op && skip-- === 0;
    if (fault.pace > 0) linger(fault.pace);
    if (isIt && fault.kind === "late") sleep(LATE_MS);
    if (!isIt || fault.write) {
      own[JOB_NEXT / 4] = 1;
      own[JOB_CHUNKS / 4] = 2;
      own[JOB_OP / 4] = op;
      own[JOB_TABLE / 4] = job[JOB_TABLE / 4] + (left - 1) * CHUNK_BYTES;
      exports.runJob(ownPtr, scratchPtr);
    }
    if (isIt) FAILURES[fault.kind](exports);
    const finished = Atomics.add(job, JOB_FINISHED / 4, 1) + 1;
    if (finished === job[JOB_CHUNKS / 4]) Atomics.notify(job, JOB_FINISHED / 4);
  }
}

const { Instance } = WebAssembly;
(WebAssembly as { Instance: unknown }).Instance = function FaultyInstance(
  module: never,
  imports: Imports,
) {
  const { exports } = new Instance(module, imports as never) as unknown as { exports: Exports };
  const { buffer } = imports.env.memory;
  const faulty = (jobPtr: number, scratchPtr: number) =>
    runJob(exports, buffer, jobPtr, scratchPtr);
  return { exports: { ...exports, runJob: faulty } };
};
