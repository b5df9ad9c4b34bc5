// Reductions over gradients in a fixed order: docs/semantics.md, "Reductions". The largest magnitude
// tells non-finite gradients (its bits are at or above infinity's); the sums of squares make norms.

import { widenGradient } from "./gradient";
import { BLOCK_LENGTH, SEG_GRAD, SEG_MAX_ABS_GRAD, SEG_SUMS } from "./layout";
import { raiseTo } from "./shared";
import { addSquares, clearSums, totalOf } from "./sums";

/** Largest of the bit patterns of |x|: as unsigned integers they order as the magnitudes do. */
export function maxAbsBits(from: usize, count: u32): u32 {
  let largest: u32 = 0;
  let rest = count;
  if (ASC_FEATURE_SIMD) {
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
    rest = count & 15;
  }
  if (rest) {
    do {
      largest = max<u32>(largest, load<u32>(from) & 0x7fffffff);
      from += 4;
    } while (--rest);
  }
  return largest;
}

/**
 * Bits of a float32 that no |x| is above whose squares, with others', add up to `sum`; at or above
 * infinity's where one is not finite. A little more than the root, which rounding may have lowered.
 */
@inline
function boundBits(sum: f64): u32 {
  return reinterpret<u32>(<f32>(sqrt<f64>(sum) * (1.0 + 1.0 / 1048576.0))) & 0x7fffffff;
}

/**
 * Reads `length` gradients of a segment that begin with element `first`, a multiple of BLOCK_LENGTH,
 * widening them where the flags say so. Without SUMS it raises MAX_ABS_GRAD; where SUMS is an address
 * it writes the sum of squares of each block, and raises MAX_ABS_GRAD to a bound that follows from
 * it: a second reading would cost 0.05 ns a parameter. A segment begins on a block boundary of its
 * parameter, so that splitting changes no block. `acc` is scratch for the accumulators.
 */
export function scanRange(seg: usize, first: u32, length: u32, acc: usize): void {
  const grad = <usize>load<u32>(seg, SEG_GRAD);
  const sums = <usize>load<u32>(seg, SEG_SUMS);
  const end = first + length;
  let largest: u32 = 0;
  while (first < end) {
    // All readings of a block while it is in the L1 cache.
    const count = min<u32>(end - first, BLOCK_LENGTH);
    const from = grad + (<usize>first << 2);
    widenGradient(seg, first, count);
    if (sums) {
      clearSums(acc);
      addSquares(from, count, 0, acc);
      const sum = totalOf(acc);
      store<f64>(sums + (<usize>(first / BLOCK_LENGTH) << 3), sum);
      largest = max<u32>(largest, boundBits(sum));
    } else largest = max<u32>(largest, maxAbsBits(from, count));
    first += count;
  }
  raiseTo(seg + SEG_MAX_ABS_GRAD, largest);
}
