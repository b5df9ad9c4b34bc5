/** As many as the language detector of the example has. */
export const MODEL_PARAMETERS = 690_000;

/** Milliseconds, of one process. */
export interface Startup {
  readonly import: number;
  readonly compile: number;
  readonly create: number;
  readonly firstStep: number;
  readonly secondStep: number;
  readonly hundredthStep: number;
}
