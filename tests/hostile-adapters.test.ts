import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW } from "../src/adapters/jax/index.ts";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { assertPlainText, assertUnpolluted, INHERITED, STEERING } from "./reference/hostile.ts";
import { type Arr, loadJax } from "./reference/jax.ts";
import { loadTf } from "./reference/tfjs.ts";
import { errorOf } from "./reference/transfers.ts";

// Trees of jax-js and variables of TensorFlow.js with the names of what every object has.

const test = suite("hostile names: adapters");
test.after.each(() => assertUnpolluted("after a test"));

const { numpy: np } = await loadJax();
const tf = await loadTf();
await tfjs.ready();

const NAMES = [...INHERITED, STEERING];
/** Every name as a key, and as one in a branch. */
const treeOf = (make: (i: number) => Arr) => {
  const leaves = NAMES.map((name, i): [string, Arr] => [name, make(i)]);
  return Object.fromEntries([
    ...leaves,
    ["inner", Object.fromEntries([["__proto__", make(50)]])],
  ]) as Record<string, Arr>;
};

test("a tree of jax-js keeps its keys, and each array its own", () => {
  const transform = adamW(np);
  let state = transform.init(treeOf((i) => np.array([i, 1])));
  let params = treeOf((i) => np.array([i, 1]));
  const names = [...Object.keys(params).filter((name) => name !== "inner"), "inner.__proto__"];
  assert.equal([...state.optimizer.parameterNames].sort(), [...names].sort());
  for (let k = 0; k < 2; k++) {
    [params, state] = transform.apply(
      params,
      treeOf((i) => np.array([i + 1, k])),
      state,
    );
  }
  assert.equal(Object.keys(params), Object.keys(treeOf((i) => np.array([i]))));
  for (const name of names) assert.is(state.optimizer.parameter(name).step, 2, name);
  for (const name of NAMES) {
    const array = Object.getOwnPropertyDescriptor(params, name)?.value as Arr;
    assert.equal(array.shape, [2], name);
  }
  state.dispose();
});

test("a gradient for what every object has is one of no variable", async () => {
  await tf.setBackend("cpu");
  const variable = tf.variable(tf.tensor([1, 2]), true, "w");
  const optimizer = tfjs.adamW(tf, { lr: 0.1 });
  const g = tf.tensor([1, 1]);
  for (const name of INHERITED) {
    for (const gradients of [[{ name, tensor: g }], Object.fromEntries([[name, g]])]) {
      const error = await errorOf(async () => optimizer.applyGradients(gradients));
      assert.ok(error instanceof RangeError, `${name}: ${error}`);
      assert.match(error.message, "expected names of variables");
    }
  }
  const error = await errorOf(async () =>
    optimizer.applyGradients([{ name: STEERING, tensor: g }]),
  );
  assertPlainText(error.message, "a name in a message");
  variable.dispose();
  tf.dispose([g]);
  optimizer.dispose();
});

test("variables with such names train, but for those that TensorFlow.js itself refuses", async () => {
  await tf.setBackend("cpu");
  assert.throws(() => tf.variable(tf.tensor([1]), true, "constructor"), "already registered");
  const names = NAMES.filter((name) => !(name in {}));
  const variables = names.map((name, i) => tf.variable(tf.tensor([i, 1]), true, name));
  const optimizer = tfjs.adamW(tf, { lr: 0.1 });
  const g = tf.tensor([1, 1]);
  optimizer.applyGradients(names.map((name) => ({ name, tensor: g })));
  assert.equal([...(optimizer.ashlar?.parameterNames ?? [])].sort(), [...names].sort());
  const weights = await optimizer.getWeights();
  await optimizer.setWeights(weights);
  for (const name of names) assert.is(optimizer.ashlar?.parameter(name).step, 1, name);
  for (const { tensor } of weights) tensor.dispose();
  for (const variable of variables) variable.dispose();
  tf.dispose([g]);
  optimizer.dispose();
});

test("a config of a file has no options but known ones", async () => {
  for (const options of ['{"__proto__":{"lr":1}}', '{"constructor":1}', '{"toString":"x"}']) {
    const ashlar = `{"options":${options},"groups":[],"schedules":[]}`;
    const error = await errorOf(async () => {
      tfjs.register(tf);
      const Class = tfjs.adamW(tf, { lr: 1 }).constructor as unknown as {
        fromConfig(cls: unknown, config: object): unknown;
      };
      Class.fromConfig(Class, { ashlar });
    });
    assert.match(error.message, "expected");
    assertUnpolluted(options);
  }
});

test.run();
