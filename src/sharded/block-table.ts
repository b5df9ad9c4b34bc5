import type { Collective } from "../collectives/collective.ts";
import { blocksOf } from "../core/plan.ts";
import type { Part } from "../core/slab.ts";
import { allocate } from "../errors.ts";
import type { ShardPlan } from "./shard-plan.ts";

/**
 * So many numbers of every block of every parameter, of which each rank has its own blocks' first: what
 * the ranks exchange instead of totals, which would depend on how the parameters are cut.
 */
export class BlockTable {
  /** Numbers of a block. */
  readonly #width: number;
  /** Block of each parameter's first element, and at the end their number. */
  readonly #firsts: readonly number[];
  readonly #numbers: Float64Array;
  /** By rank: its numbers. Blocks of a rank lie one after the other. */
  readonly #ranges: readonly Uint8Array[];

  /** @throws OutOfMemoryError */
  constructor(lengths: readonly number[], { shards }: ShardPlan, width: number) {
    this.#width = width;
    const firsts = [0];
    for (const length of lengths) firsts.push(firsts[firsts.length - 1] + blocksOf(length));
    this.#firsts = firsts;
    const total = firsts[lengths.length] * width;
    const numbers = allocate(8 * total, "sums of blocks", () => new Float64Array(total));
    this.#numbers = numbers;
    let end = 0;
    this.#ranges = shards.map((slices) => {
      const begin = end;
      for (const { length } of slices.flatMap(({ runs }) => runs)) end += blocksOf(length);
      return new Uint8Array(numbers.buffer, 8 * width * begin, 8 * width * (end - begin));
    });
  }

  /** Takes the numbers of a part's blocks. */
  put(parameter: number, { segment }: Part, numbers: Float64Array): void {
    this.#numbers.set(numbers, this.#of(parameter, segment.first) * this.#width);
  }

  /** Gives every rank the numbers of all. */
  exchange(collective: Collective): Promise<void> {
    return collective.allGather(this.#ranges);
  }

  /** The numbers of a parameter's blocks. float64[width * blocks] */
  numbersOf(parameter: number): Float64Array {
    const [begin, end] = [this.#firsts[parameter], this.#firsts[parameter + 1]];
    return this.#numbers.subarray(begin * this.#width, end * this.#width);
  }

  /** Adds a parameter's numbers to a running total, block after block: as Slabs.addSquares. */
  addSquares(parameter: number, total: Float64Array): void {
    for (const number of this.numbersOf(parameter)) total[0] += number;
  }

  #of(parameter: number, element: number): number {
    return this.#firsts[parameter] + blocksOf(element);
  }
}
