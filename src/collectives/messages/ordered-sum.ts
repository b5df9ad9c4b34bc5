import { memoryGone } from "./memory-gone.ts";

type Floats = Float32Array | Float64Array;

/**
 * Sums what the ranks give in the order of the ranks, ((g0 + g1) + g2) + ..., each sum rounded once,
 * whenever it arrives: what comes before its turn is kept until then.
 */
export class OrderedSum {
  readonly #rank: number;
  readonly #own: Floats;
  readonly #into: Floats;
  readonly #length: number;
  /** What has come of each rank and is not added yet. */
  readonly #waiting: Uint8Array[][];
  /** Whose turn it is, and how many of its values are added. */
  #turn = 0;
  #added = 0;

  /** @param into takes the sums, as many as own has; apart from it */
  constructor(rank: number, size: number, own: Floats, into: Floats) {
    this.#rank = rank;
    this.#own = own;
    this.#into = into;
    this.#length = into.length;
    this.#waiting = Array.from({ length: size }, () => []);
    this.#advance();
  }

  /** Takes bytes of a rank; they come in order, and in whole values. */
  take(from: number, bytes: Uint8Array): void {
    this.#waiting[from].push(bytes);
    this.#advance();
  }

  #advance(): void {
    while (this.#turn < this.#waiting.length) {
      if (this.#turn === this.#rank) this.#addOwn();
      for (const bytes of this.#waiting[this.#turn]) this.#add(this.#valuesIn(bytes));
      this.#waiting[this.#turn] = [];
      if (this.#added < this.#length) return;
      this.#turn++;
      this.#added = 0;
    }
  }

  #addOwn(): void {
    if (this.#own.length !== this.#length) throw memoryGone();
    this.#add(this.#own);
  }

  #add(values: Floats): void {
    if (this.#into.length !== this.#length) throw memoryGone();
    const target = this.#into.subarray(this.#added, this.#added + values.length);
    // The first is copied: added to zeros, -0 would become +0.
    if (this.#turn === 0) target.set(values);
    else addTo(target, values);
    this.#added += values.length;
  }

  /** Where they lie, unless an engine delivers them at an address that no float can have. */
  #valuesIn(bytes: Uint8Array): Floats {
    const { BYTES_PER_ELEMENT: width } = this.#into;
    const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
    const length = bytes.length / width;
    if (width === 4) return new Float32Array(buffer, byteOffset, length);
    return new Float64Array(buffer, byteOffset, length);
  }
}

function addTo(target: Floats, values: Floats): void {
  if (target instanceof Float32Array) addFloat32(target, values as Float32Array);
  else addFloat64(target, values as Float64Array);
}

// A loop for each kind: one for both is five times as slow in V8 once it has seen both.

function addFloat32(target: Float32Array, values: Float32Array): void {
  const { length } = target;
  // Rounded once: the sum of two is exact enough in float64.
  for (let i = 0; i < length; i++) target[i] = Math.fround(target[i] + values[i]);
}

function addFloat64(target: Float64Array, values: Float64Array): void {
  const { length } = target;
  for (let i = 0; i < length; i++) target[i] += values[i];
}
