import type { Reduction } from "../../src/collectives/collective.ts";
import { fraction, xorshift32 } from "../reference/random.ts";

// Calls that a seed decides, with their ranges laid out in one memory, and what each rank has in it
// before: what a rank needs to check itself, alone in its process.

export interface PlannedCall {
  readonly kind: "allGather" | "reduceScatter" | "allReduce" | "broadcast" | "barrier";
  readonly reduction: Reduction;
  readonly root: number;
  /** Elements of each part: float32, or bytes of a gather or broadcast, or float64 of allReduce. */
  readonly lengths: readonly number[];
  /** Byte address of each part. */
  readonly parts: readonly number[];
  /** Elements from address `into` on are this rank's sums: as many as its part has. */
  readonly into: number;
  /** Whether it is made before the one before it has resolved. */
  readonly overlaps: boolean;
}

export interface Plan {
  readonly seed: number;
  readonly size: number;
  readonly bytes: number;
  readonly calls: readonly PlannedCall[];
}

export interface PlanSizes {
  /** How many calls. Default 40. */
  readonly calls?: number;
  /** Most elements of a part. Default 600. */
  readonly elements?: number;
}

const KINDS = ["allGather", "reduceScatter", "allReduce", "broadcast", "barrier"] as const;
const WIDTHS = { allGather: 1, reduceScatter: 4, allReduce: 8, broadcast: 1, barrier: 1 };
/** What no call may touch has these bytes. */
const GUARD = 0xa5;

export function makePlan(seed: number, size: number, sizes: PlanSizes = {}): Plan {
  const { calls: count = 40, elements = 600 } = sizes;
  const next = generator(seed, 0);
  let bytes = 0;
  const place = (length: number, width: number) => {
    // Any address that the width allows, with something to guard between two ranges.
    const address = Math.ceil((bytes + 1 + (next() % 24)) / width) * width;
    bytes = address + length * width;
    return address;
  };
  const calls = Array.from({ length: count }, (_, index): PlannedCall => {
    // Each kind comes as often as the others, whatever the seed.
    const kind = KINDS[index % KINDS.length];
    const width = WIDTHS[kind];
    const parts = { allGather: size, reduceScatter: size, allReduce: 1, broadcast: 1, barrier: 0 };
    const lengths = Array.from({ length: parts[kind] }, () =>
      // One in four is empty.
      next() % 4 === 0 ? 0 : 1 + (next() % elements),
    );
    return {
      kind,
      reduction: next() % 2 === 0 ? "ordered" : "fast",
      root: next() % size,
      lengths,
      parts: lengths.map((length) => place(length, width)),
      into: kind === "reduceScatter" ? place(Math.max(...lengths), width) : 0,
      overlaps: next() % 3 !== 0,
    };
  });
  return { seed, size, bytes: bytes + 16, calls };
}

/** Writes what a rank gives in each call, and guards around it. */
export function fill(plan: Plan, rank: number, memory: ArrayBuffer): void {
  new Uint8Array(memory, 0, plan.bytes).fill(GUARD);
  plan.calls.forEach(({ kind, reduction, lengths, parts }, index) => {
    const next = generator(plan.seed, 1 + index * plan.size + rank);
    parts.forEach((address, i) => {
      const length = lengths[i];
      if (WIDTHS[kind] === 1) {
        const bytes = new Uint8Array(memory, address, length);
        for (let k = 0; k < length; k++) bytes[k] = next();
        return;
      }
      const Floats = kind === "allReduce" ? Float64Array : Float32Array;
      const values = new Floats(memory, address, length);
      const value = reduction === "ordered" ? ordered : whole;
      for (let k = 0; k < length; k++) values[k] = value(next(), k);
    });
  });
}

/** Of many sizes, so that each order of a sum has its own bits; -0 on all ranks at every seventh. */
function ordered(u: number, k: number): number {
  return k % 7 === 6 ? -0 : fraction(u) * 2 ** (u % 28);
}

/** Sums of these are exact: the same in each order. */
const whole = (u: number) => (u % 2001) - 1000;

function generator(seed: number, stream: number): () => number {
  // Far apart, and never 0.
  const next = xorshift32((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca6b)) | 1);
  // The first numbers after seeds that are alike are alike.
  for (let i = 0; i < 8; i++) next();
  return next;
}
