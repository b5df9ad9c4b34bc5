/** How far a save or load has come. */
export interface Progress {
  /** Bytes written or read so far. */
  readonly bytes: number;
  /** Of the whole file. */
  readonly total: number;
}
