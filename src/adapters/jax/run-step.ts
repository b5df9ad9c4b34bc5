import { allocate } from "../../errors.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { StepOptions } from "../../optimizers/step-options.ts";
import { arrayLike, type JaxArray, type JaxNumpy } from "./arrays.ts";
import { checkArrays, checkParams, checkShapes } from "./check-leaves.ts";
import type { Values } from "./read-arrays.ts";
import type { Run } from "./state.ts";
import { type Leaf, leavesOf, mapTree } from "./tree.ts";

/** A step after its trees were checked. */
export interface Job<Params> {
  readonly tree: Params;
  readonly params: readonly Leaf[];
  readonly grads: readonly Leaf[];
}

/** @throws TypeError, RangeError for trees that are not those of init */
export function checkJob<Params>(
  { shapes }: Run<Optimizer>,
  tree: Params,
  grads: readonly [what: string, tree: unknown],
  where: string,
): Job<Params> {
  const job = {
    tree,
    params: leavesOf(tree, "params", where),
    grads: leavesOf(grads[1], grads[0], where),
  };
  checkParams(job.params, shapes, where);
  checkShapes(grads[0], job.grads, shapes, where);
  checkArrays(
    [
      ["params", job.params],
      [grads[0], job.grads],
    ],
    where,
  );
  return job;
}

/** Parameters whose values the optimizer does not have: others than it handed out. */
export const strangers = ({ known }: Run<Optimizer>, { params }: Job<unknown>): Leaf[] =>
  params.filter(({ path, array }) => known.get(path) !== array);

/**
 * Takes over weights that are not the optimizer's own, then steps. What it throws leaves the
 * trees as they were, and the weights as `params` has them.
 */
export function step(
  run: Run<Optimizer>,
  job: Job<unknown>,
  values: { readonly params: Values; readonly grads: Values },
  options?: StepOptions,
): void {
  const foreign = strangers(run, job);
  if (foreign.length > 0) {
    run.optimizer.setWeights(
      Object.fromEntries(foreign.map(({ path }) => [path, valueAt(values.params, path)])),
    );
    for (const { path, array } of foreign) run.known.set(path, array);
  }
  const { optimizer } = run;
  run.report = optimizer.step(Object.fromEntries(values.grads), options);
  run.known.clear();
}

/** The weights as arrays in the place of `params`, which are used up; and so are the gradients. */
export function handOut<Params>(
  numpy: JaxNumpy,
  run: Run<Optimizer>,
  { tree, params, grads }: Job<Params>,
): Params {
  disposeAll(grads);
  for (const { path, array } of params) {
    run.known.set(
      path,
      madeFrom(numpy, array, () => weightsOf(run.optimizer, path)),
    );
  }
  disposeAll(params);
  return mapTree(tree, (path) => valueAt(run.known, path));
}

/**
 * What the step added to the weights, rounded to float32, as arrays in the place of `params`.
 *
 * @param before the weights before it; overwritten
 */
export function handOutUpdates<Params>(
  numpy: JaxNumpy,
  run: Run<Optimizer>,
  { tree, params, grads }: Job<Params>,
  before: Values,
): Params {
  disposeAll(grads);
  const made = new Map<string, JaxArray>();
  for (const { path, array } of params) {
    const update = valueAt(before, path);
    const subtract = () => {
      const weights = weightsOf(run.optimizer, path);
      for (let i = 0; i < update.length; i++) update[i] = weights[i] - update[i];
      return update;
    };
    made.set(path, madeFrom(numpy, array, subtract));
  }
  disposeAll(params);
  return mapTree(tree, (path) => valueAt(made, path));
}

export function disposeAll(leaves: readonly Leaf[]): void {
  for (const { array } of leaves) array.dispose();
}

/** jax-js makes no array of no elements: the old one is as good. */
function madeFrom(numpy: JaxNumpy, old: JaxArray, values: () => Float32Array): JaxArray {
  return old.size === 0 ? old.ref : arrayLike(numpy, values(), old);
}

/** A parameter's weights: a view, to be read at once, where they lie in one private memory. */
function weightsOf(optimizer: Optimizer, path: string): Float32Array {
  const parameter = optimizer.parameter(path);
  if (optimizer.threads === 1 && parameter.parts.length === 1) return parameter.master;
  const { length } = parameter;
  const copy = allocate(4 * length, "a copy of weights", () => new Float32Array(length));
  optimizer.copyTo({ [path]: copy });
  return copy;
}

function valueAt<Value>(values: ReadonlyMap<string, Value>, path: string): Value {
  return values.get(path) as Value;
}
