// float16 and bfloat16 to float32: exact. A signalling NaN may become a quiet one.

/** float16 bits in the low half of a u32 to float32. */
@inline
function float32Of1(half: u32): u32 {
  const magnitude = half & 0x7fff;
  // Exponent and significand slide into float32's fields; multiplying by 2^112 corrects the bias and
  // makes subnormal halves normal, exactly. Infinity and NaN need float32's full exponent instead.
  const scaled = reinterpret<f32>(magnitude << 13) * reinterpret<f32>(<u32>(239 << 23));
  const special = magnitude >= 0x7c00 ? <u32>0x7f800000 : <u32>0;
  return reinterpret<u32>(scaled) | special | ((half & 0x8000) << 16);
}

@inline
function float32Of4(half: v128): v128 {
  const magnitude = v128.and(half, i32x4.splat(0x7fff));
  const scaled = f32x4.mul(i32x4.shl(magnitude, 13), i32x4.splat(239 << 23));
  const special = v128.and(
    i32x4.ge_s(magnitude, i32x4.splat(0x7c00)),
    i32x4.splat(0x7f800000),
  );
  const sign = i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16);
  return v128.or(v128.or(scaled, special), sign);
}

/** Both formats' loop; `bfloat16` is constant at each call, so that each compiles to its own. */
@inline
function widen(from: usize, to: usize, count: u32, bfloat16: bool): void {
  let rest = count;
  if (ASC_FEATURE_SIMD) {
    let rounds = count >> 2;
    if (rounds) {
      do {
        const half = v128.load_ext<u16>(from);
        v128.store(to, bfloat16 ? i32x4.shl(half, 16) : float32Of4(half));
        from += 8;
        to += 16;
      } while (--rounds);
    }
    rest = count & 3;
  }
  if (rest) {
    do {
      const half: u32 = load<u16>(from);
      store<u32>(to, bfloat16 ? half << 16 : float32Of1(half));
      from += 2;
      to += 4;
    } while (--rest);
  }
}

/** float16[count] at `from` to float32[count] at `to`. */
export function widenFloat16(from: usize, to: usize, count: u32): void {
  widen(from, to, count, false);
}

/** bfloat16[count] at `from` to float32[count] at `to`. */
export function widenBfloat16(from: usize, to: usize, count: u32): void {
  widen(from, to, count, true);
}
