/**
 * Optimizers of the AdamW family over named parameters: README.md, docs/semantics.md. The package
 * itself, `ashlar`.
 *
 * @module
 */
export {
  type CoreInfo,
  coreInfo,
  type ReadyOptions,
  ready,
} from "./core/kernel.ts";
export type { KernelName } from "./core/kernel-choice.ts";
export { AshlarError, type AshlarErrorCode, OutOfMemoryError } from "./errors.ts";
export {
  type AdaptiveConvention,
  type Clip,
  type ClipAdaptive,
  type ClipByGlobalNorm,
  type ClipByNorm,
  type ClipByValue,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  type GlobalNormFormula,
} from "./gradients/clip.ts";
export type { Float16Bits, HalfGradient } from "./gradients/half-input.ts";
export {
  dynamicLossScale,
  type LossScale,
  type LossScaleState,
  staticLossScale,
} from "./gradients/loss-scale.ts";
export type {
  DynamicLossScaleOptions,
  DynamicLossScaleSettings,
  StaticLossScaleSettings,
} from "./gradients/loss-scale-options.ts";
export type { SparseRows } from "./gradients/sparse-rows.ts";
export type { GeneratorData } from "./ledger/format.ts";
export type { LedgerTarget } from "./ledger/ledger-target.ts";
export { LedgerText } from "./ledger/ledger-text.ts";
export type { RunLedgerOptions } from "./ledger/options.ts";
export { RunLedger } from "./ledger/run-ledger.ts";
export {
  type SeededGradients,
  type SeededGradientsOptions,
  seededGradients,
} from "./ledger/seeded-gradients.ts";
export { AdamW, type AdamWLoadOptions } from "./optimizers/adamw.ts";
export { AdamWDL, type AdamWDLLoadOptions } from "./optimizers/adamw-dl.ts";
export {
  type AdamWDLParameter,
  layerwiseLrDecay,
  type NameDict,
  type SetParamLrFunction,
} from "./optimizers/adamw-dl-layers.ts";
export type { AdamWDLOptions, OneNumber } from "./optimizers/adamw-dl-options.ts";
export type { AdamWDLParameterSpec, AdamWDLParameters } from "./optimizers/adamw-dl-parameters.ts";
export type { Difference, LoadOptions, LoadReport } from "./optimizers/checkpoint/load-options.ts";
export type { OptionData } from "./optimizers/checkpoint/option-data.ts";
export type { SaveOptions } from "./optimizers/checkpoint/save.ts";
export type { CopyTargets } from "./optimizers/copy-targets.ts";
export { DecoupledAdamW, type DecoupledAdamWLoadOptions } from "./optimizers/decoupled-adamw.ts";
export type { AllReduce, Metrics } from "./optimizers/decoupled-adamw-metrics.ts";
export type {
  DecoupledAdamWGroup,
  DecoupledAdamWOptions,
} from "./optimizers/decoupled-adamw-options.ts";
export type { DescribedGroup, DescribedParameter, Description } from "./optimizers/describe.ts";
export {
  adamw,
  type DecoupledFunctionalOptions,
  type FunctionalOptions,
} from "./optimizers/functional.ts";
export type { Gradient, NamedGradients } from "./optimizers/gradient-input.ts";
export type { GroupGradientRun, GroupGradients } from "./optimizers/group-gradients.ts";
export {
  type GradientList,
  MindFormersAdamW,
  type MindFormersAdamWLoadOptions,
  type MindFormersParameters,
  type MindFormersReport,
} from "./optimizers/mindformers-adamw.ts";
export type { MindFormersGroup, MindFormersOrder } from "./optimizers/mindformers-adamw-groups.ts";
export type { MindFormersAdamWOptions } from "./optimizers/mindformers-adamw-options.ts";
export type { Optimizer } from "./optimizers/optimizer.ts";
export type {
  AdamWGroup,
  AdamWGroupOptions,
  AdamWOptions,
  NonFinitePolicy,
} from "./optimizers/options.ts";
export type { ParamGroup } from "./optimizers/param-group.ts";
export type {
  Float16ArrayLike,
  ParameterPart,
  ParameterView,
} from "./optimizers/parameter-view.ts";
export type { PrecisionOptions } from "./optimizers/precision-options.ts";
export type { Arithmetic } from "./optimizers/scalars-arithmetic.ts";
export type { NewWeights } from "./optimizers/set-weights.ts";
export type { StepOptions } from "./optimizers/step-options.ts";
export type { BadGradient, Overflow, StepReport } from "./optimizers/step-report.ts";
export { WeightAverage } from "./optimizers/weight-average.ts";
export type {
  AverageAlgorithm,
  WeightAverageOptions,
} from "./optimizers/weight-average-options.ts";
export type { WeightAverageState } from "./optimizers/weight-average-state.ts";
export type { DecayConvention } from "./parameters/conventions.ts";
export { noDecayOn, noDecayOnBiasAndNorm } from "./parameters/decay-filter.ts";
export type { BlockCounts } from "./parameters/families/blocks.ts";
export type { FamilyRow, LayerPart } from "./parameters/families/family.ts";
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
export type { Rate } from "./schedules/rate.ts";
export type { Schedule, ScheduleData, Scheduled, ScheduleFunction } from "./schedules/schedule.ts";
export { CheckpointError, type CheckpointReason } from "./state/checkpoint-error.ts";
export type { FileHandle, SyncFile, WritableFile } from "./state/files/file-handle.ts";
export type { IndexedDBFile } from "./state/files/indexed-db.ts";
export { type IndexedDBFileOptions, indexedDBFile } from "./state/files/indexed-db-file.ts";
export type { Progress } from "./state/progress.ts";
export type { LoadSource } from "./state/sources/open-source.ts";
export type { SaveTarget } from "./state/targets/open-target.ts";
export { readWeights } from "./state/weights/read-weights.ts";
export type { ReadWeightsOptions, Weights, WeightTensor } from "./state/weights/weights.ts";
