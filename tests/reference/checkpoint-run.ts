import {
  AdamW,
  clipByGlobalNorm,
  clipByNorm,
  cosineWithWarmup,
  dynamicLossScale,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "../../src/index.ts";
import { type MetricSchedule, reduceOnPlateau } from "../../src/schedules/index.ts";
import { gradientValue, weightValue, xorshift32 } from "./random.ts";

// A run with everything that a checkpoint has to bring back: schedules, one of them told a metric,
// clipping, a dynamic loss scale with skipped steps, sums of micro-batches, amsgrad, 16-bit weights,
// row-sparse gradients. What is drawn at a tick depends on the tick alone, so that a run can go on
// anywhere. No Node API, so that any engine can take part.

/** Two ticks make a step: a micro-batch each, and after the second the step. */
export const TICKS = 2_000;

const ROWS = 50;
const COLUMNS = 8;
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "embed.weight": [ROWS, COLUMNS],
  "block.0.weight": [37, 13],
  "block.0.bias": [37],
  "block.0.nothing": [0, 4],
  "head.weight": [5, 37],
  "head.scale": [],
};

const seeded = (seed: number) => xorshift32(((seed + 1) * 2654435761) | 1);

function spec(name: string, index: number) {
  const shape = SHAPES[name];
  const length = shape.reduce((a, b) => a * b, 1);
  const next = seeded(1_000_000 + index);
  return { name, shape, data: Float32Array.from({ length }, () => weightValue(next())) };
}

export function makeRun(): Promise<AdamW> {
  const [embed, weight, bias, nothing, head, scale] = Object.keys(SHAPES).map(spec);
  return AdamW.create(
    [
      { name: "embed", params: [embed], weightDecay: 0 },
      { name: "body", params: [weight, bias, nothing], amsgrad: true, betas: [0.8, 0.99] },
      {
        name: "head",
        params: [head, scale],
        lr: reduceOnPlateau({ lr: 2e-3, patience: 3, factor: 0.5, cooldown: 1 }),
        clip: clipByNorm(0.5),
      },
    ],
    {
      lr: cosineWithWarmup({ peak: 1e-3, warmupSteps: 50, totalSteps: TICKS / 2 }),
      weightDecay: Float64Array.from({ length: TICKS / 2 }, (_, k) => 0.1 / (1 + (k % 7))),
      decays: noDecayOnBiasAndNorm,
      lrScale: layerDecay({ rate: 0.8, layerOf: placeOf, layers: 1 }),
      clip: clipByGlobalNorm(1),
      lossScale: dynamicLossScale({ initialScale: 1024, growthInterval: 20 }),
      precision: { model: "float16" },
      lazy: true,
      gradNorm: true,
    },
  );
}

/** A function of the caller's: a checkpoint asks for it again. */
export function placeOf(name: string): "embedding" | number | "head" {
  if (name.startsWith("embed")) return "embedding";
  return name.startsWith("head") ? "head" : 0;
}

/** What must be given to `load`, since no file can hold it. */
export const givenAgain = () => ({
  lrScale: layerDecay({ rate: 0.8, layerOf: placeOf, layers: 1 }),
});

/** Runs the ticks from .. to-1. */
export function runTicks(optimizer: AdamW, from: number, to: number): void {
  for (let tick = from; tick < to; tick++) {
    optimizer.accumulate(microBatch(optimizer, tick), { average: true });
    if (tick % 2 === 0) continue;
    optimizer.step();
    if (tick % 20 === 19) {
      const plateau = optimizer.groups[2].lr as unknown as MetricSchedule<unknown>;
      plateau.observe(1 / (1 + Math.floor(tick / 200)));
    }
    if (tick === 1_001) optimizer.groups[0].lr = 5e-4;
  }
}

/** The gradients of a tick, times the loss scale: in some a non-finite one, in some none at all. */
function microBatch(optimizer: AdamW, tick: number) {
  const next = seeded(tick);
  const lossScale = optimizer.lossScale?.scale ?? 1;
  const dense = (name: string) => {
    const length = SHAPES[name].reduce((a, b) => a * b, 1);
    return Float32Array.from({ length }, () => gradientValue(next()) * lossScale);
  };
  const touched = Array.from({ length: next() % 9 }, () => next() % ROWS);
  const values = Float32Array.from(
    { length: touched.length * COLUMNS },
    () => gradientValue(next()) * lossScale,
  );
  const weight = dense("block.0.weight");
  if (tick % 46 === 11) weight[tick % weight.length] = Number.POSITIVE_INFINITY;
  return {
    "embed.weight": tick % 10 === 6 ? dense("embed.weight") : { rows: touched, values },
    "block.0.weight": weight,
    ...(tick % 3 === 0 ? {} : { "block.0.bias": dense("block.0.bias") }),
    "block.0.nothing": new Float32Array(0),
    "head.weight": dense("head.weight"),
    "head.scale": dense("head.scale"),
  };
}
