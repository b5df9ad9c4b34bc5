// Row-sparse gradients: only some runs of a segment take part. The table of runs ascends.

import {
  BLOCK_LENGTH,
  RUN_BYTES,
  RUN_FIRST,
  RUN_LENGTH,
  SEG_GRAD,
  SEG_MAX_ABS_GRAD,
  SEG_OVERFLOWED,
  SEG_SUMS,
} from "./layout";
import { maxAbsBits } from "./reduce";
import { stepRun } from "./segment";
import { addSquares, clearSums, totalOf } from "./sums";

/**
 * Steps `count` runs of a segment. Adds to the segment's count of model values that are infinite:
 * tables of runs may come one after the other.
 */
export function stepRuns(seg: usize, runs: usize, count: u32): void {
  let overflowed = load<u32>(seg, SEG_OVERFLOWED);
  while (count--) {
    overflowed += stepRun(seg, load<u32>(runs, RUN_FIRST), load<u32>(runs, RUN_LENGTH));
    runs += RUN_BYTES;
  }
  store<u32>(seg, overflowed, SEG_OVERFLOWED);
}

/**
 * Scans `count` runs of a segment: MAX_ABS_GRAD of them and, where SUMS is an address, the sums of
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
  store<u32>(seg, largest, SEG_MAX_ABS_GRAD);
  return blocks;
}
