import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Collective } from "../../src/collectives/collective.ts";
import { fill, makePlan, type Plan, type PlannedCall, type PlanSizes } from "./plan.ts";
import { runPlain } from "./reference.ts";

/**
 * Makes a seeded sequence of all calls as one rank, some while others are under way, and returns the
 * SHA-256 of all its memory: ranges, and what lies between them. expectedDigest() says what it must be.
 * All ranks give the same seed and sizes.
 */
export async function exercise(
  collective: Collective,
  seed: number,
  sizes: PlanSizes = {},
): Promise<string> {
  const plan = makePlan(seed, collective.size, sizes);
  const memory = linearMemory(plan);
  fill(plan, collective.rank, memory);
  let underWay: Promise<void>[] = [];
  for (const call of plan.calls) {
    if (!call.overlaps) {
      await Promise.all(underWay);
      underWay = [];
    }
    underWay.push(make(collective, call, memory));
  }
  await Promise.all(underWay);
  return digest(plan, memory);
}

/** What exercise() must return on a rank, by plain loops over the memories of all. */
export function expectedDigest(
  seed: number,
  rank: number,
  size: number,
  sizes: PlanSizes = {},
): string {
  return expectedDigests(seed, size, sizes)[rank];
}

/** Those of all ranks. @param order the ranks in which sums are made */
export function expectedDigests(
  seed: number,
  size: number,
  sizes: PlanSizes = {},
  order = Array.from({ length: size }, (_, rank) => rank),
): string[] {
  const plan = makePlan(seed, size, sizes);
  const memories = order.map((_, rank) => {
    const memory = new ArrayBuffer(plan.bytes);
    fill(plan, rank, memory);
    return memory;
  });
  runPlain(plan, memories, order);
  return memories.map((memory) => digest(plan, memory));
}

function make(collective: Collective, call: PlannedCall, memory: ArrayBuffer): Promise<void> {
  const { kind, reduction, root, lengths, parts, into } = call;
  const bytes = () => parts.map((address, i) => new Uint8Array(memory, address, lengths[i]));
  switch (kind) {
    case "allGather":
      return collective.allGather(bytes());
    case "broadcast":
      return collective.broadcast(bytes()[0], root);
    case "allReduce":
      return collective.allReduce(new Float64Array(memory, parts[0], lengths[0]), reduction);
    case "reduceScatter":
      return collective.reduceScatter(
        parts.map((address, i) => new Float32Array(memory, address, lengths[i])),
        new Float32Array(memory, into, lengths[collective.rank]),
        reduction,
      );
    default:
      return collective.barrier();
  }
}

/** As optimizers have: some engines may move bytes into and out of it without a copy. */
function linearMemory({ bytes }: Plan): ArrayBuffer {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) }).buffer;
}

function digest({ bytes }: Plan, memory: ArrayBuffer): string {
  return bytesToHex(sha256(new Uint8Array(memory, 0, bytes)));
}
