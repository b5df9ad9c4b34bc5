/**
 * Learning rates and weight decays as functions of the step k, counted from 0. Each is pure, frozen
 * and plain data at once; docs/schedules.md shows all of them. The public subpath
 * `ashlar/schedules`.
 *
 * @module
 */
export {
  type AnnealingWithWarmupDecayOptions,
  annealingWithWarmupDecay,
} from "./annealing-with-warmup-decay.ts";
export { type ChainedOptions, chained } from "./chained.ts";
export { type ConstantOptions, constant } from "./constant.ts";
export { type ConstantFactorOptions, constantFactor } from "./constant-factor.ts";
export {
  type ConstantWithCoolDownOptions,
  constantWithCoolDown,
} from "./constant-with-cool-down.ts";
export { type ConstantWithWarmupOptions, constantWithWarmup } from "./constant-with-warmup.ts";
export { type CosineAnnealingOptions, cosineAnnealing, type PastWave } from "./cosine-annealing.ts";
export {
  type CosineWithHardRestartsOptions,
  cosineWithHardRestarts,
} from "./cosine-with-hard-restarts.ts";
export { type CosineWithWarmupOptions, cosineWithWarmup } from "./cosine-with-warmup.ts";
export { type CyclicOptions, cyclic } from "./cyclic.ts";
export { describeSchedule, type SchedulePoint } from "./describe-schedule.ts";
export { type DurationUnits, durationSteps } from "./duration-steps.ts";
export { type ExponentialOptions, exponential } from "./exponential.ts";
export { scheduleFromData } from "./from-data.ts";
export { type GreedyOptions, type GreedyState, greedy } from "./greedy.ts";
export { type InverseSqrtOptions, inverseSqrt } from "./inverse-sqrt.ts";
export { type InverseTimeOptions, inverseTime } from "./inverse-time.ts";
export { type LambdaOptions, lambda } from "./lambda.ts";
export { type LinearOptions, linear } from "./linear.ts";
export { type LinearWarmupOptions, linearWarmup } from "./linear-warmup.ts";
export { type LinearWithWarmupOptions, linearWithWarmup } from "./linear-with-warmup.ts";
export type { MetricMode, MetricSchedule, ThresholdMode } from "./metric.ts";
export { type MultiStepOptions, multiStep } from "./multi-step.ts";
export { type MultiplicativeOptions, multiplicative } from "./multiplicative.ts";
export { type NaturalExpOptions, naturalExp } from "./natural-exp.ts";
export type { Nested } from "./nested.ts";
export { type NoamOptions, noam } from "./noam.ts";
export { type OneCycleOptions, oneCycle } from "./one-cycle.ts";
export type { PastEnd } from "./past-end.ts";
export { type PiecewiseConstantOptions, piecewiseConstant } from "./piecewise-constant.ts";
export { type PiecewiseInterpolateOptions, piecewiseInterpolate } from "./piecewise-interpolate.ts";
export { type PolynomialOptions, polynomial } from "./polynomial.ts";
export {
  type PolynomialWithWarmupOptions,
  polynomialWithWarmup,
} from "./polynomial-with-warmup.ts";
export type { Ramp, RampOptions } from "./ramp.ts";
export {
  type PlateauState,
  type ReduceOnPlateauOptions,
  reduceOnPlateau,
} from "./reduce-on-plateau.ts";
export { type ScaleScheduleOptions, scaleSchedule } from "./scale-schedule.ts";
export { type ScaledOptions, scaled } from "./scaled.ts";
export type { Schedule, ScheduleData, ScheduleFunction, ScheduleOption } from "./schedule.ts";
export { type SequentialOptions, sequential } from "./sequential.ts";
export type { Between } from "./shapes.ts";
export { type StepDecayOptions, stepDecay } from "./step-decay.ts";
export { type TanhDecayOptions, tanhDecay } from "./tanh-decay.ts";
export { type TriStageOptions, triStage } from "./tri-stage.ts";
export { type VectorOptions, vector } from "./vector.ts";
export { type WarmRestartsOptions, warmRestarts } from "./warm-restarts.ts";
export { type WarmupStableDecayOptions, warmupStableDecay } from "./warmup-stable-decay.ts";
