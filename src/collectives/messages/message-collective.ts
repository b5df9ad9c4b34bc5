import { wrongValue } from "../../errors.ts";
import { oneOf, wholeNumberBetween } from "../../validate.ts";
import { apart, parts as partsOf, range } from "../check-arguments.ts";
import type { Collective, Reduction } from "../collective.ts";
import { describeCall } from "./call.ts";
import type { Link } from "./link.ts";
import { place } from "./memory-gone.ts";
import { Messenger } from "./messenger.ts";
import { type MessageOptions, readTimeout } from "./options.ts";
import { OrderedSum } from "./ordered-sum.ts";

const REDUCTIONS: readonly Reduction[] = ["ordered", "fast"];
const NOTHING = new Uint8Array(0);
/** What a link must carry at least: headers and errors. */
const LEAST = 1024;

/**
 * A Collective over whatever carries messages. Each rank sends its part straight to those who need it:
 * (size - 1) parts come to each, and sums are made by their owner, in rank order: "fast" is "ordered"
 * here. Ranges longer than a message go in pieces, which are put together where they belong.
 *
 * Each rank gives the others a sign of life, five times in a timeout. One of which nothing comes for a
 * timeout while a call waits for it is lost: RankError RANK_LOST, on all ranks. Other calls, or
 * lengths, or another timeout than on rank 0: RANKS_DIFFER. Calls after close(): AshlarError DISPOSED.
 */
export class MessageCollective implements Collective {
  readonly rank: number;
  readonly size: number;
  readonly #messenger: Messenger;

  /** @throws TypeError, RangeError for options out of range */
  constructor(link: Link, options: MessageOptions = {}) {
    const timeout = readTimeout(options, "MessageCollective");
    if (!(link.largest >= LEAST)) {
      throw wrongValue("largest", "link", `at least ${LEAST} bytes`, link.largest);
    }
    this.rank = link.rank;
    this.size = link.size;
    this.#messenger = new Messenger(link, timeout);
  }

  async allGather(parts: readonly Uint8Array[]): Promise<void> {
    const { rank, size } = this;
    const ranges = partsOf(parts, size, "Uint8Array", "allGather");
    const lengths = ranges.map(({ length }) => length);
    await this.#messenger.call({
      call: describeCall("allGather", 0, lengths),
      gift: { all: ranges[rank] },
      takes: (from) => lengths[from],
      take: (from, bytes, offset) => place(ranges[from], bytes, offset),
    });
  }

  async reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    const { rank, size } = this;
    const ranges = partsOf(parts, size, "Float32Array", "reduceScatter");
    apart(into, ranges, rank, "reduceScatter");
    const detail = detailOf(reduction, "reduceScatter");
    const lengths = ranges.map(({ byteLength }) => byteLength);
    const sum = new OrderedSum(rank, size, ranges[rank], into);
    await this.#messenger.call({
      call: describeCall("reduceScatter", detail, lengths),
      gift: { each: ranges.map(bytesOf) },
      takes: () => lengths[rank],
      take: (from, bytes) => sum.take(from, bytes),
    });
  }

  async allReduce(values: Float64Array, reduction: Reduction): Promise<void> {
    const own = range(values, "Float64Array", "values", "allReduce");
    const detail = detailOf(reduction, "allReduce");
    const { byteLength } = own;
    const into = new Float64Array(own.length);
    const sum = new OrderedSum(this.rank, this.size, own, into);
    await this.#messenger.call({
      call: describeCall("allReduce", detail, [byteLength]),
      gift: { all: bytesOf(own) },
      takes: () => byteLength,
      take: (from, bytes) => sum.take(from, bytes),
    });
    own.set(into);
  }

  async broadcast(bytes: Uint8Array, root: number): Promise<void> {
    const target = range(bytes, "Uint8Array", "bytes", "broadcast");
    wholeNumberBetween(root, 0, this.size - 1, "root", "broadcast");
    const { length } = target;
    await this.#messenger.call({
      call: describeCall("broadcast", root, [length]),
      gift: { all: this.rank === root ? target : NOTHING },
      takes: (from) => (from === root ? length : 0),
      take: (_from, piece, offset) => place(target, piece, offset),
    });
  }

  async barrier(): Promise<void> {
    await this.#messenger.call({
      call: describeCall("barrier", 0, []),
      gift: { all: NOTHING },
      takes: () => 0,
    });
  }

  close(): Promise<void> {
    return this.#messenger.close();
  }
}

function detailOf(reduction: unknown, where: string): number {
  return REDUCTIONS.indexOf(oneOf(reduction, REDUCTIONS, "reduction", where));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
