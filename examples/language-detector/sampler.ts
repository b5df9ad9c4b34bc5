import { Random } from "../common/random.ts";
import { extractFeatures, type Features } from "./features.ts";
import { labelOf } from "./languages.ts";
import type { Sample } from "./sample.ts";

/** What one training example is: the features of a file, or of a piece of it, and its class. */
export interface Drawn {
  readonly features: Features;
  readonly label: number;
}

/** Where a sampler stands: one made of it draws what it would have drawn next. */
export interface SamplerState {
  /** Indices of the samples, as they are shuffled now. */
  readonly order: readonly number[];
  /** How many of them have been drawn. */
  readonly at: number;
  readonly random: number;
}

const SHORTEST_PIECE = 300;
const LONGEST_EXTRA = 10_000;
const PIECES_IN_TEN = 8;

/**
 * Draws training examples: every file once in a shuffled order, then shuffled again.
 *
 * Eight of ten times a file long enough gives only a piece of itself, from its beginning or from
 * anywhere, so that the model does not learn how these few files begin.
 */
export class Sampler {
  readonly #samples: readonly Sample[];
  readonly #labels: readonly number[];
  #random: Random;
  #order: number[];
  #at: number;

  constructor(samples: readonly Sample[], languages: readonly string[], random: Random) {
    this.#samples = samples;
    this.#labels = samples.map((sample) => labelOf(sample, languages));
    this.#random = random;
    this.#order = samples.map((_, i) => i);
    this.#at = samples.length;
  }

  get state(): SamplerState {
    return { order: [...this.#order], at: this.#at, random: this.#random.state };
  }

  /** @throws RangeError for a state of other samples, before anything changes */
  set state({ order, at, random }: SamplerState) {
    const count = this.#samples.length;
    const sorted = [...order].sort((a, b) => a - b);
    if (order.length !== count || sorted.some((index, i) => index !== i)) {
      throw new RangeError(`"order" of a sampler: expected each of ${count} samples once`);
    }
    if (!Number.isInteger(at) || at < 0 || at > count) {
      throw new RangeError(`"at" of a sampler: expected 0 to ${count}, got ${at}`);
    }
    this.#order = [...order];
    this.#at = at;
    this.#random = new Random(random);
  }

  next(): Drawn {
    const index = this.#draw();
    const sample = this.#samples[index];
    const piece = this.#piece(sample);
    const features = piece === null ? sample.features : extractFeatures(piece);
    return { features, label: this.#labels[index] };
  }

  /** Leaves one out: the next is the one after it. */
  skip(): void {
    this.#piece(this.#samples[this.#draw()]);
  }

  #draw(): number {
    if (this.#at === this.#order.length) {
      this.#random.shuffle(this.#order);
      this.#at = 0;
    }
    return this.#order[this.#at++];
  }

  /** Null for the whole file. */
  #piece({ bytes }: Sample): Uint8Array | null {
    const whole = this.#random.below(10) >= PIECES_IN_TEN;
    if (whole || bytes.length < 1.5 * SHORTEST_PIECE) return null;
    const extra = Math.min(bytes.length - SHORTEST_PIECE, LONGEST_EXTRA);
    const length = SHORTEST_PIECE + this.#random.below(extra);
    const fromStart = this.#random.below(2) === 0;
    const start = fromStart ? 0 : this.#random.below(bytes.length - length + 1);
    return bytes.subarray(start, start + length);
  }
}
