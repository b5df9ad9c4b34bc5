/**
 * A seeded generator in 32-bit integers, the same in every engine.
 *
 * A counter with the golden ratio's increment (Weyl), scrambled by the 32-bit mixer with
 * multipliers 0x21f0aaad and 0x735a2d97 (found by C. Wellons' and M. Ettinger's hash-prospector).
 */
export class Random {
  #state: number;

  /** @param seed a whole number from 0 to 2^32-1 */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number from 0 to 1, 1 excluded. */
  uniform(): number {
    return this.#next() / 4_294_967_296;
  }

  /** A generator of this seed goes on from here. */
  get state(): number {
    return this.#state >>> 0;
  }

  /** A whole number from 0 to bound-1. @param bound at most 2^20: the bias stays below 2^-12 */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }

  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }
}
