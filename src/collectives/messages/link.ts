/** Who is told of what arrives. */
export interface Receiver {
  /**
   * A message of another rank; those of one rank come in the order in which it sent them, and none is
   * left out: where an engine may drop one, that is `lost`. The bytes are the receiver's to keep.
   */
  message(from: number, bytes: Uint8Array): void;
  /**
   * No more messages will come of a rank, after those that have, or, where `rank` is null, of any.
   * Why: for an error's message.
   */
  lost(rank: number | null, why: string): void;
}

/** Carries messages between the ranks of a run: what an engine without collectives must offer. */
export interface Link {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Most bytes of one message, at least 1,024. */
  readonly largest: number;

  /** Begins to deliver what arrives, and what has arrived before. Once. */
  open(receiver: Receiver): void;

  /**
   * Sends a message to a rank, or to all others (null). The bytes are the link's from then on; they
   * fill a buffer of their own, which it may transfer.
   *
   * @returns nothing where more may follow at once; else a promise, which resolves when more may: that
   *   holds back who sends too fast. One that rejects is the end of this rank
   */
  send(to: number | null, bytes: Uint8Array): Promise<void> | void;

  /**
   * Calls wait for messages, or (false) none does any more: only meanwhile need the link keep a process
   * alive. For links that can tell.
   */
  hold?(waiting: boolean): void;

  /** Leaves once what was sent has left; others are told where the engine can. Again is fine. */
  close(): Promise<void>;
}
