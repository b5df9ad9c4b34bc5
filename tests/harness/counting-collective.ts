import type { Collective, Reduction } from "../../src/collectives/collective.ts";

/** A call as a rank made it. */
export interface CountedCall {
  readonly kind: "allGather" | "reduceScatter" | "allReduce" | "broadcast" | "barrier";
  /** Bytes of the part of each rank: what it gives, of a reduceScatter what it gets. */
  readonly parts: readonly number[];
}

/**
 * Counts what goes through another Collective, calls in the order in which they are made. Bytes are those
 * of the ranges, each receiver's copy counted; what the engine wraps around them isn't.
 */
export class CountingCollective implements Collective {
  readonly rank: number;
  readonly size: number;
  readonly calls: CountedCall[] = [];
  sent = 0;
  /** Sent, where the engine takes what is for all others once. */
  published = 0;
  received = 0;
  readonly #inner: Collective;

  constructor(inner: Collective) {
    this.#inner = inner;
    this.rank = inner.rank;
    this.size = inner.size;
  }

  /** Forgets what was counted: between two steps. */
  reset(): void {
    this.calls.length = 0;
    this.sent = 0;
    this.published = 0;
    this.received = 0;
  }

  allGather(parts: readonly Uint8Array[]): Promise<void> {
    this.#count("allGather", bytesOf(parts));
    return this.#inner.allGather(parts);
  }

  reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    this.#count("reduceScatter", bytesOf(parts));
    return this.#inner.reduceScatter(parts, into, reduction);
  }

  allReduce(values: Float64Array, reduction: Reduction): Promise<void> {
    this.#count(
      "allReduce",
      this.#each(() => values.byteLength),
    );
    return this.#inner.allReduce(values, reduction);
  }

  broadcast(bytes: Uint8Array, root: number): Promise<void> {
    this.#count(
      "broadcast",
      this.#each((rank) => (rank === root ? bytes.byteLength : 0)),
    );
    return this.#inner.broadcast(bytes, root);
  }

  barrier(): Promise<void> {
    this.#count(
      "barrier",
      this.#each(() => 0),
    );
    return this.#inner.barrier();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #count(kind: CountedCall["kind"], parts: readonly number[]): void {
    this.calls.push({ kind, parts });
    const others = this.size - 1;
    const own = parts[this.rank];
    const rest = parts.reduce((sum, bytes) => sum + bytes, 0) - own;
    const scatters = kind === "reduceScatter";
    this.sent += scatters ? rest : others * own;
    this.published += scatters ? rest : others > 0 ? own : 0;
    this.received += scatters ? others * own : rest;
  }

  #each(bytes: (rank: number) => number): number[] {
    return Array.from({ length: this.size }, (_, rank) => bytes(rank));
  }
}

const bytesOf = (parts: readonly ArrayBufferView[]) => parts.map(({ byteLength }) => byteLength);
