import { BLOCK_LENGTH, SEG_BYTES, SEG_MAX_ABS_GRAD, SEG_SUMS } from "../../assembly/layout.ts";
import { recordPtr } from "./plan.ts";
import type { Part } from "./slab.ts";
import { RUNS_AT_ONCE } from "./slab-layout.ts";

// Row-sparse gradients over the kernel: rows of a parameter become runs of its parts' segments, in
// tables that end between reduction blocks, so that no block is summed in two pieces.

/** Called with a table of `count` runs that lies at the slab's runsPtr. */
type Use = (count: number) => void;

/**
 * Writes the runs that ascending rows make in one part, and calls `use` for each full table.
 *
 * @param rows       uint32, ascending, each once
 * @param rowLength  elements of a row
 */
function eachTable(part: Part, rows: Uint32Array, rowLength: number, use: Use): void {
  const { slab, segment } = part;
  const table = slab.memory.uint32(slab.plan.layout.runsPtr, RUNS_AT_ONCE * 2);
  const end = segment.first + segment.length;
  let count = 0;
  let block = -1;
  let reached = -1;
  const add = (first: number, length: number) => {
    const opened = Math.floor(first / BLOCK_LENGTH);
    if (opened !== block && count >= RUNS_AT_ONCE / 2) {
      use(count);
      count = 0;
      reached = -1;
    }
    block = opened;
    if (first === reached) table[count * 2 - 1] += length;
    else {
      table[count * 2] = first;
      table[count * 2 + 1] = length;
      count++;
    }
    reached = first + length;
  };
  for (const row of rows) {
    let from = Math.max(row * rowLength, segment.first);
    const to = Math.min((row + 1) * rowLength, end);
    while (from < to) {
      // Runs are counted from the segment's first element, which begins a block.
      const first = from - segment.first;
      const length = Math.min(to - from, BLOCK_LENGTH - (first % BLOCK_LENGTH));
      add(first, length);
      from += length;
    }
  }
  if (count > 0) use(count);
}

const segmentPtr = ({ slab, word }: Part) => recordPtr(slab.plan.layout, word / (SEG_BYTES / 4));

/** Updates the rows of a part. Its scalars are written before. */
export function stepRows(part: Part, rows: Uint32Array, rowLength: number): void {
  const { slab } = part;
  eachTable(part, rows, rowLength, (count) => {
    slab.kernel.stepRuns(segmentPtr(part), slab.plan.layout.runsPtr, count);
  });
}

/** Folds the gradients of the rows of a part into the uint64 at `hashPtr`. */
export function checkRows(part: Part, rows: Uint32Array, rowLength: number, hashPtr: number): void {
  const { kernel, plan } = part.slab;
  eachTable(part, rows, rowLength, (count) => {
    kernel.checkRuns(segmentPtr(part), plan.layout.runsPtr, count, hashPtr);
  });
}

/** Largest |gradient| of the rows of a part; how many blocks of sums were written. */
export interface ScannedRows {
  readonly maxAbs: number;
  readonly blocks: number;
}

/** Scans the rows of a part: their sums of squares, where asked for, one touched block after another. */
export function scanRows(part: Part, rows: Uint32Array, rowLength: number): ScannedRows {
  const { slab, word, segment } = part;
  const { layout } = slab.plan;
  const at = word + SEG_SUMS / 4;
  const sumsPtr = slab.words[at];
  let blocks = 0;
  slab.words[word + SEG_MAX_ABS_GRAD / 4] = 0;
  eachTable(part, rows, rowLength, (count) => {
    if (sumsPtr) slab.words[at] = layout.sumsPtr + (segment.block + blocks) * 8;
    blocks += slab.kernel.scanRuns(segmentPtr(part), layout.runsPtr, count, layout.scratchPtr);
  });
  slab.words[at] = sumsPtr;
  return { maxAbs: slab.scalars[word + SEG_MAX_ABS_GRAD / 4], blocks };
}
