import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW } from "../src/adapters/jax/index.ts";
import { AdamW, AshlarError } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { type Arr, applyUpdates, loadJax } from "./reference/jax.ts";
import { makeMlp, makeTask, valuesOf } from "./reference/jax-mlp.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("jax-js: update and apply");

const jax = await loadJax();
const { numpy: np, tree } = jax;

test("updates are what the step adds, rounded once; the weights follow what was added", () => {
  const weights = realistic(1000, 1);
  const reference = new AdamW({ w: weights }, { lr: 0.1 });
  const transform = adamW(np, { lr: 0.1 });
  let params = { w: np.array(weights) };
  let state = transform.init(tree.ref(params));
  for (let k = 0; k < 20; k++) {
    const before = params.w.ref.dataSync();
    const gradient = realistic(1000, 100 + k);
    let updates: typeof params;
    [updates, state] = transform.update({ w: np.array(gradient) }, state, tree.ref(params));
    reference.setWeights({ w: before });
    reference.step({ w: gradient });
    const after = reference.parameter("w").master;
    const expected = after.map((value, i) => value - before[i]);
    assert.is(differingBits(updates.w.ref.dataSync(), expected), -1, `step ${k}`);
    assert.is(state.optimizer.digest(), reference.digest(), `step ${k}`);
    params = applyUpdates(jax, params, updates);
    const summed = before.map((value, i) => Math.fround(value + expected[i]));
    assert.is(differingBits(params.w.ref.dataSync(), summed), -1, `step ${k}`);
  }
  tree.dispose(params);
  state.dispose();
});

test("training by updates comes as low as by apply", () => {
  const task = makeTask(jax);
  const transform = adamW(np, { lr: 0.02 });
  let params = makeMlp(jax);
  let state = transform.init(tree.ref(params));
  const losses: number[] = [];
  for (let k = 0; k < 120; k++) {
    const [loss, grads] = task.lossAndGrads(params);
    losses.push(loss);
    let updates: typeof params;
    [updates, state] = transform.update(grads, state, tree.ref(params));
    params = applyUpdates(jax, params, updates);
  }
  assert.ok((losses.at(-1) as number) < losses[0] / 4, `from ${losses[0]} to ${losses.at(-1)}`);
  tree.dispose(params);
  state.dispose();
  task.close();
});

test("parameters that are not the ones handed out become the optimizer's weights", () => {
  const reference = new AdamW({ a: Float32Array.of(1, 2), b: Float32Array.of(3) });
  const transform = adamW(np);
  let params: { a: Arr; b: Arr } = { a: np.array([1, 2]), b: np.array([3]) };
  let state = transform.init(tree.ref(params));
  const step = () => {
    const grads = { a: np.array([0.5, -1]), b: np.array([2]) };
    [params, state] = transform.apply(params, grads, state);
    reference.step({ a: Float32Array.of(0.5, -1), b: Float32Array.of(2) });
  };
  step();
  params = { ...params, a: params.a.mul(0.5) };
  reference.setWeights({ a: params.a.ref.dataSync() });
  step();
  assert.is(state.optimizer.digest(), reference.digest());
  assert.is(differingBits(params.a.ref.dataSync(), reference.parameter("a").master), -1);
  tree.dispose(params);
  state.dispose();
});

test("all steps of a run are the same by applyAsync", async () => {
  const task = makeTask(jax);
  const run = async (wait: boolean) => {
    const transform = adamW(np, { lr: 0.02 });
    let params = makeMlp(jax);
    let state = wait
      ? await transform.initAsync(tree.ref(params))
      : transform.init(tree.ref(params));
    for (let k = 0; k < 10; k++) {
      const [, grads] = task.lossAndGrads(params);
      [params, state] = wait
        ? await transform.applyAsync(params, grads, state)
        : transform.apply(params, grads, state);
    }
    const values = valuesOf(params);
    tree.dispose(params);
    return [state.optimizer.digest(), values];
  };
  assert.equal(await run(true), await run(false));
  task.close();
});

test("a state is used up by what it is given to", async () => {
  const transform = adamW(np);
  const first = transform.init(np.array([1]));
  const [params, second] = transform.apply(np.array([1]), np.array([1]), first);
  const refused = (where: string) =>
    `"state" of ${where}: expected the newest one, got one that was used up. ` +
    "Each call hands back the state for the next";
  const message = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      assert.instance(error, AshlarError);
      assert.is((error as AshlarError).code, "DISPOSED");
      return (error as Error).message;
    }
    return "nothing";
  };
  assert.is(
    message(() => transform.apply(params, null, first)),
    refused("apply"),
  );
  assert.is(
    message(() => transform.update(null, first, params)),
    refused("update"),
  );
  assert.is(
    message(() => first.optimizer),
    refused("optimizer"),
  );
  assert.is(
    message(() => first.report),
    refused("report"),
  );
  const pending = transform.applyAsync(params, null, second);
  assert.is(
    message(() => second.optimizer),
    refused("optimizer"),
  );
  const [last, third] = await pending;
  first.dispose();
  second.dispose();
  assert.is(third.optimizer.steps, 2);
  last.dispose();
  third.dispose();
  assert.throws(() => third.optimizer.digest(), /got disposed/);
});

test("a step is measured on request", () => {
  const transform = adamW(np, { gradNorm: true });
  const first = transform.init({ w: np.array([1, 2]) });
  assert.is(first.report, null);
  const w = np.array([1, 2]);
  const [params, second] = transform.apply({ w }, { w: np.array([3, 4]) }, first, {
    metrics: true,
  });
  assert.is(second.report?.gradNorm, 5);
  assert.is(second.optimizer.metrics()?.["l2_norm/grad/w"], 5);
  tree.dispose(params);
  second.dispose();
});

test("a step that is skipped adds nothing, and says so", () => {
  const transform = adamW(np, { nonFinite: "skip" });
  const params = { w: np.array([1, 2, 3]) };
  const bad = () => ({ w: np.array([1, Number.NaN, 1]) });
  const first = transform.init(tree.ref(params));
  const [updates, second] = transform.update(bad(), first, tree.ref(params));
  assert.equal([...updates.w.dataSync()], [0, 0, 0]);
  assert.is(second.report?.applied, false);
  const [same, third] = transform.apply(params, bad(), second);
  assert.equal([...same.w.dataSync()], [1, 2, 3]);
  assert.is(third.report?.nonFinite?.index, 1);
  third.dispose();
});

test.run();
