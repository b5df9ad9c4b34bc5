export { ready } from "./core/kernel.ts";
export { AshlarError, type AshlarErrorCode } from "./errors.ts";
export { AdamW } from "./optimizers/adamw.ts";
export type { CopyTargets } from "./optimizers/copy-weights.ts";
export type { DescribedGroup, DescribedParameter, Description } from "./optimizers/describe.ts";
export type { NamedGradients } from "./optimizers/gradient-input.ts";
export type {
  AdamWGroup,
  AdamWGroupOptions,
  AdamWOptions,
  NonFinitePolicy,
} from "./optimizers/options.ts";
export type { ParamGroup } from "./optimizers/param-group.ts";
export type { ParameterPart, ParameterView } from "./optimizers/parameter-view.ts";
export type { BadGradient, Overflow, StepReport } from "./optimizers/step-report.ts";
export type { DecayConvention } from "./parameters/conventions.ts";
export { noDecayOn, noDecayOnBiasAndNorm } from "./parameters/decay-filter.ts";
export {
  families,
  type LayerFamily,
  type LayerLocation,
  type LayerOf,
  type LayerPlace,
} from "./parameters/families.ts";
export {
  type LayerDecay,
  type LayerDecayOptions,
  type LayerDecaySettings,
  type LayerDecayTable,
  layerDecay,
} from "./parameters/layer-decay.ts";
export type { NamedParameters, ParameterData, ParameterSpec } from "./parameters/named.ts";
export type {
  DecayFilter,
  Dtype,
  LrScaleFunction,
  ParameterInfo,
} from "./parameters/parameter.ts";
export { type CosineWithWarmupOptions, cosineWithWarmup } from "./schedules/cosine-with-warmup.ts";
export type { Schedule, ScheduleData, ScheduleFunction } from "./schedules/schedule.ts";
