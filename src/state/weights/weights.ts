import type { ParameterData, ParameterSpec } from "../../parameters/named.ts";
import type { Dtype } from "../../parameters/parameter.ts";

/** A tensor of a weight file, as optimizers take parameters. */
export interface WeightTensor extends ParameterSpec {
  /** Its elements: float32, or the bits of 16-bit ones. */
  readonly data: ParameterData;
  /** How the elements of `data` are stored. */
  readonly dtype: Dtype;
}

/** The contents of a weight file. */
export interface Weights {
  /** By name, in the order of the file: `params` of an optimizer. Has no prototype. */
  readonly parameters: Readonly<Record<string, WeightTensor>>;
  /** Tensors that no parameter can hold (integers, booleans, 8-bit floats): names in the file. */
  readonly left: readonly string[];
}

/** What `readWeights` takes beside the source. */
export interface ReadWeightsOptions {
  /** Says by its name in the file whether a tensor is wanted; by default all are. */
  readonly names?: (name: string) => boolean;
  /** Gives a tensor's name as a parameter; by default that in the file. */
  readonly rename?: (name: string) => string;
  /** Whether a tensor that no parameter can hold is an error; by default only if `names` wants it. */
  readonly strict?: boolean;
}
