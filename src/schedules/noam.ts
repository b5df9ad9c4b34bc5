import { build, rate, steps, word } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `noam` takes. */
export interface NoamOptions {
  /** Width of the model. */
  readonly dModel: number;
  /** Steps of the warm-up, at least 1. */
  readonly warmupSteps: number;
  /** Multiplies the whole; 1 by default. Paddle's learning_rate. */
  readonly scale?: number;
  /** The n of the formula at step k: "k" (default: Paddle, 0 at step 0) or "k+1" (the paper). */
  readonly counting?: "k" | "k+1";
}

const FIELDS = {
  dModel: steps(1),
  warmupSteps: steps(1),
  scale: rate(1),
  counting: word(["k", "k+1"], "k"),
};

/**
 * scale / sqrt(dModel) * min(1 / sqrt(n), n / W^1.5), 0 for n = 0.
 *
 * The base is the value at its peak, n = W.
 * Source: Vaswani et al. 2017; Paddle NoamDecay.
 */
export function noam(options: NoamOptions): Schedule {
  return build("noam", options, FIELDS, ({ dModel, warmupSteps, scale, counting }) => {
    const base = scale / Math.sqrt(dModel) / Math.sqrt(warmupSteps);
    const first = counting === "k+1" ? 1 : 0;
    const at = (k: number) => {
      const n = k + first;
      return n < warmupSteps ? base * (n / warmupSteps) : base * Math.sqrt(warmupSteps / n);
    };
    return { base, at };
  });
}
