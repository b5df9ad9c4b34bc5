import type { Link, Receiver } from "../../collectives/messages/link.ts";
import { LEAST } from "./announcement.ts";
import { Credit, SMALL, windowOf } from "./credit.ts";
import { RunSubjects } from "./subjects.ts";
import type { Wire } from "./wire.ts";

// A message: what it is, uint32; which it is of those that its sender published under this subject,
// uint32; then bytes. Little-endian.

const HEADER = 8;
/** Bytes for the receiver. */
const DATA = 0;
/** float64: bytes that have arrived from the one it goes to. */
const ACKNOWLEDGE = 1;
/** The sender has left. */
const LEFT = 2;

/** Bytes that a server must take in one message. */
export const LEAST_PAYLOAD = LEAST + HEADER;

/** Bytes of one message where a server takes so many: two fill a window, to keep the way busy. */
export function largestOf(maxPayload: number, size: number): number {
  return Math.min(maxPayload, Math.floor(windowOf(size) / 2)) - HEADER;
}

/** Another rank, as this one sees it. */
interface Peer {
  readonly rank: number;
  readonly credit: Credit;
  /** Bytes of it, and of those what it has been told of. */
  arrived: number;
  acknowledged: number;
  isLost: boolean;
}

function frame(kind: number, number: number, bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER + bytes.length);
  const view = new DataView(framed.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, number, true);
  framed.set(bytes, HEADER);
  return framed;
}

/** The messages of one run over NATS, which delivers in order, but at most once, and to who is there. */
export class NatsLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly largest: number;
  readonly #wire: Wire;
  readonly #subjects: RunSubjects;
  readonly #window: number;
  readonly #peers = new Map<number, Peer>();
  /** Messages to all. */
  #sent = 0;
  #receiver: Receiver | null = null;
  /** What has come before there was a receiver. */
  readonly #early: ((receiver: Receiver) => void)[] = [];

  /** Begins to listen. */
  constructor(
    wire: Wire,
    { group, rank, size }: { group: string; rank: number; size: number },
    { run, largest }: { run: string; largest: number },
  ) {
    this.rank = rank;
    this.size = size;
    this.largest = largest;
    this.#wire = wire;
    this.#subjects = new RunSubjects(group, run);
    this.#window = windowOf(size);
    for (let other = 0; other < size; other++) if (other !== rank) this.#listen(other);
    wire.lost.then((why) => {
      for (const { credit } of this.#peers.values()) credit.end();
      this.#tell((receiver) => receiver.lost(null, why));
    });
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    for (const event of this.#early.splice(0)) event(receiver);
  }

  send(to: number | null, bytes: Uint8Array): Promise<void> | undefined {
    const { length } = bytes;
    if (to !== null) return this.#peers.get(to)?.credit.send(bytes);
    const credits = [...this.#peers.values()].map(({ credit }) => credit);
    if (length > SMALL && credits.every((credit) => credit.fits(length))) {
      for (const credit of credits) credit.count(length);
      this.#toAll(DATA, this.#sent++, bytes);
      return undefined;
    }
    // To each by itself: those that take it now must not wait for those that don't, and of small ones,
    // signs of life among them, the server tells who is not there.
    const waits = credits.map((credit) => credit.send(bytes)).filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
  }

  async close(): Promise<void> {
    for (const { credit } of this.#peers.values()) credit.flush();
    this.#toAll(LEFT, 0, new Uint8Array(0));
    await this.#wire.close();
  }

  #listen(rank: number): void {
    let sent = 0;
    const credit = new Credit(this.#window, (bytes) => this.#toOne(rank, DATA, sent++, bytes));
    const peer: Peer = { rank, credit, arrived: 0, acknowledged: 0, isLost: false };
    this.#peers.set(rank, peer);
    const { rank: own } = this;
    const gone = this.#subjects.gone(own, rank);
    for (const heard of [this.#subjects.to(rank, own), this.#subjects.all(rank)]) {
      let expected = 0;
      this.#wire.subscribe(heard, (data) => {
        if (this.#arrive(peer, data, expected)) expected++;
      });
    }
    this.#wire.subscribe(gone, () => this.#lose(peer, "nobody receives what is sent to it"));
  }

  /** @returns whether it was the next of its numbered messages */
  #arrive(peer: Peer, data: Uint8Array, expected: number): boolean {
    // Anybody may publish anything. What a rank has sent and is not read is missed by its number.
    if (peer.isLost || data.length < HEADER) return false;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const kind = view.getUint32(0, true);
    const number = view.getUint32(4, true);
    if (kind === LEFT) this.#lose(peer, "it has left");
    else if (kind === ACKNOWLEDGE && data.length === HEADER + 8) {
      peer.credit.acknowledge(view.getFloat64(HEADER, true));
    } else if (kind === DATA && number === expected >>> 0) {
      // Not of the class that an engine has for its bytes: its slice() is another.
      const bytes = new Uint8Array(data.buffer, data.byteOffset + HEADER, data.length - HEADER);
      this.#tell((receiver) => receiver.message(peer.rank, bytes));
      this.#acknowledge(peer, bytes.length);
      return true;
    } else if (kind === DATA) {
      this.#lose(peer, `messages of it are missing: expected number ${expected}, got ${number}`);
    }
    return false;
  }

  /** Tells a sender now and then how much of it has arrived. */
  #acknowledge(peer: Peer, length: number): void {
    peer.arrived += length;
    if (peer.arrived - peer.acknowledged < this.#window / 4) return;
    peer.acknowledged = peer.arrived;
    const total = new Uint8Array(8);
    new DataView(total.buffer).setFloat64(0, peer.arrived, true);
    this.#toOne(peer.rank, ACKNOWLEDGE, 0, total);
  }

  #lose(peer: Peer, why: string): void {
    if (peer.isLost) return;
    peer.isLost = true;
    peer.credit.end();
    this.#tell((receiver) => receiver.lost(peer.rank, why));
  }

  /** The server tells where nobody receives it. */
  #toOne(to: number, kind: number, number: number, bytes: Uint8Array): void {
    const subject = this.#subjects.to(this.rank, to);
    const gone = this.#subjects.gone(this.rank, to);
    this.#wire.publish(subject, frame(kind, number, bytes), gone);
  }

  #toAll(kind: number, number: number, bytes: Uint8Array): void {
    this.#wire.publish(this.#subjects.all(this.rank), frame(kind, number, bytes));
  }

  #tell(event: (receiver: Receiver) => void): void {
    if (this.#receiver === null) this.#early.push(event);
    else event(this.#receiver);
  }
}
