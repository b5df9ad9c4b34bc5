// float32 to float16 and bfloat16, round to nearest, ties to even. NaN stays NaN (quiet); its other
// bits are not promised.
//
// Weights are finite and within the format's range, so the loop for them does nothing about the
// rest: it only keeps the largest magnitude. Where that is beyond the range the whole run is narrowed
// once more, element by element. A step with a float16 copy took 1.85 times a plain one when the loop
// did all of it, and takes 1.33 times now (64k parameters, one run).

/** Bits of 2^-14, the smallest normal float16: below it the spacing no longer shrinks. */
const MIN_EXPONENT: u32 = 113 << 23;
/** Bits of 65,520 and of 2^128 - 2^119: the least magnitudes that round to infinity. */
const FIRST_INFINITE_FLOAT16: u32 = 0x477ff000;
const FIRST_INFINITE_BFLOAT16: u32 = 0x7f7f8000;
/** Bits of 2^16: from here on float16's spacing no longer grows, and everything is infinite. */
const BEYOND: u32 = 143 << 23;
/** Adding 2^13 times the value's power of two puts float32's last bit where float16's is. */
const ALIGN: u32 = 13 << 23;
const INFINITY_BITS: u32 = 0x7f800000;

/**
 * float32 bits to float16 bits.
 *
 * With E the exponent of |x| (at least -14), |x| + 2^(E+13) is a sum whose last bit is worth
 * 2^(E-10), float16's spacing there: the one float32 addition rounds just as the conversion must,
 * and the sum's bits minus those of 2^(E+13) count the spacings. Each step of E adds 1024 to the
 * result, and a carry out of the significand steps the exponent by itself, up to infinity.
 */
@inline
function float16Of1(bits: u32): u32 {
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > INFINITY_BITS) return sign | 0x7e00;
  const bounded = min<u32>(magnitude, BEYOND);
  const exponent = max<u32>(bounded & INFINITY_BITS, MIN_EXPONENT);
  const aligner = exponent + ALIGN;
  const sum = reinterpret<f32>(bounded) + reinterpret<f32>(aligner);
  return sign | (((exponent - MIN_EXPONENT) >> 13) + (reinterpret<u32>(sum) - aligner));
}

/** Four magnitudes below FIRST_INFINITE_FLOAT16 to their float16 bits, in the low 16 of each lane. */
@inline
function float16Of4(magnitude: v128): v128 {
  const exponent = i32x4.max_u(
    v128.and(magnitude, i32x4.splat(INFINITY_BITS)),
    i32x4.splat(MIN_EXPONENT),
  );
  const sum = f32x4.add(magnitude, i32x4.add(exponent, i32x4.splat(ALIGN)));
  // ((exponent - MIN_EXPONENT) >> 13) + (sum - (exponent + ALIGN)), its constants put together.
  const counted = i32x4.sub(i32x4.add(sum, i32x4.shr_u(exponent, 13)), exponent);
  return i32x4.sub(counted, i32x4.splat(ALIGN + (MIN_EXPONENT >> 13)));
}

/** float32 bits to bfloat16 bits: add just under half of the last kept bit, plus that bit. */
@inline
function bfloat16Of1(bits: u32): u32 {
  if ((bits & 0x7fffffff) > INFINITY_BITS) return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/** Four float32 below FIRST_INFINITE_BFLOAT16 to bfloat16 bits, sign-extended to the lane. */
@inline
function bfloat16Of4(bits: v128): v128 {
  const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  return i32x4.shr_s(i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), odd), 16);
}

/** Eight float32 at `from` to 16 bits at `to`; returns the larger magnitudes of each four and `largest`. */
@inline
function narrow8(from: usize, to: usize, largest: v128, bfloat16: bool): v128 {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  const magnitudeA = v128.and(a, i32x4.splat(0x7fffffff));
  const magnitudeB = v128.and(b, i32x4.splat(0x7fffffff));
  // What is packed fits 16 bits with its sign, so that nothing saturates.
  if (bfloat16) {
    v128.store(to, i16x8.narrow_i32x4_s(bfloat16Of4(a), bfloat16Of4(b)));
  } else {
    const upper = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 16), i32x4.shr_s(b, 16));
    const finite = i16x8.narrow_i32x4_s(float16Of4(magnitudeA), float16Of4(magnitudeB));
    v128.store(to, v128.or(v128.and(upper, i16x8.splat(-0x8000)), finite));
  }
  return i32x4.max_u(i32x4.max_u(largest, magnitudeA), magnitudeB);
}

@inline
function largestLane(lanes: v128): u32 {
  return max<u32>(
    max<u32>(i32x4.extract_lane(lanes, 0), i32x4.extract_lane(lanes, 1)),
    max<u32>(i32x4.extract_lane(lanes, 2), i32x4.extract_lane(lanes, 3)),
  );
}

/**
 * Both formats, element by element, whatever the values are; returns how many finite ones became
 * infinite.
 */
@inline
function narrowAny(from: usize, to: usize, count: u32, bfloat16: bool): u32 {
  const firstInfinite = bfloat16 ? FIRST_INFINITE_BFLOAT16 : FIRST_INFINITE_FLOAT16;
  let overflowed: u32 = 0;
  while (count) {
    const bits = load<u32>(from);
    const magnitude = bits & 0x7fffffff;
    store<u16>(to, bfloat16 ? bfloat16Of1(bits) : float16Of1(bits));
    overflowed += <u32>(magnitude >= firstInfinite) & <u32>(magnitude < INFINITY_BITS);
    from += 4;
    to += 2;
    count--;
  }
  return overflowed;
}

/** Both formats' loop; `bfloat16` is constant at each call, so that each compiles to its own. */
@inline
function narrow(from: usize, to: usize, count: u32, bfloat16: bool): u32 {
  if (ASC_FEATURE_SIMD) {
    const firstInfinite = bfloat16 ? FIRST_INFINITE_BFLOAT16 : FIRST_INFINITE_FLOAT16;
    let rounds = count >> 3;
    let source = from;
    let target = to;
    if (rounds) {
      let largest = i32x4.splat(0);
      do {
        largest = narrow8(source, target, largest, bfloat16);
        source += 32;
        target += 16;
      } while (--rounds);
      if (largestLane(largest) >= firstInfinite) return narrowAny(from, to, count, bfloat16);
    }
    return narrowAny(source, target, count & 7, bfloat16);
  }
  return narrowAny(from, to, count, bfloat16);
}

/**
 * float32[count] at `from` to float16[count] at `to`.
 * Returns how many finite values became infinite.
 */
export function narrowFloat16(from: usize, to: usize, count: u32): u32 {
  return narrow(from, to, count, false);
}

/**
 * float32[count] at `from` to bfloat16[count] at `to`.
 * Returns how many finite values became infinite.
 */
export function narrowBfloat16(from: usize, to: usize, count: u32): u32 {
  return narrow(from, to, count, true);
}
