import {
  AdamW,
  clipByGlobalNorm,
  dynamicLossScale,
  families,
  layerDecay,
  noDecayOnBiasAndNorm,
  type StepReport,
} from "../../src/index.ts";
import {
  exponential,
  greedy,
  linearWarmup,
  type MetricSchedule,
  reduceOnPlateau,
} from "../../src/schedules/index.ts";
import type { FixtureRun } from "./checkpoint-fixture-run.ts";
import { lengthOf, realistic, type Shapes, specs } from "./checkpoint-shapes.ts";

// AdamW with all that a checkpoint has to bring back, in a few KB, saved between two micro-batches.

const EMBEDDING = "bert.embeddings.word_embeddings.weight";
const [ROWS, COLUMNS] = [8, 3];
const QUERY = "bert.encoder.layer.0.attention.self.query.weight";
const BODY: Shapes = {
  [EMBEDDING]: [ROWS, COLUMNS],
  [QUERY]: [4, 3],
  "bert.encoder.layer.1.attention.self.query.weight": [4, 3],
  "bert.encoder.layer.1.output.LayerNorm.bias": [4],
};
/** Names that a file, an object or a terminal may take wrongly. */
const ODD: Shapes = {
  "ключ.重み.😀": [5],
  ["__proto__"]: [2],
  " with  space ": [3],
  "a..b.": [1, 2],
  constructor: [2],
  'quoted "\\" \n': [1],
  "param.exp_avg.0": [2],
  empty: [0, 3],
  scalar: [],
};

const make = (): Promise<AdamW> =>
  AdamW.create(
    [
      {
        name: "body",
        params: specs(BODY, 1),
        amsgrad: true,
        betas: [0.85, 0.99],
        lr: reduceOnPlateau({ lr: 4e-3, patience: 1, factor: 0.5, cooldown: 1 }),
      },
      {
        name: "odd names",
        params: specs(ODD, 2),
        lr: linearWarmup({
          warmupSteps: 4,
          end: 2e-3,
          schedule: greedy({ lr: 2e-3, minLr: 1e-5, maxLr: 1e-2, smoothWindow: 3 }),
        }),
        centralize: true,
        lrScale: 0.5,
      },
    ],
    {
      weightDecay: exponential({ peak: 0.2, gamma: 0.9 }),
      eps: 1e-7,
      decays: noDecayOnBiasAndNorm,
      lrScale: layerDecay({ rate: 0.8, layerOf: families.bert, layers: 2 }),
      clip: clipByGlobalNorm(0.7),
      lossScale: dynamicLossScale({ initialScale: 1024, growthInterval: 4 }),
      precision: { model: "float16" },
      nonFinite: "skip",
      lazy: true,
    },
  );

/** Two micro-batches make a step; some parameters have no gradient in one of them, some in both. */
function act(optimizer: AdamW, number: number): StepReport | undefined {
  const scale = optimizer.lossScale?.scale ?? 1;
  const scaled = (length: number, seed: number) =>
    realistic(length, seed).map((value) => value * scale);
  const dense = Object.entries({ ...BODY, ...ODD })
    .filter(([name], i) => name !== EMBEDDING && (i % 2 ? number : number >> 1) % 5 !== i % 5)
    .map(([name, shape], i) => [name, scaled(lengthOf(shape), 100 * number + i)] as const);
  const rows = [number % ROWS, (3 * number + 1) % ROWS, number % ROWS];
  const values = scaled(rows.length * COLUMNS, 100 * number + 99);
  const gradients = Object.fromEntries([[EMBEDDING, { rows, values }], ...dense]);
  if (number === 9) gradients[QUERY] = new Float32Array(lengthOf(BODY[QUERY])).fill(Infinity);
  optimizer.accumulate(gradients, { average: true });
  if (number % 2 === 0) return undefined;
  const report = optimizer.step();
  if (number % 3 === 0) {
    const plateau = optimizer.groups[0].lr as unknown as MetricSchedule<unknown>;
    plateau.observe(1 / (1 + (number % 7)));
  }
  return report;
}

export const ADAMW_RUN: FixtureRun<AdamW> = {
  name: "adamw",
  class: "AdamW",
  make,
  load: (source) => AdamW.load(source),
  act,
  savedAfter: 23,
  endsAfter: 32,
};
