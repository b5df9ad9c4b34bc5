import type { Call } from "./call.ts";
import type { Piece } from "./frame.ts";

/** What a rank gives in a call: the same to all others, or a part for each rank. */
export type Gift = { readonly all: Uint8Array } | { readonly each: readonly Uint8Array[] };

/** Takes bytes that a rank gives, some at least; they come in order. */
export type Take = (from: number, bytes: Uint8Array, offset: number) => void;

/**
 * What a call gives and takes. Every rank sends every other at least one piece in each call, be it
 * empty: whoever waits for a rank hears of it, and of what it takes the call for.
 */
export interface Plan {
  readonly call: Call;
  readonly gift: Gift;
  /** Bytes that come from each rank. */
  readonly takes: (from: number) => number;
  /** Where they go; none where nothing comes but empty pieces. */
  readonly take?: Take;
}

/** A call under way on this rank: what has come of whom, and who waits for it. */
export class Exchange {
  readonly call: Call;
  /** Resolves once all has come, and has been sent. */
  readonly done: Promise<void>;
  readonly #plan: Plan;
  /** Ranks of which not all has come, with how much has. */
  readonly #missing = new Map<number, number>();
  #isSent = false;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(plan: Plan, rank: number, size: number) {
    this.call = plan.call;
    this.#plan = plan;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    for (let other = 0; other < size; other++) if (other !== rank) this.#missing.set(other, 0);
  }

  waitsFor(rank: number): boolean {
    return this.#missing.has(rank);
  }

  /** @returns whether the piece is the next of its rank */
  take(from: number, { offset, bytes }: Piece): boolean {
    const whole = this.#plan.takes(from);
    const next = offset + bytes.length;
    if (this.#missing.get(from) !== offset || next > whole) return false;
    if (bytes.length > 0) this.#plan.take?.(from, bytes, offset);
    if (next < whole) this.#missing.set(from, next);
    else this.#missing.delete(from);
    this.#settle();
    return true;
  }

  /** All that this rank gives is on its way. */
  sent(): void {
    this.#isSent = true;
    this.#settle();
  }

  #settle(): void {
    if (this.#isSent && this.#missing.size === 0) this.#resolve();
  }

  fail(error: Error): void {
    this.#reject(error);
  }
}
