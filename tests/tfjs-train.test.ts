import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import {
  AdamW,
  AdamWDL,
  clipByGlobalNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  MindFormersAdamW,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { BACKENDS, loadTf, makeModel } from "./reference/tfjs.ts";

const test = suite("tfjs: training");
const tf = await loadTf();
await tfjs.ready();

const SCHEDULE = () => cosineWithWarmup({ peak: 0.02, warmupSteps: 3, totalSteps: 40 });
const CLIP = clipByGlobalNorm(0.5);
const FAMILY = [
  {
    name: "adamW",
    make: () =>
      tfjs.adamW(tf, {
        lr: SCHEDULE(),
        clip: CLIP,
        decays: noDecayOnBiasAndNorm,
        weightDecay: 0.1,
      }),
    plain: (parameters: object) =>
      new AdamW(parameters as never, {
        lr: SCHEDULE(),
        clip: CLIP,
        decays: noDecayOnBiasAndNorm,
        weightDecay: 0.1,
      }),
  },
  {
    name: "adamWDL",
    make: () => tfjs.adamWDL(tf, { learningRate: 0.01, gradClip: CLIP }),
    plain: (parameters: object) =>
      new AdamWDL({ parameters: parameters as never, learningRate: 0.01, gradClip: CLIP }),
  },
  {
    name: "mindFormersAdamW",
    make: () => tfjs.mindFormersAdamW(tf, { learningRate: SCHEDULE(), weightDecay: 0.02 }),
    plain: (parameters: object) =>
      new MindFormersAdamW(parameters as never, { learningRate: SCHEDULE(), weightDecay: 0.02 }),
  },
  {
    name: "decoupledAdamW",
    make: () => tfjs.decoupledAdamW(tf, { lr: 0.01, weightDecay: 1e-4, amsgrad: true }),
    plain: (parameters: object) =>
      new DecoupledAdamW(parameters as never, { lr: 0.01, weightDecay: 1e-4, amsgrad: true }),
  },
];

const STEPS = 30;

for (const backend of BACKENDS) {
  for (const { name, make, plain } of FAMILY) {
    test(`${name} on ${backend} has the bits of ashlar on the same gradients`, async () => {
      await tf.setBackend(backend);
      const model = makeModel(tf, realistic);
      const optimizer = make();
      const reference = plain(
        Object.fromEntries(
          model.all.map((variable) => [
            variable.name,
            { shape: variable.shape, data: variable.dataSync().slice() },
          ]),
        ),
      );
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const { value, grads } = optimizer.computeGradients(model.loss);
        losses.push(value.dataSync()[0]);
        reference.step(
          Object.fromEntries(
            Object.entries(grads).map(([name, tensor]) => [name, tensor.dataSync().slice()]),
          ),
        );
        optimizer.applyGradients(grads);
        tf.dispose([value, grads]);
        for (const variable of model.all) {
          const expected = reference.parameter(variable.name).master;
          assert.is(
            differingBits(variable.dataSync(), expected),
            -1,
            `${variable.name}, step ${i}`,
          );
        }
      }
      assert.ok(losses[STEPS - 1] < 0.7 * losses[0], `${losses[0]} to ${losses[STEPS - 1]}`);
      assert.is(optimizer.iterations, STEPS);
      assert.is(optimizer.ashlar?.digest(), reference.digest());
      assert.is(optimizer.report?.step, STEPS);
      optimizer.dispose();
      model.dispose();
    });
  }

  test(`without decay it goes where tf.train.adam goes, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const [ours, theirs] = [makeModel(tf, realistic), makeModel(tf, realistic)];
    const optimizer = tfjs.adamW(tf, { lr: 0.01, eps: 1e-7, weightDecay: 0 });
    const adam = tf.train.adam(0.01, 0.9, 0.999, 1e-7);
    for (let i = 0; i < 50; i++) {
      optimizer.minimize(ours.loss, false, ours.all);
      adam.minimize(theirs.loss, false, theirs.all);
    }
    let moved = 0;
    ours.all.forEach((variable, index) => {
      const expected = theirs.all[index].dataSync();
      variable.dataSync().forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]) < 2e-5, `${variable.name}[${i}]`);
        moved += Math.abs(value - realistic(variable.size, index + 1)[i]);
      });
    });
    assert.ok(moved > 1, "they moved");
    optimizer.dispose();
    adam.dispose();
    ours.dispose();
    theirs.dispose();
  });

  test(`1,000 steps leave no tensor behind, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = makeModel(tf, realistic);
    const optimizer = tfjs.adamW(tf, { lr: 1e-3 });
    optimizer.minimize(model.loss);
    const before = tf.memory();
    for (let i = 0; i < 1_000; i++) optimizer.minimize(model.loss)?.dispose();
    const after = tf.memory();
    assert.is(after.numTensors, before.numTensors);
    assert.is(after.numDataBuffers, before.numDataBuffers);
    assert.is(after.numBytes, before.numBytes);
    assert.is(optimizer.iterations, 1_001);
    optimizer.dispose();
    assert.is(tf.memory().numTensors, before.numTensors, "it held none itself");
    model.dispose();
  });

  test(`arrays and tensors that others hold stay what they are, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = makeModel(tf, realistic);
    const kernel = model.variables["head/kernel"];
    const optimizer = tfjs.adamW(tf, { lr: 0.1 });
    optimizer.minimize(model.loss);
    const [array, clone] = [kernel.dataSync(), kernel.clone()];
    const was = array.slice();
    optimizer.minimize(model.loss);
    assert.is(differingBits(array, was), -1, "what dataSync gave");
    assert.is(differingBits(clone.dataSync(), was), -1, "a clone");
    assert.is.not(differingBits(kernel.dataSync(), was), -1, "the variable");
    clone.dispose();
    optimizer.dispose();
    model.dispose();
  });
}

test.run();
