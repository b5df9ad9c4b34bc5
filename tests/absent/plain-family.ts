import type { StepScalars } from "../../src/core/step-scalars.ts";
import { type ReferenceState, referenceStep } from "../reference/adamw.ts";
import { addSquares } from "../reference/plain-gradients.ts";
import { power } from "../reference/plain-step.ts";

// Every member of the family in plain loops: docs/semantics.md, "The named optimizers".

export const LR = 0.01;
export const EPS = 1e-8;
export const BETAS = [0.9, 0.999] as const;
/** The rate of step k, which changes in each. */
export const rateAt = (k: number) => LR / (1 + k);

/** The clip coefficients of the originals, by a norm and the largest that is allowed. */
const COEFFICIENTS = {
  torch: (norm: number, max: number) => Math.min(1, max / (norm + 1e-6)),
  paddle: (norm: number, max: number) => max / Math.max(norm, max),
  mindformers: (norm: number, max: number) => max / (Math.max(norm, max) + 1e-6),
};

type Shares = Pick<StepScalars, "decay" | "stepSize" | "epsHat">;

/** What is a member's own. */
export interface Rule {
  readonly weightDecay: number;
  readonly formula: keyof typeof COEFFICIENTS;
  /** Whether one count of steps is that of all parameters. */
  readonly counts: "each" | "all";
  /** Changes what plain AdamW would use. */
  readonly shares?: (plain: Shares, lr: number, weightDecay: number) => Shares;
}

export interface PlainOne extends ReferenceState {
  readonly name: string;
  t: number;
}

export class PlainFamily {
  readonly parameters: readonly PlainOne[];
  readonly #rule: Rule;
  readonly #max: number | null;
  steps = 0;

  /** @param max of a clip by the global norm; null without */
  constructor(
    parameters: readonly {
      readonly name: string;
      readonly data: Float32Array;
      readonly amsgrad: boolean;
    }[],
    rule: Rule,
    max: number | null,
  ) {
    this.#rule = rule;
    this.#max = max;
    this.parameters = parameters.map(({ name, data, amsgrad }) => {
      const zeros = () => new Float32Array(data.length);
      const moments = { g: zeros(), m: zeros(), v: zeros(), ...(amsgrad && { vmax: zeros() }) };
      return { name, p: data.slice(), ...moments, t: 0 };
    });
  }

  /** Moves those that have a gradient. */
  step(gradients: ReadonlyMap<string, Float32Array>): void {
    const gradScale = this.#coefficient(gradients);
    const k = this.steps++;
    for (const one of this.parameters) {
      const gradient = gradients.get(one.name);
      if (this.#rule.counts === "all") one.t = k + 1;
      if (!gradient) continue;
      if (this.#rule.counts === "each") one.t++;
      one.g.set(gradient);
      const scalars = this.#scalars(rateAt(k), one.t, gradScale);
      const amsgrad = one.vmax !== undefined;
      referenceStep(one, scalars, { amsgrad, flush: one.t % 64 === 0 });
    }
  }

  #coefficient(gradients: ReadonlyMap<string, Float32Array>): number {
    if (this.#max === null) return 1;
    const sorted = [...gradients].sort(([a], [b]) => (a < b ? -1 : 1));
    const squares = sorted.reduce((sum, [, gradient]) => addSquares(gradient, sum), 0);
    return COEFFICIENTS[this.#rule.formula](Math.sqrt(squares), this.#max);
  }

  #scalars(lr: number, t: number, gradScale: number): StepScalars {
    const { weightDecay, shares } = this.#rule;
    const [beta1, beta2] = BETAS;
    const root = Math.sqrt(1 - power(beta2, t));
    const plain = {
      decay: lr * weightDecay,
      stepSize: (lr * root) / (1 - power(beta1, t)),
      epsHat: EPS * root,
    };
    const own = shares?.(plain, lr, weightDecay) ?? plain;
    return { gradScale, beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2, ...own };
  }
}
