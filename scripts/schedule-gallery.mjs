// The panels of docs/schedules.svg: for each schedule a few lines that show what its options do.
//
// Every schedule is drawn over the same STEPS with a peak of 1, so that the panels compare.

export const STEPS = 120;

/**
 * @typedef {import("../src/schedules/index.ts")} Schedules
 * @typedef {import("../src/schedules/index.ts").MetricSchedule<unknown>} Metric
 * @typedef {(k: number) => number} Line
 * @typedef {[name: string, lines: [label: string, line: Line][]]} Panel
 */

/** A loss that falls, stands still, falls again and stands still: for those that follow a metric. */
const loss = (/** @type {number} */ k) => {
  if (k < 30) return 3 - k / 20;
  if (k < 60) return 1.5;
  return k < 75 ? 1.5 - (k - 60) / 30 : 1;
};

/**
 * The rates before each step of a schedule that is told the loss after each.
 * @param {Metric} schedule
 * @returns {Line}
 */
function fed(schedule) {
  const rates = Array.from({ length: STEPS + 1 }, (_, k) => {
    const rate = schedule(k);
    schedule.observe(loss(k));
    return rate;
  });
  return (k) => rates[k];
}

/** @param {Schedules} s @returns {Panel[]} */
export function gallery(s) {
  const total = { peak: 1, totalSteps: STEPS };
  const warm = { ...total, warmupSteps: 20 };
  const stages = { peak: 1, warmupSteps: 20, stableSteps: 50, decaySteps: 40 };
  const cool = { peak: 1, warmupSteps: 15, keepSteps: 35, decaySteps: 40, finalSteps: 15 };
  const range = { floor: 0.1, peak: 1, stepSizeUp: 10, stepSizeDown: 20 };
  const knots = { boundaries: [30, 60, 90], values: [0.2, 1, 0.4, 0.6] };
  const drops = s.multiStep({ peak: 1, milestones: [40, 80], gamma: 0.4 });
  const cosine = s.cosineAnnealing(total);
  return [
    ["constant", [["value 0.5", s.constant({ value: 0.5 })]]],
    [
      "constantWithWarmup",
      [["warmupSteps 20", s.constantWithWarmup({ peak: 1, warmupSteps: 20 })]],
    ],
    [
      "constantFactor",
      [["factor 1/3", s.constantFactor({ base: 1, factor: 1 / 3, totalSteps: 30 })]],
    ],
    [
      "linear",
      [
        ["1 to 0", s.linear({ base: 1, startFactor: 1, endFactor: 0, totalSteps: 100 })],
        ["1/3 to 1", s.linear({ base: 1, startFactor: 1 / 3, endFactor: 1, totalSteps: 40 })],
      ],
    ],
    [
      "linearWithWarmup",
      [
        ["floor 0", s.linearWithWarmup(warm)],
        ["floor 0.3", s.linearWithWarmup({ ...warm, floor: 0.3 })],
      ],
    ],
    [
      "linearWarmup",
      [
        ['clock "k-W"', s.linearWarmup({ warmupSteps: 25, end: 1, schedule: drops })],
        ['clock "k"', s.linearWarmup({ warmupSteps: 25, end: 1, schedule: drops, clock: "k" })],
      ],
    ],
    ["stepDecay", [["gamma 0.5", s.stepDecay({ peak: 1, stepSize: 25, gamma: 0.5 })]]],
    ["multiStep", [["milestones 40, 80", drops]]],
    ["piecewiseConstant", [["three boundaries", s.piecewiseConstant(knots)]]],
    [
      "piecewiseInterpolate",
      [
        ["linear", s.piecewiseInterpolate({ ...knots, between: "linear" })],
        ["cosine", s.piecewiseInterpolate({ ...knots, between: "cosine" })],
      ],
    ],
    [
      "exponential",
      [
        ["gamma 0.97", s.exponential({ peak: 1, gamma: 0.97 })],
        ["staircase", s.exponential({ peak: 1, gamma: 0.467, decayPeriod: 25, staircase: true })],
      ],
    ],
    ["naturalExp", [["rate 0.03", s.naturalExp({ peak: 1, rate: 0.03 })]]],
    [
      "inverseTime",
      [
        ["rate 0.05", s.inverseTime({ peak: 1, rate: 0.05 })],
        ["staircase", s.inverseTime({ peak: 1, rate: 1.25, decayPeriod: 25, staircase: true })],
      ],
    ],
    [
      "polynomial",
      [
        ["power 2", s.polynomial({ ...total, power: 2 })],
        ["cycle", s.polynomial({ peak: 1, totalSteps: 40, power: 1, cycle: true })],
      ],
    ],
    [
      "polynomialWithWarmup",
      [
        ["power 1", s.polynomialWithWarmup({ ...warm, power: 1 })],
        ["power 3", s.polynomialWithWarmup({ ...warm, power: 3 })],
      ],
    ],
    [
      "cosineAnnealing",
      [
        ["hold", s.cosineAnnealing({ peak: 1, totalSteps: 60, floor: 0.1 })],
        [
          "oscillate",
          s.cosineAnnealing({ peak: 1, totalSteps: 60, floor: 0.1, past: "oscillate" }),
        ],
      ],
    ],
    [
      "cosineWithWarmup",
      [
        ["cycles 0.5", s.cosineWithWarmup(warm)],
        ["cycles 1", s.cosineWithWarmup({ ...warm, cycles: 1 })],
      ],
    ],
    ["cosineWithHardRestarts", [["cycles 3", s.cosineWithHardRestarts({ ...warm, cycles: 3 })]]],
    [
      "warmRestarts",
      [
        ["tMult 2", s.warmRestarts({ peak: 1, t0: 18, tMult: 2, floor: 0.05 })],
        ["cycleDecay 0.6", s.warmRestarts({ peak: 1, t0: 31, floor: 0.05, cycleDecay: 0.6 })],
      ],
    ],
    [
      "inverseSqrt",
      [
        ["warmupSteps 15", s.inverseSqrt({ peak: 1, warmupSteps: 15 })],
        ["timescale 60", s.inverseSqrt({ peak: 1, warmupSteps: 15, timescale: 60 })],
      ],
    ],
    ["noam", [["warmupSteps 30", s.noam({ dModel: 1, warmupSteps: 30, scale: Math.sqrt(30) })]]],
    [
      "warmupStableDecay",
      [
        ["linear", s.warmupStableDecay({ ...stages, decay: "linear" })],
        ["cosine", s.warmupStableDecay({ ...stages, decay: "cosine" })],
        ["1-sqrt", s.warmupStableDecay({ ...stages, decay: "1-sqrt" })],
      ],
    ],
    [
      "constantWithCoolDown",
      [["end1 0.3, end2 0.1", s.constantWithCoolDown({ ...cool, end1: 0.3, end2: 0.1 })]],
    ],
    [
      "triStage",
      [
        [
          "finalScale 0.01",
          s.triStage({ peak: 1, warmupSteps: 20, holdSteps: 40, decaySteps: 50 }),
        ],
      ],
    ],
    [
      "oneCycle",
      [
        ["cosine", s.oneCycle({ peak: 1, totalSteps: STEPS, pastEnd: "hold" })],
        [
          "threePhase, linear",
          s.oneCycle({
            peak: 1,
            totalSteps: STEPS,
            anneal: "linear",
            threePhase: true,
            pastEnd: "hold",
          }),
        ],
      ],
    ],
    [
      "cyclic",
      [
        ["triangular", s.cyclic({ ...range, mode: "triangular" })],
        ["triangular2", s.cyclic({ ...range, mode: "triangular2" })],
      ],
    ],
    ["tanhDecay", [["-7 to 3", s.tanhDecay(total)]]],
    [
      "annealingWithWarmupDecay",
      [
        ["cosine", s.annealingWithWarmupDecay({ ...warm, floor: 0.1, decay: "cosine" })],
        ["linear", s.annealingWithWarmupDecay({ ...warm, floor: 0.1, decay: "linear" })],
      ],
    ],
    [
      "reduceOnPlateau",
      [["factor 0.4", fed(s.reduceOnPlateau({ lr: 1, factor: 0.4, patience: 8 }))]],
    ],
    [
      "greedy",
      [["factor 0.8", fed(s.greedy({ lr: 0.4, minLr: 0.1, maxLr: 1, factor: 0.8, patience: 4 }))]],
    ],
    ["lambda", [["1 / (1 + k / 20)", s.lambda({ base: 1, factor: (k) => 1 / (1 + k / 20) })]]],
    [
      "multiplicative",
      [["0.98 or 0.95", s.multiplicative({ base: 1, factor: (k) => (k < 60 ? 0.98 : 0.95) })]],
    ],
    [
      "vector",
      [
        [
          "four values",
          s.vector({
            values: [0.3, 1, 0.6, 0.2].flatMap((v) => Array(30).fill(v)),
            pastEnd: "hold",
          }),
        ],
      ],
    ],
    [
      "sequential",
      [
        [
          "linear, 0.5, cosine",
          s.sequential({
            schedules: [
              s.linear({ base: 1, startFactor: 0, endFactor: 1, totalSteps: 30 }),
              0.5,
              s.cosineAnnealing({ peak: 1, totalSteps: 50 }),
            ],
            milestones: [30, 65],
          }),
        ],
      ],
    ],
    ["chained", [["cosine, multiStep", s.chained({ schedules: [cosine, drops] })]]],
    [
      "scaled",
      [
        ["scale 1", cosine],
        ["scale 0.8", s.scaled({ schedule: cosine, scale: 0.8 })],
        ["scale 0.64", s.scaled({ schedule: cosine, scale: 0.64 })],
      ],
    ],
  ];
}
