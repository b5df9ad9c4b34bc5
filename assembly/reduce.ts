// Reductions over gradients in a fixed order: docs/semantics.md, "Reductions". The largest magnitude
// tells non-finite gradients (its bits are at or above infinity's); the sums of squares make norms.

import {
  BLOCK_LENGTH,
  SEG_GRAD,
  SEG_LENGTH,
  SEG_MAX_ABS_GRAD,
  SEG_SUMS,
} from "./layout";

/** Largest of the bit patterns of |x|: as unsigned integers they order as the magnitudes do. */
function maxAbsBits(from: usize, count: u32): u32 {
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
 * Sum of squares of one block in float64: element i adds to accumulator i mod 8, and
 * block = ((a0+a4)+(a2+a6)) + ((a1+a5)+(a3+a7)).
 */
function sumSquares(from: usize, count: u32): f64 {
  let a01 = f64x2.splat(0);
  let a23 = f64x2.splat(0);
  let a45 = f64x2.splat(0);
  let a67 = f64x2.splat(0);
  let rounds = count >> 3;
  if (rounds) {
    do {
      const x01 = f64x2.promote_low_f32x4(v128.load64_zero(from));
      const x23 = f64x2.promote_low_f32x4(v128.load64_zero(from, 8));
      const x45 = f64x2.promote_low_f32x4(v128.load64_zero(from, 16));
      const x67 = f64x2.promote_low_f32x4(v128.load64_zero(from, 24));
      a01 = f64x2.add(a01, f64x2.mul(x01, x01));
      a23 = f64x2.add(a23, f64x2.mul(x23, x23));
      a45 = f64x2.add(a45, f64x2.mul(x45, x45));
      a67 = f64x2.add(a67, f64x2.mul(x67, x67));
      from += 32;
    } while (--rounds);
  }
  // Up to seven elements are left, for accumulators 0 .. 6 in order; absent ones add nothing.
  let a0 = f64x2.extract_lane(a01, 0);
  let a1 = f64x2.extract_lane(a01, 1);
  let a2 = f64x2.extract_lane(a23, 0);
  let a3 = f64x2.extract_lane(a23, 1);
  let a4 = f64x2.extract_lane(a45, 0);
  let a5 = f64x2.extract_lane(a45, 1);
  let a6 = f64x2.extract_lane(a67, 0);
  const a7 = f64x2.extract_lane(a67, 1);
  const rest = count & 7;
  if (rest > 0) a0 += square(from);
  if (rest > 1) a1 += square(from + 4);
  if (rest > 2) a2 += square(from + 8);
  if (rest > 3) a3 += square(from + 12);
  if (rest > 4) a4 += square(from + 16);
  if (rest > 5) a5 += square(from + 20);
  if (rest > 6) a6 += square(from + 24);
  return a0 + a4 + (a2 + a6) + (a1 + a5 + (a3 + a7));
}

@inline
function square(from: usize): f64 {
  const x = <f64>load<f32>(from);
  return x * x;
}

/**
 * Writes a segment's MAX_ABS_GRAD and, where SUMS is an address, the sum of squares of each block.
 * A segment begins on a block boundary of its parameter, so that splitting changes no block.
 */
export function scanSegment(seg: usize): void {
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
    store<f64>(sums, sumSquares(from, count));
    sums += 8;
    from += <usize>count << 2;
    left -= count;
  }
  store<u32>(seg, largest, SEG_MAX_ABS_GRAD);
}
