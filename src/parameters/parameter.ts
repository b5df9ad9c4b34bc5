/** How a 16-bit or 32-bit value is stored. */
export type Dtype = "float32" | "float16" | "bfloat16";

/** What rules (decay filters, lr scales, layer rules) get to see of a parameter. */
export interface ParameterInfo {
  /** The parameter's name, which the optimizer knows it by. */
  readonly name: string;
  /** Lengths of its dimensions; [] for a scalar. */
  readonly shape: readonly number[];
  /** Number of elements, the product of `shape`; 1 for a scalar (shape []). */
  readonly length: number;
  /** Name of its param group. */
  readonly group: string;
}

/** Says whether weight decay applies to a parameter. It gates the decay, never the update. */
export type DecayFilter = (parameter: ParameterInfo) => boolean;

/** Gives the factor that multiplies a parameter's learning rate: finite and >= 0. */
export type LrScaleFunction = (parameter: ParameterInfo) => number;
