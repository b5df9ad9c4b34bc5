/** Who is told of what arrives. */
export interface Receiver {
  /** A message of another rank; those of one rank come in the order in which it sent them. */
  message(from: number, bytes: Uint8Array): void;
  /** A rank can't be reached any more, or, where `rank` is null, none can. Why: for a message. */
  lost(rank: number | null, why: string): void;
}

/** Carries messages between the ranks of a run: what an engine without collectives must offer. */
export interface Link {
  readonly rank: number;
  readonly size: number;
  /** Most bytes of one message. */
  readonly largest: number;

  /** Begins to deliver what arrives, and what has arrived before. Once. */
  open(receiver: Receiver): void;

  /**
   * Sends a message to a rank, or to all others (null). The bytes are the caller's again when it
   * resolves, which may wait until what was sent before has left: that holds back who sends too fast.
   */
  send(to: number | null, bytes: Uint8Array): Promise<void>;

  /** Leaves; others are told where the engine can. Closing again is fine. */
  close(): Promise<void>;
}
