import { exp } from "ashlar/numbers";
import type { Random } from "../common/random.ts";

const WINDOW = 5;
const NEGATIVES = 5;
const EPOCHS = 5;
const FIRST_RATE = 0.05;
/** Words of a larger share of the text than this are skipped more and more often. */
const COMMON = 1e-3;
/** Beyond it the logistic function is as good as 0 or 1. */
const LIMIT = 6;
const CELLS = 1024;

/** The logistic function at the middles of equal cells. */
const LOGISTIC = Float32Array.from({ length: CELLS }, (_, i) => {
  return 1 / (1 + exp(-(((i + 0.5) / CELLS) * 2 - 1) * LIMIT));
});

function logistic(x: number): number {
  if (x >= LIMIT) return 1;
  return x <= -LIMIT ? 0 : LOGISTIC[Math.floor(((x / LIMIT + 1) / 2) * CELLS)];
}

/**
 * Vectors that tell which words stand near each other: word2vec's skip-gram with negative sampling
 * (Mikolov et al. 2013), row by row. Pre-training starts from them, as a transformer this small
 * takes very long to find out as much.
 */
export function wordVectors(
  texts: readonly (readonly number[])[],
  count: number,
  width: number,
  random: Random,
): Float32Array {
  const vectors = Float32Array.from(
    { length: count * width },
    () => (random.uniform() - 0.5) / width,
  );
  const contexts = new Float32Array(count * width);
  const all = texts.flat();
  const shares = new Float64Array(count);
  for (const id of all) shares[id] += 1 / all.length;
  const kept = shares.map((share) => Math.sqrt(COMMON / share));
  const move = new Float32Array(width);

  /** One word and one neighbour, real (1) or drawn at random (0). */
  const learn = (word: number, context: number, label: number, rate: number) => {
    let product = 0;
    for (let k = 0; k < width; k++) product += vectors[word + k] * contexts[context + k];
    const step = rate * (label - logistic(product));
    for (let k = 0; k < width; k++) {
      move[k] += step * contexts[context + k];
      contexts[context + k] += step * vectors[word + k];
    }
  };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = FIRST_RATE * (1 - epoch / EPOCHS);
    for (const text of texts) {
      const words = text.filter((id) => random.uniform() < kept[id]);
      words.forEach((word, place) => {
        const reach = 1 + random.below(WINDOW);
        for (let near = Math.max(0, place - reach); near <= place + reach; near++) {
          if (near === place || near >= words.length) continue;
          move.fill(0);
          learn(word * width, words[near] * width, 1, rate);
          for (let n = 0; n < NEGATIVES; n++) {
            // Words as often as they occur.
            learn(word * width, all[Math.floor(random.uniform() * all.length)] * width, 0, rate);
          }
          for (let k = 0; k < width; k++) vectors[word * width + k] += move[k];
        }
      });
    }
  }
  return vectors;
}
