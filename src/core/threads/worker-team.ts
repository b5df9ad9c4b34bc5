import {
  CALL_BYTES,
  CALL_CLOSED,
  CALL_GENERATION,
  CALL_POLLING,
  CALL_SLAB,
  JOB_BYTES,
  JOB_CHUNKS,
  JOB_FINISHED,
  SCRATCH_BYTES,
} from "../../../assembly/layout.ts";
import { AshlarError } from "../../errors.ts";
import type { LinearMemory } from "../kernel.ts";
import { kernelName } from "../kernel-choice.ts";
import type { Team, TeamWork } from "../team.ts";
import { writeJobTable } from "./job-table.ts";
import { POLLS } from "./polls.ts";
import { instantiateShared, type SharedKernel } from "./shared-kernel.ts";
import { type Spawned, spawnWorker } from "./spawn.ts";
import type { WorkerStart } from "./worker-messages.ts";

/**
 * Elements from which several threads are faster than one, on two cores: where the workers still
 * poll, and where they have fallen asleep. From a prototype of the protocol.
 */
const WORTHWHILE_HOT = 16_384;
const WORTHWHILE_COLD = 262_144;
/**
 * Milliseconds from one step to the next within which it is worth waking workers for less: they will
 * still poll when the one after it comes. Longer than a step of WORTHWHILE_COLD elements takes.
 */
const IN_QUICK_SUCCESSION = 0.25;

/** Milliseconds without a finished chunk after which a worker counts as lost. */
const PATIENCE = 30_000;
const WAIT_AT_MOST = 1000;
/** Milliseconds that a worker has to begin: many times what it takes on a busy machine. */
const START_LIMIT = 15_000;

interface TeamSlab {
  readonly kernel: SharedKernel;
  readonly jobPtr: number;
  readonly scratchPtr: number;
  /** The job record. */
  readonly job: Int32Array;
}

/** Workers that share in the steps of one optimizer. The caller's own thread always takes part. */
export class WorkerTeam implements Team {
  readonly #wanted: number;
  #slabs: readonly TeamSlab[] = [];
  #callPtr = 0;
  #call: Int32Array = new Int32Array(0);
  #workers: readonly Spawned[] = [];
  #ready: Promise<void> = Promise.resolve();
  /** When a step last asked whether it is worthwhile. */
  #asked = Number.NEGATIVE_INFINITY;

  /** @param threads the caller's own included, at least 2 */
  constructor(threads: number) {
    this.#wanted = threads;
  }

  get threads(): number {
    return this.#workers.length + 1;
  }

  instantiate(memory: LinearMemory): SharedKernel {
    return instantiateShared(memory);
  }

  start(slabs: readonly TeamWork[]): void {
    if (slabs.length === 0) return;
    this.#slabs = slabs.map(({ plan, memory, kernel: own }) => {
      writeJobTable(memory, plan);
      const { jobPtr, scratchPtr } = plan.layout;
      // instantiate made it.
      const kernel = own as SharedKernel;
      return { kernel, jobPtr, scratchPtr, job: memory.int32(jobPtr, JOB_BYTES / 4) };
    });
    const [{ plan, memory }] = slabs;
    this.#callPtr = plan.layout.callPtr;
    this.#call = memory.int32(this.#callPtr, CALL_BYTES / 4);
    this.#workers = Array.from({ length: this.#wanted - 1 }, () => spawnWorker());
    const generation = this.#call[CALL_GENERATION / 4];
    const answers = this.#workers.map((worker, index) =>
      started(worker, {
        kernel: kernelName(),
        slabs: slabs.map(({ plan: { layout }, memory: { memory } }) => ({
          memory,
          jobPtr: layout.jobPtr,
          scratchPtr: layout.scratchPtr + (index + 1) * SCRATCH_BYTES,
        })),
        callPtr: this.#callPtr,
        generation,
      }),
    );
    this.#ready = Promise.all(answers).then(() => undefined);
    // Whoever needs the workers awaits ready(); the steps do without those that never came.
    this.#ready.catch(() => undefined);
  }

  /** @throws AshlarError WORKER where one could not start */
  ready(): Promise<void> {
    return this.#ready;
  }

  worthwhile(elements: number): boolean {
    if (this.#workers.length === 0) return false;
    if (elements >= WORTHWHILE_COLD) return true;
    if (elements < WORTHWHILE_HOT) return false;
    const now = performance.now();
    const soon = now - this.#asked < IN_QUICK_SUCCESSION;
    this.#asked = now;
    return soon || Atomics.load(this.#call, CALL_POLLING / 4) > 0;
  }

  run(index: number, op: number): void {
    const { kernel, jobPtr, job } = this.#doOwnShare(index, op);
    if (kernel.pollJob(jobPtr, POLLS) === 1) return;
    // What is left are chunks that workers are at: some tens of microseconds each.
    const patience = new Patience();
    for (let left = unfinished(job); left > 0; left = unfinished(job)) {
      this.#giveUpWithout(patience, left);
      if (mayBlock) Atomics.wait(job, JOB_FINISHED / 4, job[JOB_CHUNKS / 4] - left, WAIT_AT_MOST);
      else kernel.pollJob(jobPtr, POLLS);
    }
  }

  async runAsync(index: number, op: number): Promise<void> {
    const { job } = this.#doOwnShare(index, op);
    const patience = new Patience();
    for (let left = unfinished(job); left > 0; left = unfinished(job)) {
      this.#giveUpWithout(patience, left);
      await changed(job, JOB_FINISHED / 4, job[JOB_CHUNKS / 4] - left);
    }
  }

  #doOwnShare(index: number, op: number): TeamSlab {
    const slab = this.#slabs[index];
    slab.kernel.openJob(slab.jobPtr, op);
    Atomics.store(this.#call, CALL_SLAB / 4, index);
    this.#slabs[0].kernel.callWorkers(this.#callPtr);
    slab.kernel.runJob(slab.jobPtr, slab.scratchPtr);
    return slab;
  }

  #giveUpWithout(patience: Patience, left: number): void {
    if (patience.lasts(left)) return;
    this.close();
    throw new AshlarError(
      "WORKER",
      `a step: expected its workers to finish, got ${left} chunks unfinished for ` +
        `${PATIENCE / 1000} s`,
    );
  }

  close(): void {
    if (this.#workers.length === 0) return;
    Atomics.store(this.#call, CALL_CLOSED / 4, 1);
    this.#slabs[0].kernel.callWorkers(this.#callPtr);
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#slabs = [];
  }
}

/** Chunks of the job that nobody has finished. */
function unfinished(job: Int32Array): number {
  return job[JOB_CHUNKS / 4] - Atomics.load(job, JOB_FINISHED / 4);
}

/** Lasts while the number of unfinished chunks falls. */
class Patience {
  #left = Number.NaN;
  #since = 0;

  lasts(left: number): boolean {
    const now = performance.now();
    if (left !== this.#left) this.#since = now;
    this.#left = left;
    return now - this.#since <= PATIENCE;
  }
}

/** Resolves when the word is no longer `value`, or after a while. */
async function changed(words: Int32Array, index: number, value: number): Promise<void> {
  if (typeof Atomics.waitAsync !== "function") {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return;
  }
  // Node does not count a wait as something to stay alive for.
  const alive = setTimeout(() => undefined, 2 * WAIT_AT_MOST);
  await Atomics.waitAsync(words, index, value, WAIT_AT_MOST).value;
  clearTimeout(alive);
}

/** Whether this thread may wait; a browser's main thread may not, and polls. */
const mayBlock = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();

/** Resolves once a worker takes part. An engine says nothing of one that never begins. */
function started(worker: Spawned, start: WorkerStart): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (got: string) =>
      reject(new AshlarError("WORKER", `a worker: expected to start, got: ${got}`));
    const timer = setTimeout(() => refuse(`no answer within ${START_LIMIT / 1000} s`), START_LIMIT);
    worker.start(start, (answer) => {
      clearTimeout(timer);
      if ("ready" in answer) resolve();
      else refuse(answer.failed);
    });
  });
}
