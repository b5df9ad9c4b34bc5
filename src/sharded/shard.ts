import type { Collective, Reduction } from "../collectives/collective.ts";
import { METRIC_LENGTH } from "../core/metric-sums.ts";
import type { Slabs } from "../core/slabs.ts";
import { allocate } from "../errors.ts";
import type { Active } from "../optimizers/active.ts";
import type { Entry } from "../optimizers/entry.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { BlockTable } from "./block-table.ts";
import { type Bucket, bucketsOf } from "./buckets.ts";
import type { FullPlanes } from "./full-planes.ts";
import type { ShardPlan } from "./shard-plan.ts";

const EMPTY_FLOATS = new Float32Array(0);
const EMPTY_BYTES = new Uint8Array(0);

/** One rank's shard, and what moves between it, the planes of all parameters and the other ranks. */
export class Shard {
  readonly collective: Collective;
  readonly slabs: Slabs;
  readonly planes: FullPlanes;
  readonly buckets: readonly Bucket[];
  /** Sums of squares of all gradients; null where no norm is asked for. */
  readonly squares: BlockTable | null;
  readonly #plan: ShardPlan;
  readonly #lengths: readonly number[];
  readonly #model: Dtype;
  readonly #reduction: Reduction;
  /** Two buckets' sums: one arrives while the other is read. */
  readonly #staging: readonly [Float32Array, Float32Array];

  /** @throws OutOfMemoryError */
  constructor(
    collective: Collective,
    plan: ShardPlan,
    slabs: Slabs,
    planes: FullPlanes,
    entries: readonly Entry[],
    { model, reduction }: { readonly model: Dtype; readonly reduction: Reduction },
  ) {
    this.collective = collective;
    this.slabs = slabs;
    this.planes = planes;
    this.buckets = bucketsOf(plan, collective.rank, slabs);
    this.#plan = plan;
    this.#lengths = entries.map(({ length }) => length);
    this.#model = model;
    this.#reduction = reduction;
    this.squares = slabs.sums ? new BlockTable(this.#lengths, plan, 1) : null;
    const longest = this.buckets.reduce((most, { own }) => Math.max(most, lengthOf(own)), 0);
    const stage = () => allocate(4 * longest, "a bucket's sums", () => new Float32Array(longest));
    this.#staging = [stage(), stage()];
  }

  /**
   * Sums the ranks' gradients, bucket by bucket, into the shard; while one bucket is on its way the one
   * before is read.
   *
   * @param actives  the parameters that take part, by index; null for the others
   * @param divisor  what the sums are divided by
   * @param scan     whether all gradients are to be looked at
   */
  async reduceGradients(
    actives: readonly (Active | null)[],
    divisor: number,
    scan: boolean,
  ): Promise<void> {
    const { buckets } = this;
    let next = this.#reduce(0);
    for (let index = 0; index < buckets.length; index++) {
      await next;
      next = this.#reduce(index + 1);
      // It is awaited in its turn.
      next.catch(() => {});
      this.#take(index, actives, divisor, scan);
    }
  }

  /** Gives the ranks each other's sums of squares of blocks. */
  async exchangeSquares(): Promise<void> {
    const { squares, slabs } = this;
    if (!squares) return;
    for (const { parameter, part } of this.#parts()) {
      squares.put(parameter, part, slabs.sumBlocks(part));
    }
    await squares.exchange(this.collective);
  }

  /** Room for what exchangeMetrics exchanges: asked for before a step writes. @throws OutOfMemoryError */
  roomForMetrics(): BlockTable {
    return new BlockTable(this.#lengths, this.#plan, METRIC_LENGTH);
  }

  /** Gives the ranks each other's metric records of blocks, after a measured step. */
  async exchangeMetrics(table: BlockTable): Promise<void> {
    for (const { parameter, part } of this.#parts()) {
      table.put(parameter, part, this.slabs.metricBlocks(part));
    }
    await table.exchange(this.collective);
  }

  /**
   * Does something to each bucket of the shard and gives all ranks its weights; while one bucket is on
   * its way the next is updated. Where ranks can't exchange them, all of the shard is updated yet.
   *
   * @throws what `update` throws, at once; the first failure to exchange, once all is updated
   */
  async updateAndGather(update: (bucket: Bucket) => void): Promise<void> {
    let before: Promise<void> = Promise.resolve();
    for (const bucket of this.buckets) {
      update(bucket);
      this.#copyWeights(bucket);
      const gathered = before.then(() => this.#gather(bucket));
      gathered.catch(() => {});
      // What the engine does in other threads goes on during the next update.
      await before.catch(() => {});
      before = gathered;
    }
    await before;
  }

  #parts() {
    return this.buckets.flatMap(({ parts }) => parts);
  }

  async #reduce(index: number): Promise<void> {
    const bucket = this.buckets[index];
    if (!bucket) return;
    const parts = bucket.slices.map((slice) =>
      slice ? this.planes.gradientsOf(slice) : EMPTY_FLOATS,
    );
    await this.collective.reduceScatter(parts, this.#staged(index), this.#reduction);
  }

  /** Copies a bucket's sums into the shard, means if asked for, and looks at them meanwhile. */
  #take(index: number, actives: readonly (Active | null)[], divisor: number, scan: boolean): void {
    const sums = this.#staged(index);
    if (divisor > 1) for (let i = 0; i < sums.length; i++) sums[i] /= divisor;
    for (const { parameter, part, offset } of this.buckets[index].parts) {
      if (actives[parameter] === null) continue;
      const values = sums.subarray(offset, offset + part.segment.length);
      if (scan) this.slabs.setAndScanGradient(part, values);
      else this.slabs.setGradient(part, values);
    }
  }

  #staged(index: number): Float32Array {
    return this.#staging[index % 2].subarray(0, lengthOf(this.buckets[index].own));
  }

  /** Copies what the shard has of a bucket to the planes of all parameters. */
  #copyWeights({ own, parts }: Bucket): void {
    if (!own) return;
    const into = this.planes.weightsOf(own);
    for (const { part, offset } of parts) {
      into.set(
        this.#model === "float32" ? this.slabs.floats(part, "param") : this.slabs.model(part),
        offset,
      );
    }
  }

  #gather({ slices }: Bucket): Promise<void> {
    const parts = slices.map((slice) => {
      if (!slice) return EMPTY_BYTES;
      const { buffer, byteOffset, byteLength } = this.planes.weightsOf(slice);
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
    return this.collective.allGather(parts);
  }
}

const lengthOf = (slice: Bucket["own"]) => (slice ? slice.end - slice.start : 0);
