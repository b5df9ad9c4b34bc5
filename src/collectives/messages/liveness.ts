import { every } from "./timers.ts";

/** Looks in a timeout: so many in a row without a message, while a call waits for it, and a rank is lost. */
const LOOKS = 5;

/** What is watched, and who is told. */
export interface Watched {
  readonly size: number;
  waitsFor(rank: number): boolean;
  /** Tells the others that this rank is there. */
  signOfLife(): void;
  lost(rank: number): void;
}

/**
 * Watches whether the other ranks are there. It counts its own looks and reads no clock: where this
 * thread was busy, only one look comes late, and what the others sent meanwhile is delivered before
 * there are enough of them to blame anybody.
 */
export class Liveness {
  readonly #watched: Watched;
  readonly #interval: number;
  readonly #end: () => void;
  /** Looks since a message of each rank. */
  readonly #silent: number[];
  #signed = performance.now();

  /** @param timeout milliseconds */
  constructor(timeout: number, watched: Watched) {
    this.#watched = watched;
    this.#interval = timeout / LOOKS;
    this.#silent = new Array<number>(watched.size).fill(0);
    const { size } = watched;
    this.#end = size === 1 ? () => undefined : every(this.#interval, () => this.#look());
  }

  /**
   * Something came of a rank. Its own sign of life answers where one is due: a page in the background
   * has its timers once a minute, but its messages at once.
   */
  heard(rank: number): void {
    this.#silent[rank] = 0;
    if (performance.now() - this.#signed > 1.5 * this.#interval) this.#sign();
  }

  #look(): void {
    this.#sign();
    for (let rank = 0; rank < this.#silent.length; rank++) {
      this.#silent[rank] = this.#watched.waitsFor(rank) ? this.#silent[rank] + 1 : 0;
    }
    const lost = this.#silent.findIndex((looks) => looks > LOOKS);
    if (lost >= 0) this.#watched.lost(lost);
  }

  #sign(): void {
    this.#signed = performance.now();
    this.#watched.signOfLife();
  }

  end(): void {
    this.#end();
  }
}
