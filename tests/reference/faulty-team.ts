import { setTimeout as wait } from "node:timers/promises";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { type Fault, faultyWorkerUrl, NO_FAULT } from "./faults.ts";

const LONGEST_END = 10_000;

/** The workers that the package starts between `use` and `end`, until each of them has ended. */
export class FaultyTeam {
  /** Of the last `use`. */
  workers: Worker[] = [];
  /** While this is true they do not hear that they are to end. */
  isDeaf = false;
  readonly #ends: Promise<void>[] = [];
  readonly #real = process.getBuiltinModule;

  /** @param fault of the first worker, the others have none; null: the package's own workers */
  use(fault: Fault | null): void {
    this.workers = [];
    const isDeaf = () => this.isDeaf;
    const started = (worker: Worker) => {
      this.workers.push(worker);
      this.#ends.push(new Promise((resolve) => worker.once("exit", () => resolve())));
    };
    class Watched extends Worker {
      constructor(url: URL, options: WorkerOptions) {
        super(url, options);
        started(this);
      }
      override async terminate(): Promise<number> {
        return isDeaf() ? 0 : super.terminate();
      }
    }
    let index = 0;
    class Faulty extends Watched {
      constructor(_: URL, options: WorkerOptions) {
        const workerData = { ...(index === 0 ? fault : NO_FAULT), index } as never;
        super(faultyWorkerUrl(workerData), { ...options, workerData });
        index++;
      }
    }
    const instead = { Worker: fault ? Faulty : Watched };
    process.getBuiltinModule = ((name: string) =>
      name === "node:worker_threads" ? instead : this.#real(name)) as never;
  }

  end(): void {
    process.getBuiltinModule = this.#real;
  }

  /** How many have been started so far. */
  get started(): number {
    return this.#ends.length;
  }

  /** How many of all do not end, however long one waits. */
  async orphans(): Promise<number> {
    let ended = 0;
    const ends = this.#ends.map(async (end) => {
      await end;
      ended++;
    });
    const limit = new AbortController();
    const late = wait(LONGEST_END, null, { signal: limit.signal }).catch(() => null);
    await Promise.race([Promise.all(ends), late]);
    limit.abort();
    return ends.length - ended;
  }
}
