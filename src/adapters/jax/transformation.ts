import { wrongKind } from "../../errors.ts";
import type { LoadOptions } from "../../optimizers/checkpoint/load-options.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { StepOptions } from "../../optimizers/step-options.ts";
import type { LoadSource } from "../../state/sources/open-source.ts";
import { optionObject } from "../../validate.ts";
import type { JaxArray, JaxNumpy } from "./arrays.ts";
import { checkArrays } from "./check-leaves.ts";
import { type Family, parametersOf } from "./family.ts";
import { readArrays, readArraysAsync } from "./read-arrays.ts";
import { checkJob, disposeAll, handOut, handOutUpdates, step, strangers } from "./run-step.ts";
import { type Run, State } from "./state.ts";
import { type Leaf, leavesOf } from "./tree.ts";

/**
 * An optimizer as jax-js's optax has them, and `apply`, which keeps ashlar's bits. Trees and states
 * are used up by every call, as arrays of jax-js are; a call that refuses what it was given uses up
 * nothing.
 */
export interface Transformation<Made extends Optimizer> {
  /**
   * Makes the state. Needs the core to be compiled, as a constructor of ashlar does.
   *
   * @throws TypeError for a wrong kind; RangeError for a wrong value; AshlarError
   */
  init<Params>(params: Params): State<Made>;

  /** As `init`, after compiling the core; threads need it. */
  initAsync<Params>(params: Params): Promise<State<Made>>;

  /** Goes on from a checkpoint of `state.optimizer.save`: its weights, in the place of `params`. */
  load<Params>(
    source: LoadSource,
    params: Params,
    options?: LoadOptions,
  ): Promise<[params: Params, state: State<Made>]>;

  /**
   * One step: the new parameters are the optimizer's weights, bit for bit. Gradients may be left
   * out, or null: those parameters stay as they are.
   *
   * @throws TypeError, RangeError for other trees than those of init; else as the optimizer's `step`
   */
  apply<Params>(
    params: Params,
    grads: unknown,
    state: State<Made>,
    options?: StepOptions,
  ): [params: Params, state: State<Made>];

  /** As `apply`, reading arrays without holding up the thread: for WebGPU and jax-js's workers. */
  applyAsync<Params>(
    params: Params,
    grads: unknown,
    state: State<Made>,
    options?: StepOptions,
  ): Promise<[params: Params, state: State<Made>]>;

  /** One step as optax has it: what is to be added to the parameters. Adding rounds once more. */
  update<Params>(
    updates: unknown,
    state: State<Made>,
    params: Params,
    options?: StepOptions,
  ): [updates: Params, state: State<Made>];
}

/** Gives a member of the family the methods of a transformation. */
export function transformation<Made extends Optimizer>(
  numpy: JaxNumpy,
  input: unknown,
  family: Family<Made>,
): Transformation<Made> {
  if (typeof (numpy as Partial<JaxNumpy> | undefined)?.array !== "function") {
    throw wrongKind("numpy", family.name, "the namespace numpy of @jax-js/jax", numpy);
  }
  const options = optionObject(input, "options", family.name);

  return {
    init(params) {
      const leaves = leavesToInit(params, "init");
      const state = stateOf(family.make(parametersOf(leaves, readArrays(leaves), options)), leaves);
      disposeAll(leaves);
      return state;
    },

    async initAsync(params) {
      const leaves = leavesToInit(params, "initAsync");
      const values = await readArraysAsync(leaves);
      const state = stateOf(await family.create(parametersOf(leaves, values, options)), leaves);
      disposeAll(leaves);
      return state;
    },

    async load(source, params, loadOptions = {}) {
      const leaves = leavesToInit(params, "load");
      // Without `strict` a parameter that the checkpoint does not have stays as it is here.
      const named = parametersOf(leaves, await readArraysAsync(leaves), options);
      const state = stateOf(await family.load(source, named, loadOptions), leaves);
      return State.use(state, "load", (run): [typeof params, State<Made>] => {
        run.known.clear();
        return [handOut(numpy, run, { tree: params, params: leaves, grads: [] }), new State(run)];
      });
    },

    apply(params, grads, state, options) {
      return State.use(state, "apply", (run): [typeof params, State<Made>] => {
        const job = checkJob(run, params, ["grads", grads], "apply");
        const values = { params: readArrays(strangers(run, job)), grads: readArrays(job.grads) };
        step(run, job, values, options);
        return [handOut(numpy, run, job), new State(run)];
      });
    },

    applyAsync(params, grads, state, options) {
      return State.useAsync(
        state,
        "applyAsync",
        async (run): Promise<[typeof params, State<Made>]> => {
          const job = checkJob(run, params, ["grads", grads], "applyAsync");
          const [own, gradients] = await Promise.all([
            readArraysAsync(strangers(run, job)),
            readArraysAsync(job.grads),
          ]);
          step(run, job, { params: own, grads: gradients }, options);
          return [handOut(numpy, run, job), new State(run)];
        },
      );
    },

    update(updates, state, params, options) {
      return State.use(state, "update", (run): [typeof params, State<Made>] => {
        const job = checkJob(run, params, ["updates", updates], "update");
        const before = readArrays(job.params);
        step(run, job, { params: before, grads: readArrays(job.grads) }, options);
        return [handOutUpdates(numpy, run, job, before), new State(run)];
      });
    },
  };
}

function leavesToInit(params: unknown, where: string): Leaf[] {
  const leaves = leavesOf(params, "params", where);
  checkArrays([["params", leaves]], where);
  return leaves;
}

function stateOf<Made extends Optimizer>(optimizer: Made, leaves: readonly Leaf[]): State<Made> {
  const run: Run<Made> = {
    optimizer,
    shapes: new Map(leaves.map(({ path, array }) => [path, [...array.shape]])),
    known: new Map(leaves.map(({ path, array }): [string, JaxArray] => [path, array])),
    report: null,
  };
  return new State(run);
}
