// What a run of the benchmarks leaves: bench/results/*.json. Plain data; ratios are never stored
// without the rounds that they come from.

/** Whether the state of a step fits into the caches of a common processor. */
export type Place = "cache" | "DRAM";

export const NANOSECONDS = "ns/parameter" as const;
export const MILLISECONDS = "ms" as const;
export const BYTES = "bytes" as const;
export type Unit = typeof NANOSECONDS | typeof MILLISECONDS | typeof BYTES;

export interface Measured {
  readonly name: string;
  /** One figure a round, in the case's unit: the mean of a batch of steps. */
  readonly rounds: readonly number[];
}

export interface NotRun {
  readonly name: string;
  readonly why: string;
}

/** Contenders that ran interleaved: round i of one may be compared with round i of another. */
export interface Case {
  /** Short, unique in its suite: "1M". */
  readonly name: string;
  readonly title: string;
  readonly place: Place;
  /** Parameters of the model that is stepped; 0 where there is none. */
  readonly parameters: number;
  readonly unit: Unit;
  /** The first is what the others are compared with. */
  readonly measured: readonly Measured[];
  readonly notRun: readonly NotRun[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly caches: readonly string[];
  readonly memoryGiB: number;
  readonly system: string;
  /** Processes that wanted to run, averaged over the minute before the run. */
  readonly load: number;
}

export interface SuiteResult {
  readonly suite: string;
  readonly title: string;
  /** ISO 8601 */
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}
