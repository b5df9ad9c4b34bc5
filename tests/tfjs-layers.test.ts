import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { layerDecay } from "../src/index.ts";
import { find, type Tensor, type Tf, type TfOptimizer } from "./reference/tfjs.ts";

// Layers models, which only the whole of @tensorflow/tfjs has.

interface Model {
  readonly layers: {
    trainable: boolean;
    weights: { name: string; originalName: string }[];
    getClassName(): string;
  }[];
  readonly trainableWeights: { readonly name: string }[];
  readonly optimizer: TfOptimizer & tfjs.AshlarMembers;
  add(layer: object): void;
  compile(options: { optimizer: object; loss: string }): void;
  fit(xs: Tensor, ys: Tensor, options: object): Promise<{ history: { loss: number[] } }>;
  save(handler: object, options: { includeOptimizer: boolean }): Promise<unknown>;
  getWeights(): Tensor[];
  setWeights(weights: Tensor[]): void;
  dispose(): void;
}

interface Artifacts {
  weightData: ArrayBuffer;
}

interface LayersTf extends Tf {
  sequential(): Model;
  loadLayersModel(source: object): Promise<Model>;
  randomNormal(
    shape: number[],
    mean: number,
    deviation: number,
    dtype: string,
    seed: number,
  ): Tensor;
  zerosLike(tensor: Tensor): Tensor;
  readonly layers: { dense(options: object): object };
  readonly initializers: { glorotUniform(options: { seed: number }): object };
  readonly io: {
    withSaveHandler(handler: (artifacts: Artifacts) => Promise<object>): object;
    fromMemory(artifacts: Artifacts): object;
  };
}

const test = suite("tfjs: layers models");
const path = find("@tensorflow/tfjs") as string;
const tf: LayersTf = await import(pathToFileURL(path).href);
tf.enableProdMode();
await tf.setBackend("cpu");
await tfjs.ready();

const xs = tf.randomNormal([64, 4], 0, 1, "float32", 1);
const ys = tf.tidy(() => tf.sum(xs, 1));
const fit = async (model: Model, epochs: number) => {
  const options = { epochs, batchSize: 16, verbose: 0, shuffle: false };
  return (await model.fit(xs, ys, options)).history.loss;
};

function build(): Model {
  const model = tf.sequential();
  const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({ seed });
  model.add(
    tf.layers.dense({
      units: 8,
      activation: "relu",
      inputShape: [4],
      kernelInitializer: kernelInitializer(1),
    }),
  );
  model.add(
    tf.layers.dense({ units: 8, activation: "tanh", kernelInitializer: kernelInitializer(2) }),
  );
  model.add(tf.layers.dense({ units: 1, kernelInitializer: kernelInitializer(3) }));
  return model;
}

test("fit, save with the optimizer, load beside it: both go on with the same bits", async () => {
  const model = build();
  const lrScale = layerDecay({ rate: 0.5, ...tfjs.layersOf(model) });
  tfjs.register(tf, { lrScale });
  const groups = [{ name: "biases", match: /bias/, weightDecay: 0 }];
  const optimizer = tfjs.adamW(tf, { lr: 0.02, lrScale, groups });
  model.compile({ optimizer, loss: "meanSquaredError" });
  await fit(model, 1);
  const before = tf.memory().numTensors;
  const losses = await fit(model, 30);
  assert.is(tf.memory().numTensors, before);
  assert.ok(losses[29] < 0.2 * losses[0], `${losses[0]} to ${losses[29]}`);
  assert.is(optimizer.iterations, 124);
  const scales = model.trainableWeights.map(
    ({ name }) => optimizer.ashlar?.parameter(name).lrScale,
  );
  assert.equal(scales, [0.25, 0.25, 0.5, 0.5, 1, 1]);

  const saved: Artifacts[] = [];
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    const { weightData, ...rest } = artifacts;
    saved.push({ ...JSON.parse(JSON.stringify(rest)), weightData });
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  });
  await model.save(handler, { includeOptimizer: true });
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved[0]));
  assert.is(loaded.optimizer.getClassName(), "AshlarAdamW");
  assert.is(loaded.optimizer.iterations, 124);
  assert.is.not(loaded.trainableWeights[0].name, model.trainableWeights[0].name);
  await fit(model, 2);
  await fit(loaded, 2);
  assert.is(loaded.optimizer.ashlar?.digest(), optimizer.ashlar?.digest());

  // Frozen half-way: positions shift, names do not.
  loaded.layers[0].trainable = false;
  loaded.compile({ optimizer: loaded.optimizer, loss: "meanSquaredError" });
  await fit(loaded, 1);
  const stepOf = (name: string) => loaded.optimizer.ashlar?.parameter(name).step;
  assert.equal(
    loaded.optimizer.ashlar?.parameterNames.map(stepOf).sort(),
    [132, 132, 136, 136, 136, 136],
  );

  const zeros = model.getWeights().map((tensor) => tf.zerosLike(tensor));
  model.setWeights(zeros);
  await fit(model, 1);
  const largest = Math.max(...model.getWeights().flatMap((tensor) => [...tensor.dataSync()]));
  assert.ok(largest < 0.1, "weights set by the caller are where it went on from");
  tf.dispose(zeros);
  model.dispose();
  loaded.dispose();
});

test("layersOf refuses what has no layers to decay over", () => {
  assert.throws(() => tfjs.layersOf({} as never), /"model" of layersOf: expected a layers model/);
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 1, inputShape: [4] }));
  assert.throws(() => tfjs.layersOf(model), /"model" of layersOf: expected a layer below the last/);
  model.dispose();
});

test.run();
