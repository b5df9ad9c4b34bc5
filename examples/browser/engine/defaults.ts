/** The run of `npm start`. */
export const DEFAULTS = {
  steps: 320,
  seed: 1,
  layerDecay: 0.8,
  /** Held-out files are looked at so often, in steps. */
  evaluateEvery: 10,
  /** SHA-256 of its weights at the end, in every engine. */
  expectedDigest: "4fe64aee35179680a61b67d38a493de64995f10e1f76163d8e056336d89acf27",
} as const;

/** Learning, but for the new classes, always has these settings. */
export const FIXED = { layerDecay: DEFAULTS.layerDecay, precision: "float32" } as const;
