import { pow } from "../numbers/pow.ts";
import { build, positive, rate, steps } from "./fields.ts";
import {
  checkWarmed,
  type RampOptions,
  rampAt,
  rampField,
  startField,
  warmupField,
} from "./ramp.ts";
import type { Schedule } from "./schedule.ts";

/** What `polynomialWithWarmup` takes. */
export interface PolynomialWithWarmupOptions extends RampOptions {
  /** The rate at the end of the warm-up. */
  readonly peak: number;
  /** Step from which on the rate is `floor`; the warm-up is part of it. */
  readonly totalSteps: number;
  /** 1 in transformers and MindFormers, 2 in Composer: required. */
  readonly power: number;
  /** The rate at the end; 0 by default. transformers' and MindFormers' default is 1e-7. */
  readonly floor?: number;
}

const FIELDS = {
  peak: rate(),
  warmupSteps: warmupField,
  totalSteps: steps(1),
  power: positive(),
  floor: rate(0),
  start: startField,
  ramp: rampField,
};

/**
 * A linear warm-up from `start` to `peak`, then a polynomial decay to `floor`, which stays.
 *
 *   k < W:  start + (peak - start) * k / W
 *   else:   floor + (peak - floor) * (1 - x)^power,   x = min(1, (k - W) / (T - W))
 *
 * Source: transformers get_polynomial_decay_schedule_with_warmup, PaddleNLP PolyDecayWithWarmup,
 * MindFormers PolynomialWithWarmUpLR, Composer PolynomialWithWarmupScheduler.
 */
export function polynomialWithWarmup(options: PolynomialWithWarmupOptions): Schedule {
  const name = "polynomialWithWarmup";
  return build(name, options, FIELDS, (values) => {
    checkWarmed(values, name);
    const { peak, warmupSteps, totalSteps, power, floor, start, ramp } = values;
    const at = (k: number) => {
      if (k < warmupSteps) return rampAt(k, start, peak, warmupSteps, ramp);
      const x = Math.min(1, (k - warmupSteps) / (totalSteps - warmupSteps));
      return floor + (peak - floor) * pow(1 - x, power);
    };
    return { base: peak, at };
  });
}
