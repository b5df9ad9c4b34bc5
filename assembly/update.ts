// One element of AdamW, as a scalar and as a vector of four: the same operations in the same order,
// each rounded once. docs/semantics.md, "One element", is the specification; tests compare the bits.
//
// Addresses and scalars come by value, so that the caller's loop keeps them in registers; `scaled`,
// `amsgrad` and `flush` are constants at every call, so that each variant compiles to its own loop.
// Not `scaled` means that gradScale is 1: multiplying by it costs 4 % and changes no bit.

/** Bits of the smallest normal float32, 2^-126. */
const SMALLEST_NORMAL_BITS: u32 = 0x00800000;

/** x, or +0 where its exponent field is zero (subnormals and -0). */
@inline
function flush1(x: f32): f32 {
  return (reinterpret<u32>(x) & 0x7fffffff) < SMALLEST_NORMAL_BITS ? 0.0 : x;
}

@inline
function flush4(x: v128): v128 {
  // 2^-126 compares exactly; a NaN compares false and stays.
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(reinterpret<f32>(SMALLEST_NORMAL_BITS))));
}

@inline
export function update1(
  param: usize,
  grad: usize,
  expAvg: usize,
  expAvgSq: usize,
  maxExpAvgSq: usize,
  gradScale: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  decay: f32,
  stepSize: f32,
  epsHat: f32,
  scaled: bool,
  amsgrad: bool,
  flush: bool,
): void {
  let g: f32 = load<f32>(grad);
  if (scaled) g *= gradScale;
  let m: f32 = load<f32>(expAvg) * beta1 + g * oneMinusBeta1;
  let v: f32 = load<f32>(expAvgSq) * beta2 + g * oneMinusBeta2 * g;
  if (flush) {
    m = flush1(m);
    v = flush1(v);
  }
  store<f32>(expAvg, m);
  store<f32>(expAvgSq, v);
  if (amsgrad) {
    let before: f32 = load<f32>(maxExpAvgSq);
    if (flush) before = flush1(before);
    v = v < before ? before : v;
    store<f32>(maxExpAvgSq, v);
  }
  const p: f32 = load<f32>(param);
  store<f32>(param, p - (p * decay + (m * stepSize) / (sqrt<f32>(v) + epsHat)));
}

@inline
export function update4(
  param: usize,
  grad: usize,
  expAvg: usize,
  expAvgSq: usize,
  maxExpAvgSq: usize,
  gradScale: v128,
  beta1: v128,
  oneMinusBeta1: v128,
  beta2: v128,
  oneMinusBeta2: v128,
  decay: v128,
  stepSize: v128,
  epsHat: v128,
  scaled: bool,
  amsgrad: bool,
  flush: bool,
): void {
  let g = v128.load(grad);
  if (scaled) g = f32x4.mul(g, gradScale);
  let m = f32x4.add(f32x4.mul(v128.load(expAvg), beta1), f32x4.mul(g, oneMinusBeta1));
  let v = f32x4.add(
    f32x4.mul(v128.load(expAvgSq), beta2),
    f32x4.mul(f32x4.mul(g, oneMinusBeta2), g),
  );
  if (flush) {
    m = flush4(m);
    v = flush4(v);
  }
  v128.store(expAvg, m);
  v128.store(expAvgSq, v);
  if (amsgrad) {
    let before = v128.load(maxExpAvgSq);
    if (flush) before = flush4(before);
    // pmax(a, b) is a < b ? b : a, the scalar form's choice; f32x4.max is 1.5 times slower.
    v = f32x4.pmax(v, before);
    v128.store(maxExpAvgSq, v);
  }
  const p = v128.load(param);
  const step = f32x4.div(f32x4.mul(m, stepSize), f32x4.add(f32x4.sqrt(v), epsHat));
  v128.store(param, f32x4.sub(p, f32x4.add(f32x4.mul(p, decay), step)));
}
