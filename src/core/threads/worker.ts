import {
  CALL_BYTES,
  CALL_CLOSED,
  CALL_GENERATION,
  CALL_SLAB,
  JOB_BYTES,
} from "../../../assembly/layout.ts";
import type { LinearMemory } from "../kernel.ts";
import { chooseKernel } from "../kernel-choice.ts";
import { SlabMemory } from "../memory.ts";
import { tellFailure } from "./failure.ts";
import { POLLS } from "./polls.ts";
import { SHARED_CORE } from "./shared-core.ts";
import type { SharedKernel } from "./shared-kernel.ts";
import type { WorkerAnswer, WorkerStart } from "./worker-messages.ts";

// The worker's whole program: it waits for jobs and does its share of each. It never
// returns to its event loop before it is told to end.

/** The other end: `parentPort` where spawn.ts uses it, the global scope in a Web Worker. */
interface Port {
  postMessage(answer: WorkerAnswer): void;
  addEventListener(type: "message", listen: (event: { data: WorkerStart }) => void): void;
  start?(): void;
  close(): void;
}

function portOfParent(): Port {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): { parentPort: Port | null } | undefined };
  };
  return (
    process?.getBuiltinModule?.("node:worker_threads")?.parentPort ??
    (globalThis as unknown as Port)
  );
}

function work(port: Port, { slabs, callPtr, generation }: WorkerStart): void {
  const kernels = slabs.map(({ memory }) => kernelOver(memory));
  const memories = slabs.map(({ memory }) => new SlabMemory(memory));
  const call = memories[0].int32(callPtr, CALL_BYTES / 4);
  port.postMessage({ ready: true });
  let seen = generation;
  for (;;) {
    let now = kernels[0].pollCall(callPtr, seen, POLLS);
    while (now === seen) {
      Atomics.wait(call, CALL_GENERATION / 4, seen);
      now = Atomics.load(call, CALL_GENERATION / 4);
    }
    seen = now;
    if (Atomics.load(call, CALL_CLOSED / 4) !== 0) return;
    const index = Atomics.load(call, CALL_SLAB / 4);
    const { jobPtr, scratchPtr } = slabs[index];
    try {
      kernels[index].runJob(jobPtr, scratchPtr);
    } catch (cause) {
      const job = memories[index].int32(jobPtr, JOB_BYTES / 4);
      tellFailure(memories[0], slabs[0].scratchPtr, call, job, cause);
      throw cause;
    }
  }
}

/**
 * Without the loader that the other side uses: a worker in a browser has no import map, so that
 * nothing it imports may name a package. Both sides have the same bytes.
 */
function kernelOver(memory: LinearMemory): SharedKernel {
  const imports = { env: { memory: memory as WebAssembly.Memory } };
  const { exports } = new WebAssembly.Instance(SHARED_CORE.module(), imports);
  return exports as unknown as SharedKernel;
}

const port = portOfParent();
port.addEventListener("message", async ({ data }) => {
  try {
    chooseKernel(data.kernel);
    await SHARED_CORE.ready();
    work(port, data);
  } catch (cause) {
    port.postMessage({ failed: String(cause) });
  }
  port.close();
});
port.start?.();
