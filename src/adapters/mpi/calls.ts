import { RankError } from "../../errors.ts";
import type { Argument } from "./koffi.ts";
import { errorText, type MpiFunction, type OpenMpi } from "./open-mpi.ts";

/**
 * Calls of MPI, one at a time: those that may wait for other ranks on a thread of libuv's pool, so
 * that the event loop, and the computation on it, go on (docs/decisions/0016-mpi-on-the-thread-pool.md).
 */
export class Calls {
  readonly #mpi: OpenMpi;
  readonly #timeout: number;
  /** Who is to blame where nobody answers: a rank, or null where that is not known. */
  blame: () => number | null = () => null;
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;
  #abandon: (() => void) | null = null;

  constructor(mpi: OpenMpi, timeout: number) {
    this.#mpi = mpi;
    this.#timeout = timeout;
  }

  /** Why no call can be made any more. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Whether a thread of the pool is inside of MPI. */
  get areUnderWay(): boolean {
    return this.#abandon !== null;
  }

  /** Does what consists of several calls, after all that came before. */
  inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(() => {
      if (this.#failure) throw this.#failure;
      return work();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Ends the call that is under way, and all later ones, with an error. */
  fail(error: Error): Error {
    this.#failure ??= error;
    this.#abandon?.();
    return this.#failure;
  }

  /** Calls a function on this thread: one that waits for nobody. @throws RankError */
  now(name: MpiFunction, ...args: Argument[]): void {
    const code = this.#mpi.functions[name](...args);
    if (code !== 0) throw this.#mpiFailed(name, errorText(this.#mpi, code));
  }

  /**
   * Calls a function on a thread of the pool.
   *
   * @param held memory that MPI uses besides the arguments
   * @throws RankError where it fails, or takes longer than the time allowed
   */
  run(name: MpiFunction, args: Argument[], held: readonly ArrayBufferView[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      // A thread that was busy sees its timers before what has come in meanwhile: one more turn.
      let timer = setTimeout(() => {
        timer = setTimeout(() => this.#tooLate(name), 0);
      }, this.#timeout);
      this.#abandon = () => {
        clearTimeout(timer);
        reject(this.#failure);
      };
      // Where the call is given up, MPI goes on using its memory: koffi keeps this function until the
      // call returns, and by it the views, which keep their buffers.
      const kept = [args, held];
      const done = (error: Error | null, code: number): void => {
        kept.length = 0;
        clearTimeout(timer);
        this.#abandon = null;
        if (error) reject(this.#mpiFailed(name, error.message));
        else if (code !== 0) reject(this.#mpiFailed(name, errorText(this.#mpi, code)));
        else resolve();
      };
      this.#mpi.functions[name].async(...args, done);
    });
  }

  #tooLate(name: MpiFunction): void {
    const rank = this.blame();
    const who = rank === null ? "a rank does not answer" : `rank ${rank} is gone`;
    const limit = `the ${this.#timeout} ms of the option "timeout"`;
    this.fail(new RankError("RANK_LOST", rank, `${name}: not done within ${limit}: ${who}`));
  }

  #mpiFailed(name: MpiFunction, text: string): Error {
    return this.fail(new RankError("RANK_LOST", this.blame(), `${name} failed: ${text}`));
  }
}
