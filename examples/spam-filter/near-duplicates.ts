import { hash } from "./hash.ts";

const SHINGLE = 3;
const BANDS = 6;
const ROWS = 2;

/**
 * Of every cluster of near-identical texts, the index of the first.
 *
 * MinHash (Broder 1997): two texts agree in one smallest hash of their runs of three words with the
 * probability that a run of either is in both; here texts are near-identical if both rows of a band
 * agree, in one of six bands: with the half of all runs in common four times out of five.
 */
export function withoutNearDuplicates(texts: readonly (readonly string[])[]): number[] {
  const leaders = new Leaders(texts.length);
  const firstWith = new Map<string, number>();
  texts.forEach((words, index) => {
    const smallest = signature(words);
    for (let band = 0; band < BANDS; band++) {
      const key = `${band}:${smallest.slice(band * ROWS, (band + 1) * ROWS).join()}`;
      const other = firstWith.get(key);
      if (other === undefined) firstWith.set(key, index);
      else leaders.join(other, index);
    }
  });
  return texts.flatMap((_, index) => (leaders.of(index) === index ? [index] : []));
}

/** For each of the hash functions, the smallest hash of the runs of words. */
function signature(words: readonly string[]): number[] {
  const runs = Math.max(1, words.length - SHINGLE + 1);
  const shingles = Array.from({ length: runs }, (_, i) => words.slice(i, i + SHINGLE).join(" "));
  return Array.from({ length: BANDS * ROWS }, (_, seed) =>
    shingles.reduce((least, shingle) => Math.min(least, hash(shingle, seed + 1)), 0xffffffff),
  );
}

/** Disjoint sets; a set's leader is its smallest member. */
class Leaders {
  readonly #parents: number[];

  constructor(count: number) {
    this.#parents = Array.from({ length: count }, (_, index) => index);
  }

  of(index: number): number {
    let leader = index;
    while (this.#parents[leader] !== leader) leader = this.#parents[leader];
    this.#parents[index] = leader;
    return leader;
  }

  join(a: number, b: number): void {
    const [low, high] = [this.of(a), this.of(b)].sort((x, y) => x - y);
    this.#parents[high] = low;
  }
}
