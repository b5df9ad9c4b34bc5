import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as adapter from "../src/adapters/jax/index.ts";
import { readArrays, readArraysAsync } from "../src/adapters/jax/read-arrays.ts";
import type { Wrong } from "./reference/bad-input.ts";
import { loadJax } from "./reference/jax.ts";
import { errorOf } from "./reference/misuse.ts";

const test = suite("jax-js: what rarely happens");

const { numpy: np }: Wrong = await loadJax();

for (const [name, make] of Object.entries({
  adamW: () => adapter.adamW(np),
  adamWDL: () => adapter.adamWDL(np),
  mindFormersAdamW: () => adapter.mindFormersAdamW(np),
  decoupledAdamW: () => adapter.decoupledAdamW(np),
})) {
  test(`${name}: initAsync gives the state of init, an empty array in it`, async () => {
    const tree = (): Wrong => ({ w: np.array([1, 2]), none: np.zeros([0]) });
    const transform: Wrong = make();
    const [now, later] = [transform.init(tree()), await transform.initAsync(tree())];
    assert.is(later.optimizer.digest(), now.optimizer.digest());
    assert.is(later.optimizer.configDigest(), now.optimizer.configDigest());
    for (const state of [now, later]) state.dispose();
  });
}

/** An array whose values cannot be had, and whether reading it uses it up first. */
function broken(usesUp: boolean) {
  const error = new Error("the device is lost");
  const array = {
    size: 2,
    refCount: 1,
    disposed: 0,
    get ref() {
      array.refCount++;
      return array;
    },
    dispose() {
      array.refCount--;
      array.disposed++;
    },
    dataSync() {
      if (usesUp) array.refCount--;
      throw error;
    },
    async data() {
      if (usesUp) array.refCount--;
      throw error;
    },
  };
  return { array, error };
}

for (const usesUp of [false, true]) {
  const title = usesUp ? "once it has used the array up" : "before it uses the array up";
  test(`a device that is lost: reading fails ${title}, and the caller keeps the array`, async () => {
    for (const read of [readArrays, readArraysAsync]) {
      const { array, error } = broken(usesUp);
      const thrown = await errorOf(() => read([{ path: "w", array: array as Wrong }]));
      assert.is(thrown, error);
      assert.is(array.refCount, 1);
      assert.is(array.disposed, usesUp ? 0 : 1);
    }
  });
}

test("what is still being read is waited for before an error is told", async () => {
  const { array, error } = broken(false);
  let done = false;
  const slow = {
    size: 1,
    get ref() {
      return slow;
    },
    async data() {
      await new Promise((resolve) => setTimeout(resolve, 10));
      done = true;
      return Float32Array.of(1);
    },
  };
  const leaves = [array, slow].map((each, i) => ({ path: `${i}`, array: each as Wrong }));
  assert.is(await errorOf(() => readArraysAsync(leaves)), error);
  assert.ok(done);
});

test.run();
