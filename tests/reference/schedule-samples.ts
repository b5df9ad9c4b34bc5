import type { ScheduleName } from "../../src/schedules/from-data.ts";
import {
  annealingWithWarmupDecay,
  chained,
  constant,
  constantFactor,
  constantWithCoolDown,
  constantWithWarmup,
  cosineAnnealing,
  cosineWithHardRestarts,
  cosineWithWarmup,
  cyclic,
  exponential,
  greedy,
  inverseSqrt,
  inverseTime,
  linear,
  linearWarmup,
  linearWithWarmup,
  multiStep,
  naturalExp,
  noam,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialWithWarmup,
  reduceOnPlateau,
  type Schedule,
  scaled,
  sequential,
  stepDecay,
  tanhDecay,
  triStage,
  vector,
  warmRestarts,
  warmupStableDecay,
} from "../../src/schedules/index.ts";

const warm = { peak: 0.3, warmupSteps: 4, totalSteps: 20, floor: 0.01, start: 0.02 };
const ramps = (["k/W", "(k+1)/W", "k/(W-1)"] as const).map((ramp) => ({ ...warm, ramp }));
const falling = { peak: 0.3, totalSteps: 12, floor: 0.01 };

/** Every schedule that is wholly data, plain and with every option, by name. */
export const SAMPLES: Record<Exclude<ScheduleName, "lambda" | "multiplicative">, Schedule[]> = {
  annealingWithWarmupDecay: (["cosine", "linear"] as const).map((decay) =>
    annealingWithWarmupDecay({ peak: 1, floor: 0.1, warmupSteps: 3, totalSteps: 9, decay }),
  ),
  chained: [
    chained({ schedules: [cosineAnnealing(falling), 0.5, stepDecay({ peak: 2, stepSize: 5 })] }),
  ],
  constant: [constant({ value: 0.3 }), constant({ value: 0 })],
  constantFactor: [constantFactor({ base: 1, factor: 0.25, totalSteps: 4 })],
  constantWithCoolDown: [
    constantWithCoolDown({ peak: 1, warmupSteps: 2, keepSteps: 3, decaySteps: 4, finalSteps: 2 }),
    constantWithCoolDown({
      peak: 1,
      warmupSteps: 2,
      keepSteps: 3,
      decaySteps: 4,
      finalSteps: 2,
      end1: 0.2,
      end2: 0.1,
      start: 0.05,
      cycles: 1.5,
      ramp: "(k+1)/W",
    }),
  ],
  constantWithWarmup: [
    constantWithWarmup({ peak: 1, warmupSteps: 5, start: 0.5, ramp: "k/(W-1)" }),
  ],
  cosineAnnealing: [
    cosineAnnealing({ peak: 1, totalSteps: 7 }),
    cosineAnnealing({ ...falling, past: "oscillate", kDecay: 2 }),
  ],
  cosineWithHardRestarts: ramps.map((each) => cosineWithHardRestarts({ ...each, cycles: 2.5 })),
  cosineWithWarmup: [
    cosineWithWarmup({ peak: 1, warmupSteps: 0, totalSteps: 1 }),
    ...ramps.map((each) => cosineWithWarmup(each)),
    cosineWithWarmup({ ...warm, cycles: 1, progress: "k-W+1", past: "oscillate" }),
  ],
  cyclic: (["triangular", "triangular2", "expRange"] as const).map((mode) =>
    cyclic({ floor: 0.1, peak: 1, stepSizeUp: 2, stepSizeDown: 3, mode, gamma: 0.9 }),
  ),
  exponential: [
    exponential({ peak: 1, gamma: 0.9 }),
    exponential({
      peak: 1,
      gamma: 0.5,
      decayPeriod: 2.5,
      staircase: true,
      transitionBegin: 2,
      endValue: 0.1,
    }),
  ],
  greedy: [
    greedy({ lr: 0.5, minLr: 0.1, maxLr: 1 }),
    greedy({
      lr: 0.5,
      minLr: 0.1,
      maxLr: 1,
      mode: "max",
      factor: 0.9,
      patience: 1,
      threshold: 0.1,
      thresholdMode: "rel",
      cooldown: 1,
      warmup: 2,
      eps: 0,
      smoothWindow: 3,
      resetStart: 4,
    }),
  ],
  inverseSqrt: [
    inverseSqrt({ peak: 1, warmupSteps: 4 }),
    inverseSqrt({ peak: 1, warmupSteps: 4, timescale: 9, start: 0.5, ramp: "(k+1)/W" }),
  ],
  inverseTime: [
    inverseTime({ peak: 1, rate: 0.5 }),
    inverseTime({ peak: 1, rate: 0.5, decayPeriod: 4, staircase: true }),
  ],
  linear: [linear({ base: 1, startFactor: 0.25, endFactor: 2, totalSteps: 8 })],
  linearWarmup: (["k-W", "k"] as const).map((clock) =>
    linearWarmup({
      warmupSteps: 3,
      start: 0.1,
      end: 0.5,
      schedule: linearWarmup({ warmupSteps: 2, end: 1, schedule: cosineAnnealing(falling) }),
      clock,
      ramp: "(k+1)/W",
    }),
  ),
  linearWithWarmup: ramps.map((each) => linearWithWarmup(each)),
  multiStep: [multiStep({ peak: 1, milestones: [2, 2, 5], gamma: 0.5 })],
  naturalExp: [
    naturalExp({ peak: 1, rate: 0.5 }),
    naturalExp({ peak: 1, rate: 0.5, decayPeriod: 4, staircase: true }),
  ],
  noam: [
    noam({ dModel: 64, warmupSteps: 4 }),
    noam({ dModel: 64, warmupSteps: 4, scale: 2, counting: "k+1" }),
  ],
  oneCycle: [
    oneCycle({ peak: 1, totalSteps: 12, pastEnd: "hold" }),
    oneCycle({
      peak: 1,
      totalSteps: 12,
      pctStart: 0.4,
      divFactor: 10,
      finalDivFactor: 100,
      anneal: "linear",
      threePhase: true,
      pastEnd: "hold",
    }),
  ],
  piecewiseConstant: (["next", "previous"] as const).map((atBoundary) =>
    piecewiseConstant({ boundaries: [3, 6], values: [1, 0.5, 0.25], atBoundary }),
  ),
  piecewiseInterpolate: (["linear", "cosine"] as const).map((between) =>
    piecewiseInterpolate({ boundaries: [3, 6], values: [0, 1, 0.25], between }),
  ),
  polynomial: [
    polynomial({ peak: 1, totalSteps: 5, power: 2 }),
    polynomial({ ...falling, power: 0.5, cycle: true, kDecay: 1.5 }),
  ],
  polynomialWithWarmup: ramps.map((each) => polynomialWithWarmup({ ...each, power: 2 })),
  reduceOnPlateau: [
    reduceOnPlateau({ lr: 1 }),
    reduceOnPlateau({
      lr: 1,
      mode: "max",
      factor: 0.5,
      patience: 1,
      threshold: 0.1,
      thresholdMode: "abs",
      cooldown: 2,
      minLr: 0.2,
      eps: 0,
      duringCooldown: "ignore",
    }),
  ],
  scaled: [
    scaled({ schedule: scaled({ schedule: linearWithWarmup(warm), scale: 0.5 }), scale: 3 }),
  ],
  sequential: [
    sequential({
      schedules: [
        0.1,
        cosineWithWarmup(warm),
        chained({ schedules: [exponential({ peak: 1, gamma: 0.9 })] }),
      ],
      milestones: [2, 15],
    }),
  ],
  stepDecay: [stepDecay({ peak: 1, stepSize: 3, gamma: 0.5 })],
  tanhDecay: [tanhDecay({ ...falling, lower: -5, upper: 4 })],
  triStage: [
    triStage({ peak: 1, warmupSteps: 2, holdSteps: 3, decaySteps: 4 }),
    triStage({
      peak: 1,
      warmupSteps: 2,
      holdSteps: 3,
      decaySteps: 4,
      initScale: 0.2,
      finalScale: 0.1,
    }),
  ],
  vector: [vector({ values: [3, 1, 2], pastEnd: "hold" })],
  warmRestarts: [
    warmRestarts({ peak: 1, t0: 3 }),
    warmRestarts({
      peak: 1,
      t0: 3,
      tMult: 1.5,
      floor: 0.1,
      lengths: "whole",
      cycleDecay: 0.5,
      cycleDecayOf: "amplitude",
      cycleLimit: 3,
      kDecay: 2,
    }),
  ],
  warmupStableDecay: (["linear", "cosine", "1-sqrt"] as const).map((decay) =>
    warmupStableDecay({
      peak: 1,
      warmupSteps: 4,
      stableSteps: 3,
      decaySteps: 5,
      floor: 0.1,
      start: 0.2,
      decay,
      warmup: decay,
      cycles: 1,
      ramp: "(k+1)/W",
    }),
  ),
};

export const ALL_SAMPLES: readonly Schedule[] = Object.values(SAMPLES).flat();
