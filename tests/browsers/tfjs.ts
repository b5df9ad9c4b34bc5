import * as tfjs from "../../src/adapters/tfjs/index.ts";
import {
  AdamW,
  clipByGlobalNorm,
  cosineWithWarmup,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "../../src/index.ts";
import { differingBits } from "../reference/bits.ts";
import { bitPatterns, realistic } from "../reference/patterns.ts";
import { fraction, xorshift32 } from "../reference/random.ts";
import type { Variable } from "../reference/tfjs.ts";
import { assertSame, type Found, NotRun, type Result, resultOf } from "./result.ts";
import {
  type BrowserTf,
  type GpuBackend,
  type LayersModel,
  loadTf,
  TF_BACKENDS,
  type TfBackend,
  useBackend,
} from "./tensorflow.ts";

const POINTS = 128;
const STEPS = 60;

/** Three dense layers, and points of y = x0 * x1, which no linear model can do. */
function makeTask(tf: BrowserTf) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 16, inputShape: [2], activation: "relu" }));
  model.add(tf.layers.dense({ units: 16, activation: "relu" }));
  model.add(tf.layers.dense({ units: 1 }));
  const variables = model.trainableWeights.map((weight) => weight.read());
  variables.forEach((variable, i) => {
    const values = realistic(variable.size, i + 1);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
  const next = xorshift32(0x2545f491);
  const points = Float32Array.from({ length: 2 * POINTS }, () => fraction(next()));
  const products = points.filter((_, i) => i % 2 === 0).map((x, i) => x * points[2 * i + 1]);
  const xs = tf.tensor(points, [POINTS, 2]);
  const ys = tf.tensor(products, [POINTS, 1]);
  const loss = () => tf.losses.meanSquaredError(ys, model.apply(xs, { training: true }));
  return { model, variables, xs, ys, loss, close: () => tf.dispose([xs, ys, ...variables]) };
}

const optionsFor = (model: LayersModel) => ({
  lr: cosineWithWarmup({ peak: 0.02, warmupSteps: 5, totalSteps: STEPS }),
  weightDecay: 0.05,
  clip: clipByGlobalNorm(1),
  decays: noDecayOnBiasAndNorm,
  lrScale: layerDecay({ rate: 0.8, ...tfjs.layersOf(model) }),
});

const isOnGpu = (tf: BrowserTf, dataId: object): boolean => {
  const { texData } = tf.backend() as Partial<GpuBackend>;
  return texData?.get(dataId).values === null;
};

/**
 * Step by step the weights of ashlar alone, on the gradients as they are read back: in the variables,
 * wherever those are, or where these hold 16 bits only, in ashlar.
 */
async function trains(tf: BrowserTf, backend: TfBackend, is16 = false): Promise<Found> {
  const { model, variables, loss, close } = makeTask(tf);
  const optimizer = tfjs.adamW(tf, optionsFor(model));
  // A pass, so that 16-bit textures have the weights before the optimizer does.
  tf.dispose(loss());
  const specs = await Promise.all(
    variables.map(async (variable, i) => {
      const { name, shape, size } = variable;
      return { name, shape, data: is16 ? (await variable.data()).slice() : realistic(size, i + 1) };
    }),
  );
  const reference = await AdamW.create(specs, optionsFor(model));
  const losses: number[] = [];
  let counts = "";
  for (let k = 0; k < STEPS; k++) {
    const { value, grads } = optimizer.computeGradients(loss);
    losses.push((await value.data())[0]);
    // After a pass: on a GPU the weights of the last step are now there, and come back from it.
    for (const { name, dataId } of variables) {
      if (backend !== "webgl" || k === 0) continue;
      assertSame(`${name} is on the GPU in step ${k}`, isOnGpu(tf, dataId), true);
    }
    for (const variable of is16 ? [] : variables) await compare(variable, k, reference);
    const read = await Promise.all(
      Object.entries(grads).map(async ([name, each]) => [name, (await each.data()).slice()]),
    );
    reference.step(Object.fromEntries(read));
    optimizer.applyGradients(grads);
    tf.dispose([value, grads]);
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    const now = [numTensors, numDataBuffers, numBytes].join(" ");
    if (k === 0) counts = now;
    assertSame(`tensors, buffers and bytes after step ${k}`, now, counts);
  }
  for (const variable of is16 ? [] : variables) await compare(variable, STEPS, reference);
  assertSame("digest", optimizer.ashlar?.digest(), reference.digest());
  const [first, last] = [losses[0], losses[STEPS - 1]];
  if (!(last < 0.25 * first)) throw new Error(`the loss went from ${first} to ${last}`);
  optimizer.dispose();
  reference.dispose();
  close();
  return { detail: `loss ${first.toPrecision(6)} to ${last.toPrecision(6)}` };
}

async function compare(variable: Variable, step: number, reference: AdamW): Promise<void> {
  const at = differingBits(await variable.data(), reference.parameter(variable.name).master);
  if (at >= 0) throw new Error(`${variable.name}[${at}] differs after ${step} steps`);
}

async function fits(tf: BrowserTf): Promise<Found> {
  const { model, xs, ys, close } = makeTask(tf);
  const optimizer = tfjs.adamW(tf, { lr: 0.02 });
  model.compile({ optimizer: optimizer as never, loss: "meanSquaredError" });
  const fit = {
    epochs: 10,
    batchSize: 32,
    shuffle: false,
    verbose: 0,
    yieldEvery: "never",
  } as const;
  const { history } = await model.fit(xs, ys, fit);
  const [first, last] = [history.loss[0], history.loss[9]];
  assertSame("iterations", optimizer.iterations, 40);
  if (!(last < 0.5 * first)) throw new Error(`the loss went from ${first} to ${last}`);
  optimizer.dispose();
  close();
  return { detail: `loss ${first.toPrecision(6)} to ${last.toPrecision(6)}` };
}

/** Whether float32 that is brought to the backend comes back: any number but a subnormal must. */
async function keepsBits(tf: BrowserTf, name: TfBackend): Promise<Found> {
  const values = bitPatterns(4096, 7);
  const tensor = tf.tensor(values.slice());
  const backend = tf.backend() as Partial<GpuBackend>;
  backend.uploadToGPU?.(tensor.dataId);
  if (name === "webgl") assertSame("it is on the GPU", isOnGpu(tf, tensor.dataId), true);
  const got = await tensor.data();
  const isSubnormal = (value: number) => value !== 0 && Math.abs(value) < 2 ** -126;
  const differing = [...values.keys()].filter((i) => !Object.is(got[i], values[i]));
  const worse = differing.find((i) => !isSubnormal(values[i]));
  if (worse !== undefined) throw new Error(`${values[worse]} came back as ${got[worse]}`);
  tensor.dispose();
  const subnormal = values.filter(isSubnormal).length;
  return { detail: `${differing.length} of ${subnormal} subnormal numbers came back changed` };
}

/** As a device has it whose WebGL draws to 16-bit textures only. */
async function trainsOnHalfTextures(tf: BrowserTf): Promise<Found> {
  await useBackend(tf, "webgl");
  const factory = tf.findBackendFactory("webgl");
  tf.removeBackend("webgl");
  tf.env().set("WEBGL_FORCE_F16_TEXTURES", true);
  tf.env().set("WEBGL_RENDER_FLOAT32_ENABLED", false);
  tf.registerBackend("webgl", factory);
  await useBackend(tf, "webgl");
  const tensor = tf.tensor([0.1]);
  (tf.backend() as unknown as GpuBackend).uploadToGPU(tensor.dataId);
  assertSame("0.1 in 16 bits", tensor.dataSync()[0], 0.0999755859375);
  tensor.dispose();
  return trains(tf, "webgl", true);
}

const CASES = { trains, "model.fit": fits, "float32 there and back": keepsBits };

/** ashlar/tfjs on each backend of TensorFlow.js that is here. */
export async function run(): Promise<Result[]> {
  const tf = await loadTf();
  await tfjs.ready();
  const results: Result[] = [];
  for (const backend of TF_BACKENDS) {
    const missing = await useBackend(tf, backend).then(
      () => undefined,
      (error: unknown) => error,
    );
    for (const [name, act] of Object.entries(CASES)) {
      const found = async () => {
        if (missing instanceof NotRun) throw missing;
        if (missing) throw new Error(`${backend} does not start`, { cause: missing });
        return act(tf, backend);
      };
      results.push(await resultOf(`${backend}: ${name}`, found));
    }
  }
  const name = "webgl with 16-bit textures: trains";
  return [...results, await resultOf(name, () => trainsOnHalfTextures(tf))];
}
