/** Most bytes on their way to one rank from all others: a server cuts off who has too many waiting. */
const TO_ONE = 16_777_216;
/** Most of them from one other: more brings no more speed. */
const FROM_ONE = 4_194_304;
/** Bytes of a message that may leave all the same: a sign of life, a goodbye. */
export const SMALL = 1024;

/** How many bytes a rank may have on their way to one other, in a run of `size` ranks. */
export function windowOf(size: number): number {
  return Math.floor(Math.min(FROM_ONE, TO_ONE / size));
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly left: () => void;
}

/** What this rank sends to one other, as far as that one has told that earlier bytes have arrived. */
export class Credit {
  readonly #window: number;
  readonly #publish: (bytes: Uint8Array) => void;
  /** Bytes since the run began. */
  #sent = 0;
  #arrived = 0;
  readonly #waiting: Waiting[] = [];
  #ended = false;

  constructor(window: number, publish: (bytes: Uint8Array) => void) {
    this.#window = window;
    this.#publish = publish;
  }

  /** Whether so many bytes may leave at once. */
  fits(length: number): boolean {
    return (
      this.#ended || (this.#waiting.length === 0 && (length <= SMALL || this.#hasRoom(length)))
    );
  }

  /** Counts what has left by another way. */
  count(length: number): void {
    this.#sent += length;
  }

  /** @returns nothing where it has left at once */
  send(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#ended) return undefined;
    if (this.fits(bytes.length)) {
      this.#leave(bytes);
      return undefined;
    }
    return new Promise((left) => this.#waiting.push({ bytes, left }));
  }

  /** @param total bytes that have arrived since the run began */
  acknowledge(total: number): void {
    // Not what nobody can have told.
    if (!(total > this.#arrived && total <= this.#sent)) return;
    this.#arrived = total;
    let first: Waiting | undefined = this.#waiting[0];
    while (first !== undefined && this.#hasRoom(first.bytes.length)) {
      this.#waiting.shift();
      this.#leave(first.bytes);
      first.left();
      first = this.#waiting[0];
    }
  }

  /** Lets all leave that waits: a last time, whatever room there is. */
  flush(): void {
    for (const { bytes, left } of this.#waiting.splice(0)) {
      this.#leave(bytes);
      left();
    }
  }

  /** Nobody is there any more: what waits is dropped, and what comes. */
  end(): void {
    this.#ended = true;
    for (const { left } of this.#waiting.splice(0)) left();
  }

  #hasRoom(length: number): boolean {
    return this.#sent + length - this.#arrived <= this.#window;
  }

  #leave(bytes: Uint8Array): void {
    this.#sent += bytes.length;
    this.#publish(bytes);
  }
}
