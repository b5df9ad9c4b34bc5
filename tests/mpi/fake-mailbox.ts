import type { Argument } from "../../src/adapters/mpi/koffi.ts";

type Queues = Map<string, { bytes: Uint8Array; request: bigint }[]>;

/** Messages between pairs of ranks, matched in order, straight from range to range. */
export class Mailbox {
  readonly #sent: Queues = new Map();
  readonly #wanted: Queues = new Map();
  readonly #open = new Set<bigint>();
  #waiting: { requests: BigUint64Array; done: () => void }[] = [];
  #count = 0n;

  send(from: number, to: number, bytes: Uint8Array, request: Argument | undefined): void {
    this.#put(this.#sent, `${from} ${to}`, bytes, request as BigUint64Array);
  }

  receive(from: number, to: number, bytes: Uint8Array, request: Argument | undefined): void {
    this.#put(this.#wanted, `${from} ${to}`, bytes, request as BigUint64Array);
  }

  wait(requests: BigUint64Array, done: () => void): void {
    this.#waiting.push({ requests, done });
    this.#look();
  }

  #put(queues: Queues, pair: string, bytes: Uint8Array, request: BigUint64Array) {
    request[0] = ++this.#count;
    this.#open.add(this.#count);
    const queue = queues.get(pair) ?? [];
    queue.push({ bytes, request: this.#count });
    queues.set(pair, queue);
    const [sent, wanted] = [this.#sent.get(pair)?.[0], this.#wanted.get(pair)?.[0]];
    if (!sent || !wanted) return;
    this.#sent.get(pair)?.shift();
    this.#wanted.get(pair)?.shift();
    if (sent.bytes.length !== wanted.bytes.length) throw new Error("a message of another length");
    wanted.bytes.set(sent.bytes);
    this.#open.delete(sent.request);
    this.#open.delete(wanted.request);
    this.#look();
  }

  #look(): void {
    const isDone = (requests: BigUint64Array) => requests.every((each) => !this.#open.has(each));
    const ready = this.#waiting.filter(({ requests }) => isDone(requests));
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each));
    for (const { done } of ready) done();
  }
}
