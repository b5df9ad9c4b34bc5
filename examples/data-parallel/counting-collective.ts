import type { Collective, Reduction } from "ashlar/sharded";

/**
 * Counts the bytes that this rank gives to others: what each of them needs of it. Engines may send less,
 * where ranks pass on what they have, or more, for headers and signs of life.
 */
export class CountingCollective implements Collective {
  readonly #ranks: Collective;
  /** Bytes given so far. */
  bytes = 0;

  constructor(ranks: Collective) {
    this.#ranks = ranks;
  }

  get rank(): number {
    return this.#ranks.rank;
  }

  get size(): number {
    return this.#ranks.size;
  }

  allGather(parts: readonly Uint8Array[]): Promise<void> {
    this.#toAll(parts[this.rank]);
    return this.#ranks.allGather(parts);
  }

  reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    parts.forEach(({ byteLength }, to) => {
      if (to !== this.rank) this.bytes += byteLength;
    });
    return this.#ranks.reduceScatter(parts, into, reduction);
  }

  allReduce(values: Float64Array, reduction: Reduction): Promise<void> {
    this.#toAll(values);
    return this.#ranks.allReduce(values, reduction);
  }

  broadcast(bytes: Uint8Array, root: number): Promise<void> {
    if (root === this.rank) this.#toAll(bytes);
    return this.#ranks.broadcast(bytes, root);
  }

  barrier(): Promise<void> {
    return this.#ranks.barrier();
  }

  close(): Promise<void> {
    return this.#ranks.close();
  }

  #toAll({ byteLength }: ArrayBufferView): void {
    this.bytes += byteLength * (this.size - 1);
  }
}
