import type { Decode } from "./elements.ts";

/** What the values of a tensor are like; all but `nonFinite` is of the finite ones. */
export interface TensorStatistics {
  /** L2 norm, in float64. */
  readonly norm: number;
  /** null where there is no finite value. */
  readonly min: number | null;
  readonly max: number | null;
  /** How many values are NaN or infinite. */
  readonly nonFinite: number;
}

// Squares of numbers beyond these overflow float64 or lose bits, and are summed apart, scaled. No
// float32 is beyond them. Source: Blue 1978, "A Portable Fortran Program to Find the Euclidean Norm".
const LARGE = 1.997919072202235e146; // 2^486
const TO_LARGE = 1.1113793747425387e-162; // 2^-538
const SMALL = 1.4916681462400413e-154; // 2^-511
const TO_SMALL = 4.4989137945431964e161; // 2^537

/** Elements that are decoded and summed at a time. */
const BLOCK = 8_192;
const scratch = new Float64Array(BLOCK);

/** Gathers the statistics of values that come in pieces. */
export class Statistics {
  readonly #decode: Decode;
  readonly #unit: number;
  #sum = 0;
  #largeSum = 0;
  #smallSum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #nonFinite = 0;

  /** @param unit  bytes of an element */
  constructor(decode: Decode, unit: number) {
    this.#decode = decode;
    this.#unit = unit;
  }

  /** Takes the next bytes: whole elements, from a multiple of their size on. */
  add(bytes: Uint8Array): void {
    const step = BLOCK * this.#unit;
    for (let at = 0; at < bytes.length; at += step) {
      const block = bytes.subarray(at, at + step);
      const values = scratch.subarray(0, block.length / this.#unit);
      this.#decode(block, values);
      this.#addValues(values);
    }
  }

  #addValues(values: Float64Array): void {
    let sum = 0;
    let min = this.#min;
    let max = this.#max;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const size = Math.abs(value);
      if (!(size < Number.POSITIVE_INFINITY)) {
        this.#nonFinite++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      if (size > LARGE) this.#largeSum += value * TO_LARGE * (value * TO_LARGE);
      else if (size < SMALL) this.#smallSum += value * TO_SMALL * (value * TO_SMALL);
      else sum += value * value;
    }
    this.#sum += sum;
    this.#min = min;
    this.#max = max;
  }

  result(): TensorStatistics {
    const isEmpty = this.#min > this.#max;
    return {
      norm: this.#norm(),
      // Not -0, which says less than it seems to.
      min: isEmpty ? null : this.#min + 0,
      max: isEmpty ? null : this.#max + 0,
      nonFinite: this.#nonFinite,
    };
  }

  #norm(): number {
    if (this.#largeSum > 0) {
      return Math.sqrt(this.#largeSum + this.#sum * TO_LARGE * TO_LARGE) / TO_LARGE;
    }
    if (this.#sum > 0) return Math.sqrt(this.#sum + this.#smallSum / TO_SMALL / TO_SMALL);
    return Math.sqrt(this.#smallSum) / TO_SMALL;
  }
}
