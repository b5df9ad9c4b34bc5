import { flag, knownKeys, optionObject } from "../validate.ts";

/** What a single step may be asked for. */
export interface StepOptions {
  /** Measure the step: see Optimizer.metrics. Default false. */
  readonly metrics?: boolean;
}

/** @throws TypeError for an unknown key or a value of the wrong kind */
export function readStepOptions(options: StepOptions): StepOptions {
  const where = "step";
  knownKeys(optionObject(options, "options", where), ["metrics"], where);
  const { metrics = false } = options;
  return { metrics: flag(metrics, "metrics", where) };
}
