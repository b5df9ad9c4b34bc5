import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW } from "../src/adapters/jax/index.ts";
import { applyUpdates, loadJax, memories } from "./reference/jax.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("jax-js: ownership");

const jax = await loadJax();
const { numpy: np, tree } = jax;
const transform = adamW(np);

// jax-js counts the uses of an array, but not its arrays. What it keeps shows in its memory, which
// grows when nothing in it is free: an array of 16 KiB lost in each of 1,000 steps is 16 MB.
const LENGTH = 4096;
const STEPS = 1000;
const SETTLED = 20;

const bytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
const W = realistic(LENGTH, 1);
const B = realistic(300, 2);
const make = () => ({ w: np.array(W), b: [np.array(B)] });
// Of operations that have not run yet, as most gradients are.
const gradients = () => {
  const { w, b } = make();
  return { w: w.mul(0.5), b: [b[0].mul(0.5)] };
};

assert.is(memories.length, 1);

/** How much the memory of jax-js grew over the steps, after the first of them. */
async function growth(step: (k: number) => unknown): Promise<number> {
  let settled = 0;
  for (let k = 0; k < STEPS; k++) {
    if (k === SETTLED) settled = bytes();
    await step(k);
  }
  return bytes() - settled;
}

test("1,000 steps by apply lose nothing", async () => {
  let params = make();
  let state = transform.init(tree.ref(params));
  const grown = await growth(() => {
    const old = params;
    const grads = gradients();
    [params, state] = transform.apply(params, grads, state);
    const used = [...tree.leaves(old), ...tree.leaves(grads)].map(({ refCount }) => refCount);
    assert.equal(used, [0, 0, 0, 0]);
    assert.equal(
      tree.leaves(params).map(({ refCount }) => refCount),
      [1, 1],
    );
  });
  assert.is(grown, 0);
  tree.dispose(params);
  state.dispose();
});

test("1,000 steps by applyAsync lose nothing", async () => {
  let params = make();
  let state = await transform.initAsync(tree.ref(params));
  const grown = await growth(async () => {
    [params, state] = await transform.applyAsync(params, gradients(), state);
  });
  assert.is(grown, 0);
  tree.dispose(params);
  state.dispose();
});

test("1,000 steps by update lose nothing", async () => {
  let params = make();
  let state = transform.init(tree.ref(params));
  const grown = await growth(() => {
    const grads = gradients();
    let updates: typeof params;
    [updates, state] = transform.update(grads, state, tree.ref(params));
    assert.equal(
      [...tree.leaves(grads), ...tree.leaves(updates)].map(({ refCount }) => refCount),
      [0, 0, 1, 1],
    );
    params = applyUpdates(jax, params, updates);
  });
  assert.is(grown, 0);
  tree.dispose(params);
  state.dispose();
});

test("1,000 refused steps lose nothing, and use nothing up", async () => {
  const params = make();
  const bad = { w: params.w.ref.mul(Number.NaN), b: [params.b[0].ref.mul(0.5)] };
  const state = transform.init(tree.ref(params));
  const before = state.optimizer.digest();
  const refused = /"gradient\[0\]" of parameter "w"|NaN/;
  const grown = await growth(async (k) => {
    if (k % 3 === 0) assert.throws(() => transform.apply(params, bad, state), refused);
    if (k % 3 === 1) assert.throws(() => transform.update(bad, state, params), refused);
    if (k % 3 === 2) {
      const message = await transform.applyAsync(params, bad, state).then(
        () => "accepted",
        (error: Error) => error.message,
      );
      assert.match(message, refused);
    }
    const counts = [...tree.leaves(params), ...tree.leaves(bad)].map(({ refCount }) => refCount);
    assert.equal(counts, [1, 1, 1, 1]);
  });
  assert.is(grown, 0);
  assert.is(state.optimizer.digest(), before);
  tree.dispose([params, bad]);
  state.dispose();
});

test("an array that the caller keeps keeps its values", () => {
  const params = make();
  const kept = params.w.ref;
  const first = transform.init(tree.ref(params));
  const [next, state] = transform.apply(params, gradients(), first);
  assert.is(kept.refCount, 1);
  assert.equal(kept.dataSync(), W);
  tree.dispose(next);
  state.dispose();
});

test("new arrays lie on the device of the old", () => {
  const device = "cpu";
  const w = np.array(realistic(300, 1), { device });
  const first = transform.init({ w: w.ref });
  const [next, state] = transform.apply(
    { w },
    { w: np.array(realistic(300, 2), { device }) },
    first,
  );
  assert.is(next.w.device, device);
  assert.equal(next.w.dataSync(), state.optimizer.parameter("w").master.slice());
  state.dispose();
});

// Last: what it leaves free would hide what the others lose.
test("the gauge sees arrays that are lost", async () => {
  const lost: unknown[] = [];
  const grown = await growth(() => lost.push(np.array(W)));
  assert.ok(grown > (STEPS / 2) * LENGTH * 4, `grew by ${grown}`);
  for (const array of lost as ReturnType<typeof np.array>[]) array.dispose();
});

test.run();
