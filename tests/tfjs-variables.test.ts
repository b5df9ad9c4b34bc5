import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { AdamW, layerDecay } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { BACKENDS, loadTf, makeModel, type Variable } from "./reference/tfjs.ts";

const test = suite("tfjs: variables");
const tf = await loadTf();
await tfjs.ready();

const spec = (variable: Variable) => ({
  shape: variable.shape,
  data: variable.dataSync().slice(),
});
const same = (variable: Variable, expected: Float32Array, why = variable.name) =>
  assert.is(differingBits(variable.dataSync(), expected), -1, why);
const gradient = (variable: Variable, seed: number) =>
  tf.tensor(realistic(variable.size, seed), variable.shape);

test("null, undefined and absent gradients leave variables and their step counts alone", async () => {
  await tf.setBackend("cpu");
  const model = makeModel(tf, realistic);
  const [kernel, bias, head] = model.all;
  const optimizer = tfjs.adamW(tf, { lr: 0.1 });
  const g = gradient(kernel, 5);
  const before = [bias, head].map((variable) => variable.dataSync().slice());
  optimizer.applyGradients([
    { name: kernel.name, tensor: g },
    { name: bias.name, tensor: null },
  ]);
  optimizer.applyGradients({ [kernel.name]: g, [bias.name]: null });
  same(bias, before[0]);
  same(head, before[1]);
  assert.equal(optimizer.ashlar?.parameterNames, [kernel.name]);
  const b = gradient(bias, 6);
  optimizer.applyGradients({ [kernel.name]: g, [bias.name]: b });
  assert.is(optimizer.ashlar?.parameter(kernel.name).step, 3);
  assert.is(optimizer.ashlar?.parameter(bias.name).step, 1);
  optimizer.applyGradients({ [kernel.name]: null });
  assert.is(optimizer.iterations, 3);
  tf.dispose([g, b]);
  optimizer.dispose();
  model.dispose();
});

for (const backend of BACKENDS) {
  test(`variables that come late or pause keep the bits of ashlar, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = makeModel(tf, realistic);
    const { all } = model;
    const options = { lr: 0.05, weightDecay: 0.1 };
    const optimizer = tfjs.adamW(tf, {
      ...options,
      groups: [{ name: "bias", match: /bias$/, weightDecay: 0, lr: 0.01 }],
    });
    // The same steps, with all parameters there from the beginning.
    const named = (list: Variable[]) => Object.fromEntries(list.map((v) => [v.name, spec(v)]));
    const reference = new AdamW(
      [
        { name: "default", params: named([all[0], all[2]]) },
        { name: "bias", params: named([all[1], all[3]]), weightDecay: 0, lr: 0.01 },
      ],
      options,
    );
    const rounds = [[2], [2, 3], [0, 1, 2, 3], [0, 1], [3, 0], [0, 1, 2, 3]];
    rounds.forEach((round, i) => {
      const gradients = round.map((index) => ({
        name: all[index].name,
        tensor: gradient(all[index], 10 * i + index + 1),
      }));
      optimizer.applyGradients(gradients);
      reference.step(
        Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor.dataSync().slice()])),
      );
      tf.dispose(gradients.map(({ tensor }) => tensor));
      for (const variable of all) same(variable, reference.parameter(variable.name).master);
    });
    assert.is(optimizer.ashlar?.digest(), reference.digest());
    optimizer.dispose();
    model.dispose();
  });

  test(`weights that others assign are taken over, on ${backend}`, async () => {
    await tf.setBackend(backend);
    const model = makeModel(tf, realistic);
    const [kernel] = model.all;
    const optimizer = tfjs.adamW(tf, { lr: 0.1 });
    const reference = new AdamW({ [kernel.name]: spec(kernel) }, { lr: 0.1 });
    const step = (seed: number) => {
      const g = gradient(kernel, seed);
      optimizer.applyGradients({ [kernel.name]: g });
      reference.step({ [kernel.name]: g.dataSync().slice() });
      g.dispose();
      same(kernel, reference.parameter(kernel.name).master);
    };
    step(1);
    const other = realistic(kernel.size, 77);
    tf.tidy(() => kernel.assign(tf.tensor(other.slice(), kernel.shape)));
    reference.setWeights({ [kernel.name]: other });
    step(2);
    step(3);
    assert.is(optimizer.ashlar?.digest(), reference.digest());
    optimizer.dispose();
    model.dispose();
  });
}

test("syncWeights takes over what was written into the array of a variable", async () => {
  await tf.setBackend("cpu");
  const model = makeModel(tf, realistic);
  const [kernel] = model.all;
  const optimizer = tfjs.adamW(tf, { lr: 0 });
  const g = gradient(kernel, 1);
  const step = () => optimizer.applyGradients({ [kernel.name]: g });
  step();
  kernel.dataSync().fill(3);
  optimizer.syncWeights();
  step();
  assert.is(kernel.dataSync()[0], 3);
  g.dispose();
  optimizer.dispose();
  model.dispose();
});

test("a 16-bit model: variables hold it, masters are ashlar's, and steps too small for it add up", async () => {
  for (const backend of BACKENDS) {
    await tf.setBackend(backend);
    const model = makeModel(tf, realistic);
    const [kernel] = model.all;
    const options = { lr: 1e-5, precision: { model: "bfloat16" } } as const;
    const optimizer = tfjs.adamW(tf, options);
    const reference = new AdamW({ [kernel.name]: spec(kernel) }, options);
    for (let i = 0; i < 20; i++) {
      const g = gradient(kernel, i + 1);
      optimizer.applyGradients({ [kernel.name]: g });
      reference.step({ [kernel.name]: g.dataSync().slice() });
      g.dispose();
    }
    assert.is(optimizer.ashlar?.digest(), reference.digest());
    const bits = reference.parameter(kernel.name).model as Uint16Array;
    same(kernel, new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer));
    optimizer.dispose();
    model.dispose();
  }
});

test("layer decay goes by the names of variables", async () => {
  await tf.setBackend("cpu");
  const model = makeModel(tf, realistic);
  const layerOf = (name: string) => (name.includes("/head/") ? "head" : 0);
  const optimizer = tfjs.adamW(tf, { lrScale: layerDecay({ rate: 0.5, layerOf }) });
  optimizer.minimize(model.loss);
  const scaleOf = (variable: Variable) => optimizer.ashlar?.parameter(variable.name).lrScale;
  assert.equal(model.all.map(scaleOf), [0.5, 0.5, 1, 1]);
  optimizer.dispose();
  model.dispose();
});

test.run();
