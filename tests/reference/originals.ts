// The formulas of the three originals, written from their code and documentation and independent of
// src/: each as it is printed, in float64 and in float32. `round` is what tells the two apart: the
// identity, or Math.fround after every operation on a vector's element. Scalars are computed in
// float64 and rounded once, which is kinder to the float32 evaluation than the originals' own code.

/** One parameter with its moments, and how many updates it had. */
export interface OriginalState {
  readonly p: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
  t: number;
}

/** What one update of one parameter depends on. */
export interface OriginalRates {
  /** Scheduled rate of this step. */
  readonly lr: number;
  /** The layer's ratio; 1 where an original has none. */
  readonly ratio: number;
  /** Composer's initial_lr. */
  readonly initialLr: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

export type Round = (x: number) => number;

/** The new weight, from the old one and the new moments. */
type Weight = (p: number, m: number, v: number) => number;

/** Prepares the scalars of update t, then gives the formula for one weight. */
export type OriginalFormula = (rates: OriginalRates, t: number, round: Round) => Weight;

export const exactly: Round = (x) => x;
export const inFloat32: Round = Math.fround;

export function originalState(weights: ArrayLike<number>): OriginalState {
  const zeros = () => new Float64Array(weights.length);
  return { p: Float64Array.from(weights), m: zeros(), v: zeros(), t: 0 };
}

/** One update of one parameter by a formula. All of them have the same moments. */
export function originalStep(
  state: OriginalState,
  g: ArrayLike<number>,
  rates: OriginalRates,
  formula: OriginalFormula,
  round: Round,
): void {
  const { p, m, v } = state;
  state.t++;
  const [b1, b2] = [round(rates.beta1), round(rates.beta2)];
  const [c1, c2] = [round(1 - rates.beta1), round(1 - rates.beta2)];
  const weight = formula(rates, state.t, round);
  for (let i = 0; i < p.length; i++) {
    m[i] = round(round(b1 * m[i]) + round(c1 * g[i]));
    v[i] = round(round(b2 * v[i]) + round(round(c2 * g[i]) * g[i]));
    p[i] = weight(p[i], m[i], v[i]);
  }
}

/**
 * paddle's adamw kernel for GPUs, and the way of torch: decay first, then the corrected step.
 *   p *= 1 - lr*wd;  p -= (m / (sqrt(v) / sqrt(1 - b2^t) + eps)) * (lr / (1 - b1^t))
 */
function decayedThenStepped(
  decay: readonly number[],
  lr: number,
  { beta1, beta2, eps }: OriginalRates,
  t: number,
  r: Round,
): Weight {
  const factors = decay.map((share) => r(1 - share));
  const root2 = r(Math.sqrt(1 - beta2 ** t));
  const size = r(lr / (1 - beta1 ** t));
  const epsilon = r(eps);
  return (p, m, v) => {
    let weight = p;
    for (const factor of factors) weight = r(weight * factor);
    const denominator = r(r(r(Math.sqrt(v)) / root2) + epsilon);
    return r(weight - r(r(m / denominator) * size));
  };
}

/** AdamWDL as meant: one decay, with the layer's rate. */
export const adamWDLIntended: OriginalFormula = (rates, t, round) => {
  const lr = rates.lr * rates.ratio;
  return decayedThenStepped([lr * rates.weightDecay], lr, rates, t, round);
};

/** AdamWDL as it runs: its own decay with the full rate, then the operator's with the layer's. */
export const adamWDLExecuted: OriginalFormula = (rates, t, round) => {
  const lr = rates.lr * rates.ratio;
  const decays = [rates.lr * rates.weightDecay, lr * rates.weightDecay];
  return decayedThenStepped(decays, lr, rates, t, round);
};

/**
 * Paddle's documentation of AdamW:
 *   learning_rate *= sqrt(1 - b2^t) / (1 - b1^t)
 *   param -= learning_rate * (moment_1 / (sqrt(moment_2) + epsilon) + lambda * param)
 */
export const adamWDLDocumented: OriginalFormula = (rates, t, r) => {
  const { lr, ratio, beta1, beta2 } = rates;
  const size = r((lr * ratio * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t));
  const [epsilon, lambda] = [r(rates.eps), r(rates.weightDecay)];
  return (p, m, v) => {
    const adam = r(m / r(r(Math.sqrt(v)) + epsilon));
    return r(p - r(size * r(adam + r(lambda * p))));
  };
};

/** MindFormers' BasicAdamW: p *= 1 - lr*wd;  p -= (m / (sqrt(v / bc2) + eps)) * (lr / bc1). */
export const mindFormersExecuted: OriginalFormula = (rates, t, r) => {
  const { lr, weightDecay, beta1, beta2 } = rates;
  const factor = r(1 - lr * weightDecay);
  const correction2 = r(1 - beta2 ** t);
  const size = r(lr / (1 - beta1 ** t));
  const epsilon = r(rates.eps);
  return (p, m, v) => {
    const denominator = r(r(Math.sqrt(r(v / correction2))) + epsilon);
    return r(r(p * factor) - r(r(m / denominator) * size));
  };
};

/**
 * MindFormers' documentation until the end of 2024, mindspore.nn.AdamWeightDecay's formula:
 *   update = m / (sqrt(v) + eps) + weight_decay * w;  w -= lr * update
 */
export const mindFormersDocumented: OriginalFormula = (rates, _t, r) => {
  const [size, epsilon, lambda] = [r(rates.lr), r(rates.eps), r(rates.weightDecay)];
  return (p, m, v) => {
    const update = r(r(m / r(r(Math.sqrt(v)) + epsilon)) + r(lambda * p));
    return r(p - r(size * update));
  };
};

/** Composer's code: p *= 1 - (lr / initial_lr) * wd, then the step of torch. */
export const decoupledExecuted: OriginalFormula = (rates, t, round) => {
  const { lr, initialLr, weightDecay } = rates;
  const factor = initialLr === 0 ? 1 : lr / initialLr;
  return decayedThenStepped([factor * weightDecay], lr, rates, t, round);
};

/**
 * The paper that Composer's documentation refers to (Loshchilov & Hutter 2019, algorithm 2), with
 * eta = lr / initial_lr and alpha = initial_lr:
 *   theta -= eta * (alpha * m_hat / (sqrt(v_hat) + eps) + lambda * theta)
 */
export const decoupledDocumented: OriginalFormula = (rates, t, r) => {
  const { lr, initialLr, beta1, beta2 } = rates;
  const [eta, alpha] = [r(lr / initialLr), r(initialLr)];
  const [correction1, correction2] = [r(1 - beta1 ** t), r(1 - beta2 ** t)];
  const [epsilon, lambda] = [r(rates.eps), r(rates.weightDecay)];
  return (p, m, v) => {
    const mean = r(m / correction1);
    const root = r(Math.sqrt(r(v / correction2)));
    const adam = r(r(alpha * mean) / r(root + epsilon));
    return r(p - r(eta * r(adam + r(lambda * p))));
  };
};
