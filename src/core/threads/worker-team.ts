import {
  CALL_BYTES,
  CALL_CLOSED,
  CALL_GENERATION,
  CALL_POLLING,
  CALL_SLAB,
  JOB_BYTES,
  SCRATCH_BYTES,
} from "../../../assembly/layout.ts";
import { AshlarError } from "../../errors.ts";
import type { LinearMemory } from "../kernel.ts";
import { kernelName } from "../kernel-choice.ts";
import type { SlabMemory } from "../memory.ts";
import type { Team, TeamWork } from "../team.ts";
import { readFailure } from "./failure.ts";
import { writeJobTable } from "./job-table.ts";
import { JobWatch, PATIENCE } from "./job-watch.ts";
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

/** Milliseconds that a worker has to begin: many times what it takes on a busy machine. */
const START_LIMIT = 15_000;

interface TeamSlab {
  readonly memory: SlabMemory;
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
  /** Of workers that have not answered yet; those that are ended never do. */
  #timers: readonly ReturnType<typeof setTimeout>[] = [];
  #lost = false;
  /** What was heard of a worker that ended since the last job was opened. */
  #death = "";
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

  get lost(): boolean {
    return this.#lost;
  }

  start(slabs: readonly TeamWork[]): void {
    this.#slabs = slabs.map(({ plan, memory, kernel: own }) => {
      writeJobTable(memory, plan);
      const { jobPtr, scratchPtr } = plan.layout;
      // instantiate made it.
      const kernel = own as SharedKernel;
      return { memory, kernel, jobPtr, scratchPtr, job: memory.int32(jobPtr, JOB_BYTES / 4) };
    });
    const [{ plan, memory }] = slabs;
    this.#callPtr = plan.layout.callPtr;
    this.#call = memory.int32(this.#callPtr, CALL_BYTES / 4);
    this.#ready = this.#startWorkers();
    // Whoever needs the workers awaits ready(); the steps do without those that never came.
    this.#ready.catch(() => undefined);
  }

  async #startWorkers(): Promise<void> {
    const workers: Spawned[] = [];
    this.#workers = workers;
    try {
      while (workers.length < this.#wanted - 1) workers.push(spawnWorker());
    } catch (cause) {
      this.close();
      throw notStarted((cause as Error).message);
    }
    const generation = this.#call[CALL_GENERATION / 4];
    await Promise.all(
      workers.map((worker, index) =>
        this.#started(worker, {
          kernel: kernelName(),
          slabs: this.#slabs.map(({ memory: { memory }, jobPtr, scratchPtr }) => ({
            memory,
            jobPtr,
            scratchPtr: scratchPtr + (index + 1) * SCRATCH_BYTES,
          })),
          callPtr: this.#callPtr,
          generation,
        }),
      ),
    );
  }

  /** Resolves once a worker takes part. An engine says nothing of one that never begins. */
  #started(worker: Spawned, start: WorkerStart): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (got: string) => reject(notStarted(got));
      const timer = setTimeout(
        () => refuse(`no answer within ${START_LIMIT / 1000} s`),
        START_LIMIT,
      );
      this.#timers = [...this.#timers, timer];
      worker.start(start, (answer) => {
        clearTimeout(timer);
        if ("ready" in answer) resolve();
        else {
          refuse(answer.failed);
          this.#drop(worker, answer.failed);
        }
      });
    });
  }

  /** Does without a worker that has ended. If it was at a chunk, the job will not end: see JobWatch. */
  #drop(worker: Spawned, why: string): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
    // An error is told of before the end that comes of it.
    this.#death ||= why;
    worker.terminate();
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
    const watch = new JobWatch(job);
    while (watch.isOpen()) watch.wait(() => kernel.pollJob(jobPtr, POLLS));
    if (!watch.isFinished) throw this.#giveUp(watch);
  }

  async runAsync(index: number, op: number): Promise<void> {
    const watch = new JobWatch(this.#doOwnShare(index, op).job);
    while (watch.isOpen()) await watch.waitAsync();
    if (!watch.isFinished) throw this.#giveUp(watch);
  }

  #doOwnShare(index: number, op: number): TeamSlab {
    const slab = this.#slabs[index];
    this.#death = "";
    slab.kernel.openJob(slab.jobPtr, op);
    Atomics.store(this.#call, CALL_SLAB / 4, index);
    this.#slabs[0].kernel.callWorkers(this.#callPtr);
    try {
      slab.kernel.runJob(slab.jobPtr, slab.scratchPtr);
    } catch (cause) {
      // Others are at their chunks, and none of this job's may be claimed with the next one's.
      this.#lose();
      throw cause;
    }
    return slab;
  }

  #giveUp({ isBroken }: JobWatch): AshlarError {
    const got = isBroken
      ? readFailure(this.#slabs[0].memory, this.#call)
      : this.#death || `no answer for ${PATIENCE / 1000} s`;
    this.#lose();
    return new AshlarError("WORKER", `a worker: expected to do its part of a step, got: ${got}`);
  }

  /** Ends the work in these memories: the ends of workers come later, and until then they may write. */
  #lose(): void {
    this.#lost = true;
    this.close();
  }

  close(): void {
    if (this.#slabs.length === 0) return;
    Atomics.store(this.#call, CALL_CLOSED / 4, 1);
    this.#slabs[0].kernel.callWorkers(this.#callPtr);
    for (const worker of this.#workers) worker.terminate();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#workers = [];
    this.#slabs = [];
  }
}

function notStarted(got: string): AshlarError {
  return new AshlarError("WORKER", `a worker: expected to start, got: ${got}`);
}
