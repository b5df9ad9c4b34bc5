import { PAD } from "./vocabulary.ts";

/** Token sequences side by side, all of the length of the longest. */
export interface Batch {
  readonly count: number;
  readonly length: number;
  /** Token ids, sequence after sequence, padded at the end. */
  readonly ids: Int32Array;
}

export function toBatch(sequences: readonly (readonly number[])[]): Batch {
  const count = sequences.length;
  const length = Math.max(...sequences.map((tokens) => tokens.length));
  const ids = new Int32Array(count * length).fill(PAD);
  sequences.forEach((tokens, i) => {
    ids.set(tokens, i * length);
  });
  return { count, length, ids };
}

/** Positions in their sequences. */
export function positions({ count, length }: Batch): Int32Array {
  return Int32Array.from({ length: count * length }, (_, i) => i % length);
}
