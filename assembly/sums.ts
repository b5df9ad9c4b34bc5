// Sums in float64 with a fixed order, docs/semantics.md "Reductions": within a block of BLOCK_LENGTH
// elements of a parameter, element i adds to accumulator i mod 8, and the block is
// ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)). The eight accumulators lie in memory at `acc`, so that the
// pieces of a block that a row-sparse gradient has can be added one after the other: what is absent
// would add 0, which changes nothing.

/** Bytes of the eight accumulators. */
export const ACCUMULATORS_BYTES: usize = 64;

export function clearSums(acc: usize): void {
  memory.fill(acc, 0, ACCUMULATORS_BYTES);
}

export function totalOf(acc: usize): f64 {
  return (
    load<f64>(acc) +
    load<f64>(acc, 32) +
    (load<f64>(acc, 16) + load<f64>(acc, 48)) +
    (load<f64>(acc, 8) + load<f64>(acc, 40) + (load<f64>(acc, 24) + load<f64>(acc, 56)))
  );
}

/** Two float32 as float64. */
@inline
function wide2(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from));
}

@inline
function add1(a: usize, b: usize, acc: usize): void {
  store<f64>(acc, load<f64>(acc) + <f64>load<f32>(a) * <f64>load<f32>(b));
}

/**
 * Adds a[i] * b[i] for `count` elements, of which the first is element `phase` mod 8 of its block.
 * `same` says at compile time that a and b are one, which saves a load.
 */
@inline
function addPairs(a: usize, b: usize, count: u32, phase: u32, acc: usize, same: bool): void {
  phase &= 7;
  while (phase && count) {
    add1(a, b, acc + (<usize>phase << 3));
    a += 4;
    b += 4;
    count--;
    phase = (phase + 1) & 7;
  }
  if (ASC_FEATURE_SIMD) {
    let rounds = count >> 3;
    if (rounds) {
      let s01 = v128.load(acc);
      let s23 = v128.load(acc, 16);
      let s45 = v128.load(acc, 32);
      let s67 = v128.load(acc, 48);
      do {
        const a01 = wide2(a);
        const a23 = f64x2.promote_low_f32x4(v128.load64_zero(a, 8));
        const a45 = f64x2.promote_low_f32x4(v128.load64_zero(a, 16));
        const a67 = f64x2.promote_low_f32x4(v128.load64_zero(a, 24));
        s01 = f64x2.add(s01, f64x2.mul(a01, same ? a01 : wide2(b)));
        s23 = f64x2.add(s23, f64x2.mul(a23, same ? a23 : f64x2.promote_low_f32x4(v128.load64_zero(b, 8))));
        s45 = f64x2.add(s45, f64x2.mul(a45, same ? a45 : f64x2.promote_low_f32x4(v128.load64_zero(b, 16))));
        s67 = f64x2.add(s67, f64x2.mul(a67, same ? a67 : f64x2.promote_low_f32x4(v128.load64_zero(b, 24))));
        a += 32;
        b += 32;
      } while (--rounds);
      v128.store(acc, s01);
      v128.store(acc, s23, 16);
      v128.store(acc, s45, 32);
      v128.store(acc, s67, 48);
    }
    count &= 7;
  }
  let lane: usize = 0;
  while (count--) {
    add1(a, b, acc + (lane << 3));
    a += 4;
    b += 4;
    lane = (lane + 1) & 7;
  }
}

/** Adds a[i] * b[i]; see addPairs. */
export function addProducts(a: usize, b: usize, count: u32, phase: u32, acc: usize): void {
  addPairs(a, b, count, phase, acc, false);
}

/** Adds a[i] * a[i]; see addPairs. */
export function addSquares(a: usize, count: u32, phase: u32, acc: usize): void {
  addPairs(a, a, count, phase, acc, true);
}
