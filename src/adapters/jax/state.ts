import { AshlarError, wrongKind } from "../../errors.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { StepReport } from "../../optimizers/step-report.ts";
import type { JaxArray } from "./arrays.ts";

/** What passes from one state to the next. */
export interface Run<Made extends Optimizer> {
  readonly optimizer: Made;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Arrays that hold just what the optimizer's weights are, by path: these need not be read. */
  readonly known: Map<string, JaxArray>;
  report: StepReport | null;
}

/**
 * The state of a transformation. Like an array of jax-js it is used up by what it is given to, and
 * each call hands back the next one: it is no snapshot, the optimizer in it is always the same.
 */
export class State<Made extends Optimizer = Optimizer> {
  #run: Run<Made> | null;

  constructor(run: Run<Made>) {
    this.#run = run;
  }

  /** The optimizer that does the work: save, digest, describe. @throws AshlarError DISPOSED */
  get optimizer(): Made {
    return this.#held("optimizer").optimizer;
  }

  /** What the last step did; null before it. @throws AshlarError DISPOSED */
  get report(): StepReport | null {
    return this.#held("report").report;
  }

  /** Lets go of the optimizer's memory. Of a state that was used up there is nothing to let go. */
  dispose(): void {
    this.#run?.optimizer.dispose();
  }

  /**
   * Uses the state up while `act` runs, and for good; where that throws it can be used again.
   *
   * @throws TypeError for what is no state; AshlarError DISPOSED for one that was used up
   */
  static use<Made extends Optimizer, Result>(
    state: State<Made>,
    where: string,
    act: (run: Run<Made>) => Result,
  ): Result {
    const run = State.#taken(state, where);
    try {
      return act(run);
    } catch (cause) {
      state.#run = run;
      throw cause;
    }
  }

  /** As `use`, until the promise resolves. */
  static async useAsync<Made extends Optimizer, Result>(
    state: State<Made>,
    where: string,
    act: (run: Run<Made>) => Promise<Result>,
  ): Promise<Result> {
    const run = State.#taken(state, where);
    try {
      return await act(run);
    } catch (cause) {
      state.#run = run;
      throw cause;
    }
  }

  static #taken<Made extends Optimizer>(state: State<Made>, where: string): Run<Made> {
    if (!(typeof state === "object" && state !== null && #run in state)) {
      throw wrongKind("state", where, "a state of init", state);
    }
    const run = state.#held(where);
    state.#run = null;
    return run;
  }

  #held(where: string): Run<Made> {
    if (this.#run) return this.#run;
    throw new AshlarError(
      "DISPOSED",
      `"state" of ${where}: expected the newest one, got one that was used up. ` +
        "Each call hands back the state for the next",
    );
  }
}
