// Row-sparse gradients: only some runs of a segment take part. The table of runs ascends.

import {
  BLOCK_LENGTH,
  RUN_BYTES,
  RUN_FIRST,
  RUN_LENGTH,
  SEG_GRAD,
  SEG_MAX_ABS_GRAD,
  SEG_SUMS,
} from "./layout";
import { maxAbsBits } from "./reduce";
import { stepRange } from "./segment";
import { raiseTo } from "./shared";
import { addSquares, clearSums, totalOf } from "./sums";

/** Steps `count` runs of a segment. */
export function stepRuns(seg: usize, runs: usize, count: u32): void {
  while (count--) {
    stepRange(seg, load<u32>(runs, RUN_FIRST), load<u32>(runs, RUN_LENGTH), false);
    runs += RUN_BYTES;
  }
}

/**
 * Scans `count` runs of a segment: raises MAX_ABS_GRAD and, where SUMS is an address, the sums of
 * squares of the blocks that they touch, one after the other. Returns how many blocks those are.
 */
export function scanRuns(seg: usize, runs: usize, count: u32, acc: usize): u32 {
  const grad = <usize>load<u32>(seg, SEG_GRAD);
  const sums = <usize>load<u32>(seg, SEG_SUMS);
  let largest: u32 = 0;
  let blocks: u32 = 0;
  let open: u32 = u32.MAX_VALUE;
  while (count--) {
    let first = load<u32>(runs, RUN_FIRST);
    let left = load<u32>(runs, RUN_LENGTH);
    largest = max<u32>(largest, maxAbsBits(grad + (<usize>first << 2), left));
    while (sums && left) {
      const block = first / BLOCK_LENGTH;
      if (block != open) {
        if (blocks) store<f64>(sums + (<usize>(blocks - 1) << 3), totalOf(acc));
        clearSums(acc);
        open = block;
        blocks++;
      }
      const piece = min<u32>(left, (block + 1) * BLOCK_LENGTH - first);
      addSquares(grad + (<usize>first << 2), piece, first, acc);
      first += piece;
      left -= piece;
    }
    runs += RUN_BYTES;
  }
  if (blocks) store<f64>(sums + (<usize>(blocks - 1) << 3), totalOf(acc));
  raiseTo(seg + SEG_MAX_ABS_GRAD, largest);
  return blocks;
}
