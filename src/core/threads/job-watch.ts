import { JOB_CHUNKS, JOB_FINISHED } from "../../../assembly/layout.ts";

// A worker may be killed in the middle of a chunk, and nothing tells a caller that waits for it. So
// nobody waits without an end: docs/decisions/0014-dying-workers.md says why it is this one.

/** Milliseconds without a finished chunk after which a worker counts as lost. */
export const PATIENCE = 1500;
/**
 * The longest wait, and the most that one counts, however long it took: a machine may be suspended
 * meanwhile, and an event loop busy.
 */
const SLICE = 250;

/** Whether this thread may wait; a browser's main thread may not, and polls. */
const mayBlock = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();

/** Waits for the chunks of a job that workers are at, as long as there is hope. */
export class JobWatch {
  readonly #job: Int32Array;
  #finished = 0;
  #patience = PATIENCE;

  /** @param job the job record; its chunks are all claimed */
  constructor(job: Int32Array) {
    this.#job = job;
  }

  /** Whether there is something to wait for: neither finished, nor broken, nor out of patience. */
  isOpen(): boolean {
    const finished = Atomics.load(this.#job, JOB_FINISHED / 4);
    if (finished !== this.#finished) this.#patience = PATIENCE;
    this.#finished = finished;
    return !this.isFinished && !this.isBroken && this.#patience > 0;
  }

  /** At the last look. */
  get isFinished(): boolean {
    return this.#finished === this.#job[JOB_CHUNKS / 4];
  }

  /** Whether a worker has said that it failed, at the last look. */
  get isBroken(): boolean {
    // BROKEN is the sign.
    return this.#finished < 0;
  }

  /** Waits for a change, at most a slice. `poll` waits some microseconds where sleeping is not allowed. */
  wait(poll: () => void): void {
    if (mayBlock) {
      this.#count(Atomics.wait(this.#job, JOB_FINISHED / 4, this.#finished, SLICE));
      return;
    }
    const start = performance.now();
    poll();
    this.#patience -= Math.min(performance.now() - start, SLICE);
  }

  /** As wait, without holding up the event loop. */
  async waitAsync(): Promise<void> {
    if (typeof Atomics.waitAsync !== "function") {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#patience -= Math.min(performance.now() - start, SLICE);
      return;
    }
    // Node does not count a wait as something to stay alive for.
    const alive = setTimeout(() => undefined, 2 * SLICE);
    this.#count(await Atomics.waitAsync(this.#job, JOB_FINISHED / 4, this.#finished, SLICE).value);
    clearTimeout(alive);
  }

  #count(outcome: string): void {
    if (outcome === "timed-out") this.#patience -= SLICE;
  }
}
