import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW, mindFormersAdamW } from "../src/adapters/jax/index.ts";
import { type Arr, loadJax } from "./reference/jax.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("jax-js: trees");

const jax = await loadJax();
const { numpy: np, tree } = jax;
const transform = adamW(np);

test("parameters are named by their paths, and have their shapes", () => {
  const state = transform.init({
    embed: np.zeros([3, 2]),
    layers: [{ weight: np.zeros([2, 2]), bias: np.zeros([2]) }, [np.zeros([]), null]],
    "final.norm": np.ones([2]),
    frozen: null,
    none: {},
  });
  const { optimizer } = state;
  assert.equal(
    optimizer.describe().parameters.map(({ name, shape }) => [name, [...shape]]),
    [
      ["embed", [3, 2]],
      ["layers.0.weight", [2, 2]],
      ["layers.0.bias", [2]],
      ["layers.1.0", []],
      ["final.norm", [2]],
    ],
  );
  state.dispose();
});

test("a tree that is one array has the name params", () => {
  const state = transform.init(np.array([1, 2]));
  assert.equal(state.optimizer.parameterNames, ["params"]);
  const [params, next] = transform.apply(np.array([1, 2]), np.array([1, 1]), state);
  assert.equal(params.shape, [2]);
  params.dispose();
  next.dispose();
});

test("what is no array stays; gradients that are missing or null leave their parameters", () => {
  type Params = { a: Arr; b: Arr; c: { d: Arr }; frozen: null; list: (Arr | undefined)[] };
  const make = (): Params => ({
    a: np.array([1, 2]),
    b: np.array([3]),
    c: { d: np.array([4]) },
    frozen: null,
    list: [undefined, np.array([5])],
  });
  let params = make();
  let state = transform.init(make());
  const grads = { a: np.array([1, 1]), b: null, list: [] };
  [params, state] = transform.apply(params, grads, state);
  const { optimizer } = state;
  const steps = optimizer.parameterNames.map((name) => [name, optimizer.parameter(name).step]);
  assert.equal(steps, [
    ["a", 1],
    ["b", 0],
    ["c.d", 0],
    ["list.1", 0],
  ]);
  assert.is(params.frozen, null);
  assert.is(params.list.length, 2);
  assert.is(params.list[0], undefined);
  assert.equal([...params.b.ref.dataSync()], [3]);
  assert.equal([...params.c.d.ref.dataSync()], [4]);
  assert.not.equal([...params.a.ref.dataSync()], [1, 2]);
  const [updates, last] = transform.update({ c: { d: np.array([1]) } }, state, params);
  assert.equal([...updates.a.dataSync()], [0, 0]);
  assert.ok(updates.c.d.dataSync()[0] < 0);
  assert.is(updates.frozen, null);
  last.dispose();
});

test("arrays of no elements and of one pass, with their shapes", () => {
  let params = { none: np.zeros([0, 3]), one: np.array(5), row: np.array([[1, 1, 1]]) };
  let state = transform.init(tree.ref(params));
  const grads = { none: np.zeros([0, 3]), one: np.array(2), row: np.array([[1, 2, 3]]) };
  [params, state] = transform.apply(params, grads, state);
  assert.equal(params.none.shape, [0, 3]);
  assert.equal(params.one.shape, []);
  assert.equal(params.row.shape, [1, 3]);
  assert.is(params.one.ref.item(), state.optimizer.parameter("one").master[0]);
  tree.dispose(params);
  state.dispose();
});

const weights = () => ({ a: np.array([1, 2]), b: [np.array([[3]])] });
let state = transform.init(weights());
const params = weights();
const int32 = np.array([1, 2], { dtype: np.int32 });
const gone = np.array([1, 2]);
gone.dispose();
const once = np.array([1, 2]);
const init = (tree: unknown) => () => transform.init(tree);
const apply = (params: unknown, grads: unknown) => () => transform.apply(params, grads, state);

const REFUSED: RefusedRow[] = [
  [
    "no parameters",
    init({}),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "a number as a leaf",
    init({ a: { b: 3 } }),
    TypeError,
    '"params at a.b" of init: expected an array of jax-js, or null for none, got 3',
  ],
  [
    "a typed array as a leaf",
    init([new Float32Array(2)]),
    TypeError,
    '"params at 0" of init: expected an array of jax-js, or null for none, got Float32Array of length 2',
  ],
  [
    "two paths that are one name",
    init({ "a.b": params.a, a: { b: params.a } }),
    RangeError,
    '"params" of init: expected each path once, got "a.b" twice. A dot in a key stands for a branch',
  ],
  [
    "another dtype",
    init({ a: int32 }),
    RangeError,
    '"dtype of params at a" of init: expected float32, got "int32". Convert it: array.astype(np.float32)',
  ],
  [
    "an array that was used up",
    init({ a: gone }),
    RangeError,
    '"params at a" of init: expected an array with a use left, got one with 0. ' +
      "Give away array.ref to use it again",
  ],
  [
    "one use for two places",
    init({ a: once, b: once }),
    RangeError,
    '"params at b" of init: expected an array with 2 uses left, got one with 1. ' +
      "Give away array.ref to use it again",
  ],
  [
    "parameters as gradients",
    apply(params, params),
    RangeError,
    '"grads at a" of apply: expected an array with 2 uses left, got one with 1. ' +
      "Give away array.ref to use it again",
  ],
  [
    "a parameter that is missing",
    apply({ a: params.a }, null),
    RangeError,
    '"params" of apply: expected the same parameters as in init, got none at "b.0"',
  ],
  [
    "a parameter that is new",
    apply({ ...params, c: params.a }, null),
    RangeError,
    '"params" of apply: expected paths of parameters of init, got "c"',
  ],
  [
    "a parameter of another shape",
    apply({ ...params, b: [params.a] }, null),
    RangeError,
    '"shape of params at b.0" of apply: expected [1, 1], got [2]',
  ],
  [
    "a gradient of no parameter",
    apply(params, { a: once, x: { y: once } }),
    RangeError,
    '"grads" of apply: expected paths of parameters of init, got "x.y"',
  ],
  [
    "a gradient of another shape",
    apply(params, { a: params.b[0] }),
    RangeError,
    '"shape of grads at a" of apply: expected [2], got [1, 1]',
  ],
  [
    "updates are called updates",
    () => transform.update([once], state, params),
    RangeError,
    '"updates" of update: expected paths of parameters of init, got "0"',
  ],
  [
    "no state",
    () => transform.apply(params, null, {} as never),
    TypeError,
    '"state" of apply: expected a state of init, got an object',
  ],
  [
    "no numpy",
    () => adamW({ numpy: np } as never),
    TypeError,
    '"numpy" of adamW: expected the namespace numpy of @jax-js/jax, got an object',
  ],
  [
    "an unknown option",
    () => adamW(np, { learningRate: 1 } as never).init(params),
    TypeError,
    '"learningRate" of the options: expected one of lr, weightDecay, betas, eps, amsgrad, ' +
      "centralize, maximize, decays, lrScale, clip, clips, lossScale, lazy, zeroGradients, " +
      "precision, nonFinite, gradNorm, slabBytes, splitParameters, threads, touchPages, got an unknown key",
  ],
];

for (const [why, act, error, message] of REFUSED) {
  test(`refused, and nothing is used up: ${why}`, () => {
    assertRefused(act, error, message);
    const counts = [params.a, params.b[0], int32, once].map(({ refCount }) => refCount);
    assert.equal(counts, [1, 1, 1, 1]);
    assert.is(state.optimizer.steps, 0);
  });
}

test("what was refused can be given again", () => {
  const [next, after] = transform.apply(params, { a: once }, state);
  assert.is(after.optimizer.steps, 1);
  assert.is(params.a.refCount + once.refCount, 0);
  tree.dispose(next);
  state = after;
});

test("a tree that is being traced is refused, by name", () => {
  const traced = (x: Arr) => {
    transform.init({ w: x });
    return x;
  };
  let message = "";
  try {
    jax.jit(traced)(np.array([1, 2]));
  } catch (error) {
    ({ message } = error as Error);
  }
  assert.is(
    message,
    '"params at w" of init: expected an array of jax-js, got one that is being traced. ' +
      "The optimizer runs outside of jit, grad and vmap",
  );
});

test("a class that counts one step for all names the gradient that is missing", () => {
  const all = mindFormersAdamW(np);
  const state = all.init(weights());
  const given = weights();
  assert.throws(
    () => all.apply(given, { a: np.array([1, 1]) }, state),
    /"gradient" of parameter "b\.0": expected a Float32Array in every step/,
  );
  assert.is(given.a.refCount, 1);
  state.dispose();
});

test.run();
