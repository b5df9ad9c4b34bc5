import { realistic } from "./patterns.ts";
import { PlainOptimizer, type PlainOptions } from "./plain-optimizer.ts";
import { type HalfName, narrowed, valueOfHalf } from "./round-half.ts";

/** A parameter given in 16 bits: realistic values, rounded. */
export function halfParameter(length: number, seed: number, dtype: HalfName) {
  return { shape: [length], data: narrowed(realistic(length, seed), dtype).halves, dtype };
}

/** The float32 values that 16 bits stand for. */
export function widened(halves: Uint16Array, dtype: HalfName): Float32Array {
  return Float32Array.from(halves, (half) => valueOfHalf(half, dtype));
}

/** Plain loops over 16-bit weights: with float32 masters, or rounded to 16 bits in every step. */
export class PlainHalfOptimizer {
  readonly #plain = new PlainOptimizer();
  readonly #dtype: HalfName;
  readonly #masters: boolean;

  constructor(dtype: HalfName, masters: boolean) {
    this.#dtype = dtype;
    this.#masters = masters;
  }

  add(name: string, halves: Uint16Array, options: Partial<PlainOptions> = {}): this {
    this.#plain.add(name, widened(halves, this.#dtype), options);
    return this;
  }

  step(gradients: Readonly<Record<string, Float32Array>>): void {
    this.#plain.step(gradients);
    if (this.#masters) return;
    for (const name of Object.keys(gradients)) {
      this.#plain.get(name).p.set(widened(this.model(name), this.#dtype));
    }
  }

  master(name: string): Float32Array {
    return this.#plain.get(name).p;
  }

  model(name: string): Uint16Array {
    return narrowed(this.master(name), this.#dtype).halves;
  }
}
