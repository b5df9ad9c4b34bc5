import {
  CALL_BYTES,
  CHECK_BYTES,
  CHUNK_BYTES,
  JOB_BYTES,
  METRIC_BYTES,
  RUN_BYTES,
  SCRATCH_BYTES,
  SEG_BYTES,
  SPAN_BYTES,
} from "../../assembly/layout.ts";
import { mostChunks } from "./threads/chunks.ts";

// Byte addresses inside one slab: the segment table, sums, metrics and checksums of the blocks, a table of runs,
// what threads need, and scratch; then the planes, kept apart.

/** Runs of one call: a block has at most half of these, so that calls can end between blocks. */
export const RUNS_AT_ONCE = 4096;

/** WebAssembly's page. */
export const PAGE_BYTES = 65_536;
/** The most that one 32-bit memory can have. */
export const LARGEST_SLAB_BYTES = 4_294_967_296;

/** What a slab must hold. */
export interface SlabShape {
  /** Elements of each plane. */
  readonly elements: number;
  readonly segments: number;
  /** Reduction blocks of all segments. */
  readonly blocks: number;
  readonly amsgrad: boolean;
  readonly model16: boolean;
  /** Whether gradients can come in 16 bits. */
  readonly grad16: boolean;
  /** Threads that share its work, the caller's own included. */
  readonly threads: number;
}

export type PlaneName =
  | "param"
  | "grad"
  | "expAvg"
  | "expAvgSq"
  | "maxExpAvgSq"
  | "model"
  | "grad16";

export interface SlabLayout {
  /** Whole size, a multiple of PAGE_BYTES. */
  readonly bytes: number;
  readonly tablePtr: number;
  readonly sumsPtr: number;
  readonly metricsPtr: number;
  /** A check record for each block. */
  readonly checksPtr: number;
  /** A table of RUNS_AT_ONCE runs. */
  readonly runsPtr: number;
  /** How several threads share the slab's work; on cache lines of their own. */
  readonly callPtr: number;
  readonly jobPtr: number;
  readonly chunksPtr: number;
  readonly spansPtr: number;
  /** SCRATCH_BYTES for each thread. */
  readonly scratchPtr: number;
  /** Address of each plane; 0 where the slab has none. */
  readonly planes: Readonly<Record<PlaneName, number>>;
}

// Planes whose distance is near a multiple of 2^25 evict each other from the L1 cache: a step gets
// up to 9 times slower at 2^28 (Zen 4, docs/decisions/0003). An odd number of pages and of lines
// between them avoids that and 4 KiB aliasing for nearly every size; the search does the rest.
const PLANE_GAP_BYTES = 19 * 4096 + 1088;
const LINE_BYTES = 64;
const BAD_STRIDE_BYTES = 33_554_432; // 2^25
const BAD_STRIDE_MARGIN_BYTES = 65_536;
const ALIAS_BYTES = 4096;

/** Whether two planes that begin `distance` bytes apart stay out of each other's way. */
export function wellApart(distance: number): boolean {
  const farFrom = (multiple: number, margin: number) => {
    const rest = distance % multiple;
    return rest >= margin && multiple - rest >= margin;
  };
  return farFrom(BAD_STRIDE_BYTES, BAD_STRIDE_MARGIN_BYTES) && farFrom(ALIAS_BYTES, LINE_BYTES);
}

const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

/** Lays out a slab. Pure: the same shape always gives the same addresses. */
export function layoutSlab(shape: SlabShape): SlabLayout {
  // Address 0 means "none" in a record, so the table begins one line further.
  const tablePtr = LINE_BYTES;
  const sumsPtr = roundUp(tablePtr + shape.segments * SEG_BYTES, LINE_BYTES);
  const metricsPtr = roundUp(sumsPtr + shape.blocks * 8, LINE_BYTES);
  const checksPtr = roundUp(metricsPtr + shape.blocks * METRIC_BYTES, LINE_BYTES);
  const runsPtr = checksPtr + shape.blocks * CHECK_BYTES;
  const callPtr = runsPtr + RUNS_AT_ONCE * RUN_BYTES;
  const jobPtr = callPtr + roundUp(CALL_BYTES, LINE_BYTES);
  const chunksPtr = jobPtr + roundUp(JOB_BYTES, LINE_BYTES);
  const chunks = shape.threads > 1 ? mostChunks(shape.elements) : 0;
  const spansPtr = chunksPtr + chunks * CHUNK_BYTES;
  const spans = shape.threads > 1 ? chunks + shape.segments : 0;
  const scratchPtr = roundUp(spansPtr + spans * SPAN_BYTES, LINE_BYTES);
  const planes = { param: 0, grad: 0, expAvg: 0, expAvgSq: 0, maxExpAvgSq: 0, model: 0, grad16: 0 };
  const starts: number[] = [];
  let end = roundUp(scratchPtr + shape.threads * SCRATCH_BYTES, LINE_BYTES);
  const place = (plane: PlaneName, elementBytes: number) => {
    let start = starts.length === 0 ? end : end + PLANE_GAP_BYTES;
    while (!starts.every((other) => wellApart(start - other))) start += LINE_BYTES;
    starts.push(start);
    planes[plane] = start;
    end = start + roundUp(shape.elements * elementBytes, LINE_BYTES);
  };
  place("param", 4);
  place("grad", 4);
  place("expAvg", 4);
  place("expAvgSq", 4);
  if (shape.amsgrad) place("maxExpAvgSq", 4);
  if (shape.model16) place("model", 2);
  if (shape.grad16) place("grad16", 2);
  const bytes = roundUp(end, PAGE_BYTES);
  const threads = { callPtr, jobPtr, chunksPtr, spansPtr };
  return {
    bytes,
    tablePtr,
    sumsPtr,
    metricsPtr,
    checksPtr,
    runsPtr,
    ...threads,
    scratchPtr,
    planes,
  };
}
