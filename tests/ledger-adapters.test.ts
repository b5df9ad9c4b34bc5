import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW as jaxAdamW } from "../src/adapters/jax/index.ts";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { LedgerText } from "../src/ledger/ledger-text.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { gradientChecksum } from "./reference/checksums.ts";
import { loadJax } from "./reference/jax.ts";
import { makeMlp, makeTask, valuesOf } from "./reference/jax-mlp.ts";
import { recordsOf, stepsOf } from "./reference/ledger.ts";
import { realistic } from "./reference/patterns.ts";
import { loadTf, makeModel } from "./reference/tfjs.ts";

const test = suite("ledger: adapters");
const STEPS = 4;

/** Checks that the ledger has the gradients that a framework gave. */
async function checkGradients(text: string, given: readonly Record<string, Float32Array>[]) {
  const records = await recordsOf(text);
  const [header] = records;
  if (header.kind !== "header") throw new Error(header.kind);
  const steps = stepsOf(records);
  assert.is(steps.length, given.length);
  steps.forEach(({ gradient: { each } }, k) => {
    assert.equal(
      [...each],
      header.parameters.map(({ name }) => gradientChecksum(given[k][name])),
    );
  });
}

test("steps of jax-js are recorded", async () => {
  const jax = await loadJax();
  const task = makeTask(jax);
  const transform = jaxAdamW(jax.numpy, { lr: 0.02 });
  let params = makeMlp(jax);
  let state = transform.init(jax.tree.ref(params));
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, state.optimizer);
  const given: Record<string, Float32Array>[] = [];
  for (let k = 0; k < STEPS; k++) {
    const [, grads] = task.lossAndGrads(params);
    given.push(valuesOf(grads));
    [params, state] = transform.apply(params, grads, state);
  }
  await ledger.close();
  await checkGradients(target.text, given);
  state.dispose();
  jax.tree.dispose(params);
});

test("steps of TensorFlow.js are recorded", async () => {
  const tf = await loadTf();
  await tfjs.ready();
  await tf.setBackend("cpu");
  const model = makeModel(tf, realistic);
  const optimizer = tfjs.adamW(tf, { lr: 0.02 });
  // It is made with the first step.
  optimizer.minimize(model.loss);
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, optimizer.ashlar as Optimizer);
  const given: Record<string, Float32Array>[] = [];
  for (let k = 0; k < STEPS; k++) {
    const { value, grads } = optimizer.computeGradients(model.loss);
    const arrays = Object.entries(grads).map(([name, tensor]) => [name, tensor.dataSync().slice()]);
    given.push(Object.fromEntries(arrays));
    optimizer.applyGradients(grads);
    tf.dispose([value, grads]);
  }
  await ledger.close();
  await checkGradients(target.text, given);
  optimizer.dispose();
  model.dispose();
});

test.run();
