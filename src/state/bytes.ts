// Bytes on their way to a file or from one, whatever it is: a path, a Blob, a stream, a database.

/** Where bytes go, in order. */
export interface ByteSink {
  /** How many bytes will come: told once, before the first of them. */
  expect?(bytes: number): void;
  /** Has taken the bytes when it resolves: the caller uses the array again. */
  write(bytes: Uint8Array): Promise<void>;
  /** All is written: makes it last, and only then visible in place of what was there before. */
  close(): Promise<void>;
  /** Gives up: what was there before stays, and nothing of this. Does not throw. */
  abort(cause: unknown): Promise<void>;
}

/** Where bytes come from: read once, in order. */
export interface ByteReader {
  /** Bytes in all; null where that is not known before the end. */
  readonly size: number | null;
  /** Fills the array, unless the end comes first. Returns how many bytes it wrote. */
  read(into: Uint8Array): Promise<number>;
  /** Passes over bytes. Returns how many there were, fewer only at the end. */
  skip(count: number): Promise<number>;
  /** Lets go of what it reads. Does not throw. */
  close(): Promise<void>;
}
