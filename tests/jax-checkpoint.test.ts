import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW, adamWDL, decoupledAdamW, mindFormersAdamW } from "../src/adapters/jax/index.ts";
import type { Transformation } from "../src/adapters/jax/transformation.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { differingBits } from "./reference/bits.ts";
import { loadJax } from "./reference/jax.ts";
import { makeMlp, makeTask, valuesOf } from "./reference/jax-mlp.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("jax-js: checkpoints");

const jax = await loadJax();
const { numpy: np, tree } = jax;
const task = makeTask(jax);

const groups = [{ name: "head", match: (name: string) => name.startsWith("head."), lr: 0.01 }];
const TRANSFORMATIONS: Record<string, () => Transformation<Optimizer>> = {
  adamW: () => adamW(np, { lr: 0.02, amsgrad: true, groups }),
  adamWDL: () => adamWDL(np, { learningRate: 0.02 }),
  mindFormersAdamW: () => mindFormersAdamW(np, { learningRate: 0.02, groups }),
  decoupledAdamW: () => decoupledAdamW(np, { lr: 0.02, weightDecay: 1e-4, groups }),
};

type Params = ReturnType<typeof makeMlp>;

for (const [name, make] of Object.entries(TRANSFORMATIONS)) {
  test(`${name}: a run that goes on from a checkpoint has the bits of one that never stopped`, async () => {
    const train = (
      transform: Transformation<Optimizer>,
      start: [Params, ReturnType<typeof transform.init>],
    ) => {
      let [params, state] = start;
      for (let k = 0; k < 5; k++) {
        const [, grads] = task.lossAndGrads(params);
        [params, state] = transform.apply(params, grads, state);
      }
      return [params, state] as typeof start;
    };
    const transform = make();
    const params = makeMlp(jax);
    const half = train(transform, [params, transform.init(tree.ref(params))]);
    const saved = await half[1].optimizer.toBytes();
    const whole = train(transform, half);

    const again = make();
    const fresh = makeMlp(jax);
    const loaded = await again.load(saved, fresh);
    assert.is(fresh.head.weight.refCount, 0);
    assert.is(loaded[1].optimizer.steps, 5);
    assert.equal(loaded[1].optimizer.loadReport?.differences, []);
    const resumed = train(again, loaded);
    assert.is(resumed[1].optimizer.digest(), whole[1].optimizer.digest());
    const [a, b] = [valuesOf(resumed[0]), valuesOf(whole[0])];
    for (const path of Object.keys(b)) assert.is(differingBits(a[path], b[path]), -1, path);
    tree.dispose([resumed[0], whole[0]]);
    resumed[1].dispose();
    whole[1].dispose();
  });
}

test("a checkpoint of other parameters is refused, and uses nothing up", async () => {
  const saved = adamW(np).init({ w: np.array(realistic(8, 1)) });
  const bytes = await saved.optimizer.toBytes();
  saved.dispose();
  const params = { v: np.array(realistic(8, 2)) };
  const refused = await adamW(np)
    .load(bytes, params)
    .then(
      () => "accepted",
      (error: Error) => error.name,
    );
  assert.is(refused, "CheckpointError");
  assert.is(params.v.refCount, 1);
  const [next, state] = await adamW(np).load(bytes, params, { strict: false });
  assert.equal(state.optimizer.loadReport?.missing, ["v"]);
  assert.is(differingBits(next.v.dataSync(), realistic(8, 2)), -1);
  state.dispose();
});

test("threads have the same bits", async () => {
  const digests = [];
  for (const threads of [1, 2]) {
    const transform = adamW(np, { threads });
    const params = { w: np.array(realistic(100_000, 1)) };
    const first = await transform.initAsync(tree.ref(params));
    const grads = { w: np.array(realistic(100_000, 2)) };
    const [next, state] = transform.apply(params, grads, first);
    assert.is(differingBits(next.w.dataSync(), state.optimizer.parameter("w").master), -1);
    digests.push(state.optimizer.digest());
    state.dispose();
  }
  assert.is(digests[0], digests[1]);
});

test.after(() => task.close());
test.run();
