/**
 * The scalars of one update of one parameter: all that tells one member of the AdamW family from
 * another. float64 here; each is rounded once to float32 where it enters the segment table.
 */
export interface StepScalars {
  gradScale: number;
  beta1: number;
  oneMinusBeta1: number;
  beta2: number;
  oneMinusBeta2: number;
  /** Share of the weight taken away. */
  decay: number;
  /** Multiplies m. */
  stepSize: number;
  /** Added to sqrt(v). */
  epsHat: number;
}
