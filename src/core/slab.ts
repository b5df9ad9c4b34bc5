import {
  CHECK_BYTES,
  METRIC_BYTES,
  SEG_BYTES,
  SEG_CHECK_STRIDE,
  SEG_CHECKS,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_GRAD,
  SEG_GRAD16,
  SEG_LENGTH,
  SEG_MAX_EXP_AVG_SQ,
  SEG_METRICS,
  SEG_MODEL,
  SEG_PARAM,
  SEG_SUMS,
} from "../../assembly/layout.ts";
import { instantiate, type Kernel } from "./kernel.ts";
import type { SlabMemory } from "./memory.ts";
import { blocksOf, type PlannedSegment, type PlannedSlab } from "./plan.ts";
import type { PlaneName } from "./slab-layout.ts";
import type { Team } from "./team.ts";

/** One memory, the kernel over it, and its segment table. */
export interface Slab {
  readonly plan: PlannedSlab;
  readonly memory: SlabMemory;
  readonly kernel: Kernel;
  /** The segment table twice: as addresses and flags, and as scalars. */
  readonly words: Uint32Array;
  readonly scalars: Float32Array;
  /** The whole gradient plane, and the sums of its blocks. Slabs do not grow: they may be kept. */
  readonly gradients: Float32Array;
  readonly blockSums: Float64Array;
  /** Elements that take part, as wholes, in the next scan or step. */
  active: number;
}

/** One run of a parameter: where it lies and where it begins within the parameter. */
export interface Part {
  readonly slab: Slab;
  readonly segment: PlannedSegment;
  /** Index of the record's first 4-byte word in the slab's segment table. */
  readonly word: number;
}

/** Address of an element in one of the slab's planes; 0 where the slab has no such plane. */
export function addressOf({ layout }: PlannedSlab, plane: PlaneName, element: number): number {
  const start = layout.planes[plane];
  return start && start + element * (plane === "model" || plane === "grad16" ? 2 : 4);
}

/** Index of the 4-byte word at a byte offset. */
export const word = (offset: number) => offset / 4;

/**
 * Makes a planned slab of a memory and writes the addresses of its segments.
 *
 * @param sums whether scans are to write the sums of squares
 * @param team those who share its work; null: the caller's thread alone
 * @throws AshlarError NOT_READY, BAD_CORE
 */
export function openSlab(
  plan: PlannedSlab,
  memory: SlabMemory,
  sums: boolean,
  team: Team | null,
): Slab {
  const { layout, segments } = plan;
  const tableWords = word(segments.length * SEG_BYTES);
  const last = segments[segments.length - 1];
  const slab: Slab = {
    plan,
    memory,
    kernel: team?.instantiate(memory.memory) ?? instantiate(memory.memory),
    words: memory.uint32(layout.tablePtr, tableWords),
    scalars: memory.float32(layout.tablePtr, tableWords),
    gradients: memory.float32(layout.planes.grad, last.element + last.length),
    blockSums: memory.float64(layout.sumsPtr, last.block + blocksOf(last.length)),
    active: 0,
  };
  segments.forEach((segment, index) => {
    writeAddresses(slab, segment, word(index * SEG_BYTES), sums);
  });
  return slab;
}

function writeAddresses(
  { words, plan }: Slab,
  { element, block, length }: PlannedSegment,
  at: number,
  sums: boolean,
): void {
  const { sumsPtr, metricsPtr, checksPtr } = plan.layout;
  words[at + word(SEG_PARAM)] = addressOf(plan, "param", element);
  words[at + word(SEG_GRAD)] = addressOf(plan, "grad", element);
  words[at + word(SEG_EXP_AVG)] = addressOf(plan, "expAvg", element);
  words[at + word(SEG_EXP_AVG_SQ)] = addressOf(plan, "expAvgSq", element);
  words[at + word(SEG_MAX_EXP_AVG_SQ)] = addressOf(plan, "maxExpAvgSq", element);
  words[at + word(SEG_MODEL)] = addressOf(plan, "model", element);
  words[at + word(SEG_GRAD16)] = addressOf(plan, "grad16", element);
  words[at + word(SEG_SUMS)] = sums ? sumsPtr + block * 8 : 0;
  words[at + word(SEG_METRICS)] = metricsPtr + block * METRIC_BYTES;
  words[at + word(SEG_CHECKS)] = checksPtr + block * CHECK_BYTES;
  words[at + word(SEG_CHECK_STRIDE)] = 1;
  words[at + word(SEG_LENGTH)] = length;
}
