/** The calls of a Collective, by their number in a frame. */
export const KINDS = ["barrier", "allGather", "reduceScatter", "allReduce", "broadcast"] as const;
export type Kind = (typeof KINDS)[number];

/** What one call is: the same on all ranks, or they differ. */
export interface Call {
  readonly kind: Kind;
  /** Root of a broadcast; of a sum, 1 where it is "fast". */
  readonly detail: number;
  /** Bytes of all parts. */
  readonly total: number;
  /** Of the length of each part. */
  readonly check: number;
}

/** @param lengths bytes of each part */
export function describeCall(kind: Kind, detail: number, lengths: readonly number[]): Call {
  let total = 0;
  // FNV-1a, a length at a time: it tells mistakes apart, not attacks.
  let hash = 0x811c9dc5;
  for (const length of lengths) {
    total += length;
    hash = Math.imul(hash ^ length, 0x01000193);
  }
  return { kind, detail, total, check: hash >>> 0 };
}

export function isSameCall(a: Call, b: Call): boolean {
  return a.kind === b.kind && a.detail === b.detail && a.total === b.total && a.check === b.check;
}

/** In a message: `broadcast of 40 bytes from rank 2`. */
export function showCall({ kind, detail, total, check }: Call): string {
  const reduction = detail === 0 ? "ordered" : "fast";
  switch (kind) {
    case "barrier":
      return kind;
    case "broadcast":
      return `${kind} of ${total} bytes from rank ${detail}`;
    case "allReduce":
      return `${kind} of ${total} bytes, "${reduction}"`;
    case "reduceScatter":
      return `${kind} of ${total} bytes (cut ${check}), "${reduction}"`;
    default:
      return `${kind} of ${total} bytes (cut ${check})`;
  }
}
