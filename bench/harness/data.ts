// What every contender starts from, in every language; bench/native/ has the same formulas.

export const HYPER = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 } as const;

const WEIGHT_PERIOD = 97;
const GRADIENT_PERIOD = 502;

export const weightAt = (i: number) => 0.5 + ((i * 31) % WEIGHT_PERIOD) / WEIGHT_PERIOD;

/**
 * 0.001 to 0.251, of one sign for each element: moments stay away from zero for any number of steps.
 * Subnormal numbers would make every float32 loop several times slower.
 */
export const gradientAt = (i: number) => 0.001 * (1 + ((i * 7919) % 251)) * (i % 2 ? -1 : 1);

/** @param first element of the parameter that the target begins with */
export function fillWeights(target: Float32Array, first = 0): void {
  fillPeriodic(target, WEIGHT_PERIOD, (i) => weightAt(first + i));
}

/** @param first element of the parameter that the target begins with */
export function fillGradients(target: Float32Array, first = 0): void {
  fillPeriodic(target, GRADIENT_PERIOD, (i) => gradientAt(first + i));
}

/** Doubles what is there: 67 million calls of `at` would take longer than the measurement. */
function fillPeriodic(target: Float32Array, period: number, at: (i: number) => number): void {
  const start = Math.min(period, target.length);
  for (let i = 0; i < start; i++) target[i] = at(i);
  for (let filled = start; filled < target.length; filled *= 2)
    target.copyWithin(filled, 0, filled);
}

/** A name for a power of two: 16384 is "16k". */
export function sizeName(length: number): string {
  return length >= 1 << 20 ? `${length / (1 << 20)}M` : `${length / 1024}k`;
}
