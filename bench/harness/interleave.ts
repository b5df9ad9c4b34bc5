import { Bench, type FnReturnedObject, type Task } from "tinybench";
import type { Measured, NotRun } from "../report/result.ts";
import { type Called, type Contender, firstLine, type SelfTimed } from "./contender.ts";

export interface Pace {
  readonly rounds: number;
  /** No further round begins after so long, once there are FEWEST_ROUNDS. */
  readonly limitMs: number;
  /** Each round runs each contender for at least so long. */
  readonly batchMs: number;
  /** Or for so many steps. */
  readonly steps?: number;
  /** Whether a step precedes each batch untimed, to bring the state back into the caches. */
  readonly warm: boolean;
}

const FEWEST_ROUNDS = 5;

/** Rounds that nobody counts: V8 compiles its better code, pages are touched. */
const DISCARDED_ROUNDS = 2;

/**
 * Runs contenders in turns: each round runs each of them for one batch, and each round begins with
 * another one. Each contender is a tinybench task, run once a round. A round's figure is the median
 * of its steps, so that others on the machine disturb it only if they take half of the batch.
 *
 * A contender that times itself and fails, a library out of memory or a process that ended, is left
 * out with the reason. An error of a function that is called is an error of ours, and thrown.
 *
 * @returns for each contender one figure a round, in nanoseconds of a step divided by its `per`
 */
export async function interleave(
  contenders: readonly Contender[],
  pace: Pace,
): Promise<{ measured: Measured[]; notRun: NotRun[] }> {
  const turns = contenders.map((one) => new Turns(one, pace));
  const end = performance.now() + pace.limitMs;
  for (let round = -DISCARDED_ROUNDS; round < pace.rounds; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() > end) break;
    for (let i = 0; i < turns.length; i++) {
      await turns[(i + round + DISCARDED_ROUNDS) % turns.length].take(round >= 0);
    }
  }
  return {
    measured: turns.flatMap(({ name, rounds, failure }) => (failure ? [] : [{ name, rounds }])),
    notRun: turns.flatMap(({ name, failure }) => (failure ? [{ name, why: failure }] : [])),
  };
}

/** One contender's turns. */
class Turns {
  readonly rounds: number[] = [];
  failure: string | undefined;
  readonly #contender: Contender;
  readonly #pace: Pace;
  #task: Task | undefined;

  constructor(contender: Contender, pace: Pace) {
    this.#contender = contender;
    this.#pace = pace;
  }

  get name(): string {
    return this.#contender.name;
  }

  async take(counts: boolean): Promise<void> {
    if (this.failure) return;
    const one = this.#contender;
    try {
      this.#task ??=
        "step" in one ? calledTask(one, this.#pace) : await selfTimedTask(one, this.#pace);
      const figure = (await medianMs(this.#task)) * (1e6 / one.per);
      if (counts) this.rounds.push(figure);
    } catch (error) {
      if ("step" in one) throw error;
      this.failure = firstLine(error as Error);
    }
  }
}

/** tinybench calls and times every step, until the batch is over. */
function calledTask({ name, step }: Contender & Called, { batchMs, steps, warm }: Pace): Task {
  const bench = new Bench({
    time: steps === undefined ? batchMs : 0,
    iterations: steps ?? 1,
    warmup: false,
    throws: true,
    subtractTimerOverhead: true,
  });
  bench.add(name, step, { async: false, beforeAll: () => (warm ? step() : undefined) });
  return bench.tasks[0];
}

/** tinybench takes the batch's median as one sample. */
async function selfTimedTask({ name, run }: Contender & SelfTimed, pace: Pace): Promise<Task> {
  const once = (await run(1, 1)) / 1e6;
  const steps = pace.steps ?? Math.max(1, Math.ceil(pace.batchMs / once));
  const bench = new Bench({ time: 0, iterations: 1, warmup: false, throws: true });
  bench.add(
    name,
    async () => {
      const nanoseconds = await run(pace.warm ? 1 : 0, steps);
      return { overriddenDuration: nanoseconds / 1e6 } satisfies FnReturnedObject;
    },
    { async: true },
  );
  return bench.tasks[0];
}

async function medianMs(task: Task): Promise<number> {
  task.reset(false);
  await task.run();
  const { result } = task;
  if (result.state === "completed") return result.latency.p50;
  throw new Error(`${task.name}: expected to be timed, got ${result.state}`);
}
