import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  constantWithWarmup,
  cosineAnnealing,
  cosineWithWarmup,
  durationSteps,
  exponential,
  linear,
  linearWarmup,
  linearWithWarmup,
  multiStep,
  polynomial,
  polynomialWithWarmup,
  type Schedule,
  scaleSchedule,
  sequential,
  stepDecay,
  warmRestarts,
} from "../src/schedules/index.ts";
import { assertAt } from "./reference/schedule-values.ts";

// The values of Composer's tests/optim/test_scheduler.py: 1000 epochs of 1000 batches, lr 1, within
// 1e-3. A scale schedule ratio shrinks max_duration too, so "dur" is a share of the shrunk one.
const test = suite("schedules: Composer");
const MILLION = 1_000_000;
const ba = (duration: string, ssr = 1) =>
  durationSteps(duration, { totalSteps: MILLION * ssr, stepsPerEpoch: 1000 });
const peak = 1;

type Points = readonly (readonly [number, number])[];
const check = (name: string, schedule: Schedule, points: Points) =>
  test(name, () => assertAt(schedule, points, 1e-3));
const zip = (steps: readonly number[], values: readonly number[]): Points =>
  steps.map((k, i) => [k, values[i] as number]);
const ssr = (schedule: Schedule, ratio: number, scaleWarmup = false) =>
  scaleSchedule(schedule, { ratio, scaleWarmup });

const QUARTERS = [0, 250_000, 500_000, 750_000, MILLION];

check(
  "Step(10ba)",
  stepDecay({ peak, stepSize: ba("10ba"), gamma: 0.1 }),
  zip([5, 15, 35], [1, 0.1, 0.001]),
);
check(
  "Step(.002dur, .8)",
  stepDecay({ peak, stepSize: ba("0.002dur"), gamma: 0.8 }),
  zip([1000, 3000, 7000], [1, 0.8, 0.512]),
);
check(
  "Step(1ep, .5)",
  stepDecay({ peak, stepSize: ba("1ep"), gamma: 0.5 }),
  zip([500, 1500, 3500], [1, 0.5, 0.125]),
);
check(
  "Step(10ba, .5), ssr .5",
  ssr(stepDecay({ peak, stepSize: 10, gamma: 0.5 }), 0.5),
  zip([3, 8, 18], [1, 0.5, 0.125]),
);
check(
  "MultiStep(10ba, 30ba, 70ba)",
  multiStep({ peak, milestones: [10, 30, 70] }),
  zip([5, 20, 50, 100], [1, 0.1, 0.01, 0.001]),
);
const milestones = ["100ba", "1ep", "0.01dur"].map((each) => ba(each));
check(
  "MultiStep(100ba, 1ep, .01dur)",
  multiStep({ peak, milestones, gamma: 0.5 }),
  zip([50, 500, 5000, 50_000], [1, 0.5, 0.25, 0.125]),
);
check(
  "MultiStep(100ba, 1ep, .01dur), ssr 4",
  ssr(multiStep({ peak, milestones, gamma: 0.5 }), 4),
  zip([200, 2000, 20_000, 200_000], [1, 0.5, 0.25, 0.125]),
);

const line = (startFactor: number, endFactor: number, totalSteps: number) =>
  linear({ base: 1, startFactor, endFactor, totalSteps });
const TENTHS = [100_000, 200_000, 400_000];
check("Linear()", line(1, 0, MILLION), zip(TENTHS, [0.9, 0.8, 0.6]));
check("Linear(0, 2)", line(0, 2, MILLION), zip(TENTHS, [0.2, 0.4, 0.8]));
check("Linear(0, 1, .25dur)", line(0, 1, ba("0.25dur")), zip(TENTHS, [0.4, 0.8, 1]));
check(
  "Linear(0, 1, .25dur), ssr 2",
  ssr(line(0, 1, ba("0.25dur")), 2),
  zip(TENTHS, [0.2, 0.4, 0.8]),
);

const halving = exponential({ peak, gamma: 0.5, decayPeriod: ba("1ep") });
check("Exponential(.5)", halving, zip([1000, 2000, 4000], [0.5, 0.25, 0.0625]));
check("Exponential(.5), ssr 2", ssr(halving, 2), zip([2000, 4000, 8000], [0.5, 0.25, 0.0625]));

check(
  "CosineAnnealing()",
  cosineAnnealing({ peak, totalSteps: MILLION }),
  zip([0, 333_333, 500_000, 666_667, MILLION], [1, 0.75, 0.5, 0.25, 0]),
);
const wave = cosineAnnealing({ peak, totalSteps: ba("30ba"), floor: 0.5 });
const WAVE = [1, 0.875, 0.75, 0.625, 0.5, 0.5];
check("CosineAnnealing(30ba, .5)", wave, zip([0, 10, 15, 20, 30, 50], WAVE));
check("CosineAnnealing(30ba, .5), ssr .2", ssr(wave, 0.2), zip([0, 2, 3, 4, 6, 10], WAVE));

check(
  "WarmRestarts(30ba)",
  warmRestarts({ peak, t0: 30 }),
  zip([0, 10, 15, 20, 30, 40], [1, 0.75, 0.5, 0.25, 1, 0.75]),
);
for (const lengths of ["exact", "whole"] as const) {
  check(
    `WarmRestarts(.003dur, mult 1.5), ${lengths} lengths`,
    warmRestarts({ peak, t0: ba("0.003dur"), tMult: 1.5, lengths }),
    zip([0, 1000, 3000, 4500, 7500, 14_250], [1, 0.75, 1, 0.75, 1, 1]),
  );
}
check(
  "WarmRestarts(30ep, mult 2, .5), ssr .5",
  ssr(warmRestarts({ peak, t0: ba("30ep"), tMult: 2, floor: 0.5 }), 0.5),
  zip([0, 5000, 15_000, 25_000], [1, 0.875, 1, 0.875]),
);

const square = polynomial({ peak, totalSteps: 100, power: 2, floor: 0.5 });
check(
  "Polynomial(2)",
  polynomial({ peak, totalSteps: MILLION, power: 2 }),
  zip([0, 100_000, 200_000, 500_000], [1, 0.81, 0.64, 0.25]),
);
check("Polynomial(2, 100ba, .5)", square, zip([0, 10, 20, 50], [1, 0.905, 0.82, 0.625]));
check(
  "Polynomial(2, 100ba, .5), ssr .5",
  ssr(square, 0.5),
  zip([0, 10, 20, 50], [1, 0.82, 0.68, 0.5]),
);

const drops = (warmupSteps: number, at: readonly number[], gamma: number) =>
  linearWarmup({
    warmupSteps,
    end: 1,
    schedule: multiStep({ peak, milestones: at, gamma }),
    clock: "k",
  });
check(
  "MultiStepWithWarmup(10ba; 20ba, 40ba)",
  drops(10, [20, 40], 0.1),
  zip([0, 5, 15, 25, 45], [0, 0.5, 1, 0.1, 0.01]),
);
const EPOCHS = [0, 5, 15, 1500, 2500];
const epochs = drops(10, [ba("2ep"), ba("4ep")], 0.5);
check("MultiStepWithWarmup, ssr .5", ssr(epochs, 0.5), zip(EPOCHS, [0, 0.5, 1, 0.5, 0.25]));
check(
  "MultiStepWithWarmup, ssr .5, scale_warmup",
  ssr(epochs, 0.5, true),
  zip(EPOCHS, [0, 1, 1, 0.5, 0.25]),
);

const half = ba("500ep");
check(
  "ConstantWithWarmup(500ep)",
  constantWithWarmup({ peak, warmupSteps: half }),
  zip(QUARTERS, [0, 0.5, 1, 1, 1]),
);
check(
  "ConstantWithWarmup(500ep, alpha 3)",
  constantWithWarmup({ peak: 3, warmupSteps: half }),
  zip([0, 250_000, 500_000, 502_000], [0, 1.5, 3, 3]),
);
check(
  "LinearWithWarmup(500ep)",
  linearWithWarmup({ peak, warmupSteps: half, totalSteps: MILLION }),
  zip(QUARTERS, [0, 0.5, 1, 0.5, 0]),
);
check(
  "LinearWithWarmup(500ep, 3 to 2, 1002ep), ssr .5",
  ssr(linearWithWarmup({ peak: 3, floor: 2, warmupSteps: half, totalSteps: ba("1002ep") }), 0.5),
  zip([0, 250_000, 500_000, 500_500, 501_000, 502_000], [0, 1.5, 3, 2.5, 2, 2]),
);
check(
  "LinearWithWarmup(500ba), ssr .5",
  ssr(linearWithWarmup({ peak, warmupSteps: 500, totalSteps: MILLION }), 0.5),
  zip([0, 250, 500, 249_875], [0, 0.5, 1, 0.5]),
);
check(
  "LinearWithWarmup(500ba), ssr .5, scale_warmup",
  ssr(linearWithWarmup({ peak, warmupSteps: 500, totalSteps: MILLION }), 0.5, true),
  zip([0, 125, 250, 249_875], [0, 0.5, 1, 0.5]),
);
const late = { peak, warmupSteps: ba("0.9dur"), totalSteps: MILLION };
check(
  "CosineAnnealingWithWarmup(.9dur)",
  cosineWithWarmup(late),
  zip([0, 450_000, 900_000, 933_333, 950_000, MILLION], [0, 0.5, 1, 0.75, 0.5, 0]),
);
// ssr .01 with a warm-up of ".9dur": a share of the shrunk duration, so the warm-up shrinks as well.
check(
  "CosineAnnealingWithWarmup(.9dur, .5), ssr .01",
  ssr(cosineWithWarmup({ ...late, floor: 0.5 }), 0.01, true),
  zip([0, 4500, 9000, 9333, 9500, 10_000], [0, 0.5, 1, 0.875, 0.75, 0.5]),
);
check(
  "PolynomialWithWarmup(.9dur)",
  polynomialWithWarmup({ ...late, power: 2 }),
  zip([0, 450_000, 900_000, 913_397, 929_289, MILLION], [0, 0.5, 1, 0.75, 0.5, 0]),
);
check(
  "PolynomialWithWarmup(.9dur, .5), ssr .01",
  ssr(polynomialWithWarmup({ ...late, power: 2, floor: 0.5 }), 0.01, true),
  zip([0, 4500, 9000, 9134, 9293, 10_000], [0, 0.5, 1, 0.875, 0.75, 0.5]),
);

test("ConstantScheduler and its end at 1 as a sequence", () => {
  const lr = sequential({ schedules: [3, 1], milestones: [4] });
  assert.equal([0, 3, 4, 9].map(lr), [3, 3, 1, 1]);
});

test("Composer's notation for durations", () => {
  const units = { totalSteps: 100, stepsPerEpoch: 7, samplesPerStep: 4, tokensPerStep: 512 };
  const steps = ["10ba", "3ep", "0.5dur", "1dur", "2.5e-1dur", "9sp", "1024tok"];
  assert.equal(
    steps.map((each) => durationSteps(each, units)),
    [10, 21, 50, 100, 25, 2, 2],
  );
});

test.run();
