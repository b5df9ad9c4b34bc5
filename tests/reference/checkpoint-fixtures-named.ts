import {
  AdamWDL,
  clipByNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  MindFormersAdamW,
  staticLossScale,
} from "../../src/index.ts";
import { linearWithWarmup } from "../../src/schedules/index.ts";
import type { FixtureRun, Saved } from "./checkpoint-fixture-run.ts";
import { gradientsFor, type Shapes, specs } from "./checkpoint-shapes.ts";
import { narrowed } from "./round-half.ts";

// The three named optimizers, each with the options that only it has.

const SHAPES: Shapes = { "x.weight": [4, 3], "x.bias": [3], "y.weight": [5], z: [] };
const [X, BIAS, Y, Z] = specs(SHAPES, 3);

/** In 16 bits. */
const half = ({ name, shape, data }: typeof X, dtype: "float16" | "bfloat16") => ({
  ...{ name, shape, dtype },
  data: narrowed(data, dtype).halves,
});

const adamWDL: FixtureRun<AdamWDL> = {
  name: "adamw-dl",
  class: "AdamWDL",
  make: () =>
    AdamWDL.create({
      parameters: [X, BIAS, Y, Z].map((spec, i) => ({
        ...half(spec, "bfloat16"),
        ...(i === 2 ? { optimizeAttr: { learningRate: 0.25 } } : {}),
      })),
      learningRate: cosineWithWarmup({ peak: 2e-3, warmupSteps: 3, totalSteps: 30 }),
      beta1: 0.8,
      epsilon: 1e-6,
      weightDecay: 0.1,
      layerwiseDecay: 0.75,
      nLayers: 2,
      nameDict: {
        "x.weight": "encoder.layers.0.weight",
        "x.bias": "encoder.layers.1.bias",
        "y.weight": "embeddings.y",
        z: "head",
        // Named like a kind of option in the file.
        $schedule: "head",
      },
      gradClip: clipByNorm(0.5),
      multiPrecision: true,
      applyDecayParamFun: null,
      arithmetic: "executed",
      name: "dl",
    }),
  load: (source) => AdamWDL.load(source),
  act: (optimizer, number) => optimizer.step(gradientsFor(SHAPES, number)),
  savedAfter: 9,
  endsAfter: 14,
};

/** Long enough for base64 in the file. */
const VECTOR = Float64Array.from({ length: 1_001 }, (_, k) => 5e-3 / (1 + k / 7));

const mindFormers: FixtureRun<MindFormersAdamW> = {
  name: "mindformers-adamw",
  class: "MindFormersAdamW",
  make: () =>
    MindFormersAdamW.create(
      [
        { name: "first", params: [half(X, "float16")], gradCentralization: true },
        { params: [half(Y, "float16"), half(Z, "float16")], lr: 1e-3, weightDecay: -0 },
        { params: [half(BIAS, "float16")] },
        { orderParams: ["z", "x.bias", "y.weight", "x.weight"] },
      ],
      {
        learningRate: VECTOR,
        weightDecay: 0.02,
        betas: [0.8, 0.9],
        useFused: true,
        amsgrad: true,
        maximize: true,
        arithmetic: "executed",
      },
    ),
  load: (source) => MindFormersAdamW.load(source),
  act(optimizer, number) {
    const gradients = gradientsFor(SHAPES, number);
    return optimizer.step(optimizer.parameterNames.map((name) => gradients[name]));
  },
  savedAfter: 8,
  endsAfter: 13,
};

/** A function of the caller's, which no file can hold. */
function halving(k: number): number {
  return 0.02 / 2 ** Math.floor(k / 4);
}

const decoupled: FixtureRun<DecoupledAdamW> = {
  name: "decoupled-adamw",
  class: "DecoupledAdamW",
  make: () =>
    DecoupledAdamW.create(
      [
        { params: [X, BIAS], amsgrad: true, weightDecay: 3e-4 },
        {
          name: "schedule",
          params: [Y, Z],
          lr: linearWithWarmup({ peak: 1e-2, warmupSteps: 2, totalSteps: 40 }),
        },
      ],
      { lr: halving, initialLr: 0.04, lossScale: staticLossScale(8), gradNorm: true },
    ),
  load: (source) => DecoupledAdamW.load(source, { lr: halving }),
  act(optimizer, number) {
    if (number === 5) optimizer.groups[1].betas = [0.7, 0.9];
    const { z, ...others } = gradientsFor(SHAPES, number);
    return optimizer.step(number % 3 === 0 ? others : { ...others, z });
  },
  savedAfter: 10,
  endsAfter: 15,
};

export const NAMED_RUNS = [adamWDL, mindFormers, decoupled] as unknown as FixtureRun<Saved>[];
