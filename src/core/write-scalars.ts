import {
  SEG_BETA1,
  SEG_BETA2,
  SEG_DECAY,
  SEG_EPS_HAT,
  SEG_GRAD_SCALE,
  SEG_ONE_MINUS_BETA1,
  SEG_ONE_MINUS_BETA2,
  SEG_STEP_SIZE,
} from "../../assembly/layout.ts";
import type { StepScalars } from "./step-scalars.ts";

/**
 * Writes the scalars of an update into a segment record, each rounded once to float32.
 *
 * @param record  view of the table
 * @param at      the record's first element in it
 */
export function writeScalars(record: Float32Array, at: number, scalars: StepScalars): void {
  record[at + SEG_GRAD_SCALE / 4] = scalars.gradScale;
  record[at + SEG_BETA1 / 4] = scalars.beta1;
  record[at + SEG_ONE_MINUS_BETA1 / 4] = scalars.oneMinusBeta1;
  record[at + SEG_BETA2 / 4] = scalars.beta2;
  record[at + SEG_ONE_MINUS_BETA2 / 4] = scalars.oneMinusBeta2;
  record[at + SEG_DECAY / 4] = scalars.decay;
  record[at + SEG_STEP_SIZE / 4] = scalars.stepSize;
  record[at + SEG_EPS_HAT / 4] = scalars.epsHat;
}
