/** How far a save or load has come. */
export interface Progress {
  readonly bytes: number;
  /** Of the whole file. */
  readonly total: number;
}
