// Reductions over gradients in a fixed order: docs/semantics.md, "Reductions". The largest magnitude
// tells non-finite gradients (its bits are at or above infinity's); the sums of squares make norms.

import {
  BLOCK_LENGTH,
  SEG_GRAD,
  SEG_LENGTH,
  SEG_MAX_ABS_GRAD,
  SEG_SUMS,
} from "./layout";
import { addSquares, clearSums, totalOf } from "./sums";

/** Largest of the bit patterns of |x|: as unsigned integers they order as the magnitudes do. */
export function maxAbsBits(from: usize, count: u32): u32 {
  let largest: u32 = 0;
  let rounds = count >> 4;
  if (rounds) {
    const mask = i32x4.splat(0x7fffffff);
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    do {
      a = i32x4.max_u(a, v128.and(v128.load(from), mask));
      b = i32x4.max_u(b, v128.and(v128.load(from, 16), mask));
      a = i32x4.max_u(a, v128.and(v128.load(from, 32), mask));
      b = i32x4.max_u(b, v128.and(v128.load(from, 48), mask));
      from += 64;
    } while (--rounds);
    a = i32x4.max_u(a, b);
    largest = max<u32>(
      max<u32>(i32x4.extract_lane(a, 0), i32x4.extract_lane(a, 1)),
      max<u32>(i32x4.extract_lane(a, 2), i32x4.extract_lane(a, 3)),
    );
  }
  let rest = count & 15;
  if (rest) {
    do {
      largest = max<u32>(largest, load<u32>(from) & 0x7fffffff);
      from += 4;
    } while (--rest);
  }
  return largest;
}

/**
 * Writes a segment's MAX_ABS_GRAD and, where SUMS is an address, the sum of squares of each block.
 * A segment begins on a block boundary of its parameter, so that splitting changes no block.
 * `acc` is scratch for the accumulators.
 */
export function scanSegment(seg: usize, acc: usize): void {
  let from = <usize>load<u32>(seg, SEG_GRAD);
  let left = load<u32>(seg, SEG_LENGTH);
  let sums = <usize>load<u32>(seg, SEG_SUMS);
  if (!sums) {
    store<u32>(seg, maxAbsBits(from, left), SEG_MAX_ABS_GRAD);
    return;
  }
  let largest: u32 = 0;
  while (left) {
    // Both readings of a block while it is in the L1 cache.
    const count = min<u32>(left, BLOCK_LENGTH);
    largest = max<u32>(largest, maxAbsBits(from, count));
    clearSums(acc);
    addSquares(from, count, 0, acc);
    store<f64>(sums, totalOf(acc));
    sums += 8;
    from += <usize>count << 2;
    left -= count;
  }
  store<u32>(seg, largest, SEG_MAX_ABS_GRAD);
}
