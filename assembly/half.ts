// float16 and bfloat16 <-> float32, round to nearest, ties to even. NaN stays NaN (quiet); its other
// bits are not promised. Each vector form does the scalar form's operations in the same order.

/** Bits of 2^-14, the smallest normal float16: below it the spacing no longer shrinks. */
const MIN_EXPONENT: u32 = 113 << 23;
/** Bits of 2^16: every finite value from here on is infinite as a float16. */
const FIRST_INFINITE: u32 = 143 << 23;
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
  const bounded = min<u32>(magnitude, FIRST_INFINITE);
  const exponent = max<u32>(bounded & INFINITY_BITS, MIN_EXPONENT);
  const aligner = exponent + ALIGN;
  const sum = reinterpret<f32>(bounded) + reinterpret<f32>(aligner);
  return sign | (((exponent - MIN_EXPONENT) >> 13) + (reinterpret<u32>(sum) - aligner));
}

@inline
function float16Of4(bits: v128): v128 {
  const magnitude = v128.and(bits, i32x4.splat(0x7fffffff));
  const sign = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(0x8000));
  const bounded = i32x4.min_u(magnitude, i32x4.splat(FIRST_INFINITE));
  const exponent = i32x4.max_u(
    v128.and(bounded, i32x4.splat(INFINITY_BITS)),
    i32x4.splat(MIN_EXPONENT),
  );
  const aligner = i32x4.add(exponent, i32x4.splat(ALIGN));
  const sum = f32x4.add(bounded, aligner);
  const finite = i32x4.add(
    i32x4.shr_u(i32x4.sub(exponent, i32x4.splat(MIN_EXPONENT)), 13),
    i32x4.sub(sum, aligner),
  );
  const isNaN = i32x4.gt_s(magnitude, i32x4.splat(INFINITY_BITS));
  return v128.or(sign, v128.bitselect(i32x4.splat(0x7e00), finite, isNaN));
}

/** float32 bits to bfloat16 bits: add just under half of the last kept bit, plus that bit. */
@inline
function bfloat16Of1(bits: u32): u32 {
  if ((bits & 0x7fffffff) > INFINITY_BITS) return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

@inline
function bfloat16Of4(bits: v128): v128 {
  const truncated = i32x4.shr_u(bits, 16);
  const rounded = i32x4.shr_u(
    i32x4.add(
      i32x4.add(bits, i32x4.splat(0x7fff)),
      v128.and(truncated, i32x4.splat(1)),
    ),
    16,
  );
  const isNaN = i32x4.gt_s(
    v128.and(bits, i32x4.splat(0x7fffffff)),
    i32x4.splat(INFINITY_BITS),
  );
  return v128.bitselect(v128.or(truncated, i32x4.splat(0x40)), rounded, isNaN);
}

/** 1 where `bits` is finite as float32 and `half` is infinite. */
@inline
function becameInfinite1(bits: u32, half: u32, infinity: u32): u32 {
  return <u32>((half & 0x7fff) == infinity) & <u32>((bits & 0x7fffffff) < INFINITY_BITS);
}

/** All ones where `bits` is finite as float32 and `half` is infinite. */
@inline
function becameInfinite4(bits: v128, half: v128, infinity: u32): v128 {
  return v128.and(
    i32x4.eq(v128.and(half, i32x4.splat(0x7fff)), i32x4.splat(infinity)),
    i32x4.lt_s(v128.and(bits, i32x4.splat(0x7fffffff)), i32x4.splat(INFINITY_BITS)),
  );
}

/** The low 16 bits of four and four lanes, side by side. */
@inline
function packLow(low: v128, high: v128): v128 {
  return v128.shuffle<u16>(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
}

@inline
function sumLanes(counts: v128): u32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

/** Both formats' loop; `bfloat16` is constant at each call, so that each compiles to its own. */
@inline
function narrow(from: usize, to: usize, count: u32, bfloat16: bool): u32 {
  const infinity: u32 = bfloat16 ? 0x7f80 : 0x7c00;
  let overflowed: u32 = 0;
  let rounds = count >> 3;
  if (rounds) {
    let counts = i32x4.splat(0);
    do {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const low = bfloat16 ? bfloat16Of4(a) : float16Of4(a);
      const high = bfloat16 ? bfloat16Of4(b) : float16Of4(b);
      counts = i32x4.sub(counts, becameInfinite4(a, low, infinity));
      counts = i32x4.sub(counts, becameInfinite4(b, high, infinity));
      v128.store(to, packLow(low, high));
      from += 32;
      to += 16;
    } while (--rounds);
    overflowed = sumLanes(counts);
  }
  let rest = count & 7;
  if (rest) {
    do {
      const bits = load<u32>(from);
      const half = bfloat16 ? bfloat16Of1(bits) : float16Of1(bits);
      overflowed += becameInfinite1(bits, half, infinity);
      store<u16>(to, half);
      from += 4;
      to += 2;
    } while (--rest);
  }
  return overflowed;
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
