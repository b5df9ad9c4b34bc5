// Walks one segment: the update over all of it; and where 16-bit gradients or a model copy come with
// it, block by block, so that a block is converted while it is still in the L1 cache. One loop that
// does all of it runs out of registers: 1.82 against 1.27 ns per parameter with float16 on both sides.

import {
  add1,
  checkGradients,
  checkStates,
  clearRecord,
  factors4,
  GRAD_FACTORS,
  recordOf,
  word1,
  word4,
} from "./checks";
import { widenGradient, zeroGradient } from "./gradient";
import { narrowBfloat16, narrowFloat16 } from "./half";
import {
  CHECK_GRAD,
  FLAG_AMSGRAD,
  FLAG_CHECK,
  FLAG_FLUSH,
  FLAG_GRAD_BFLOAT16,
  FLAG_GRAD_FLOAT16,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLAG_MODEL_ONLY,
  FLAG_ZERO_GRAD,
  HALF_BLOCK_LENGTH,
  SEG_BETA1,
  SEG_BETA2,
  SEG_DECAY,
  SEG_EPS_HAT,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_GRAD_SCALE,
  SEG_MAX_EXP_AVG_SQ,
  SEG_MODEL,
  SEG_ONE_MINUS_BETA1,
  SEG_ONE_MINUS_BETA2,
  SEG_OVERFLOWED,
  SEG_PARAM,
  SEG_STEP_SIZE,
} from "./layout";
import { addTo } from "./shared";
import { update1, update4 } from "./update";
import { widenBfloat16, widenFloat16 } from "./widen";

/** Updates `count` elements that begin `first` elements into the segment. */
@inline
function updateRun(
  seg: usize,
  first: usize,
  count: u32,
  scaled: bool,
  amsgrad: bool,
  flush: bool,
  check: bool,
): void {
  const skip = first << 2;
  let p = <usize>load<u32>(seg, SEG_PARAM) + skip;
  let g = <usize>load<u32>(seg, SEG_GRAD) + skip;
  let m = <usize>load<u32>(seg, SEG_EXP_AVG) + skip;
  let v = <usize>load<u32>(seg, SEG_EXP_AVG_SQ) + skip;
  let x: usize = 0;
  if (amsgrad) x = <usize>load<u32>(seg, SEG_MAX_EXP_AVG_SQ) + skip;

  const gradScale = load<f32>(seg, SEG_GRAD_SCALE);
  const beta1 = load<f32>(seg, SEG_BETA1);
  const oneMinusBeta1 = load<f32>(seg, SEG_ONE_MINUS_BETA1);
  const beta2 = load<f32>(seg, SEG_BETA2);
  const oneMinusBeta2 = load<f32>(seg, SEG_ONE_MINUS_BETA2);
  const decay = load<f32>(seg, SEG_DECAY);
  const stepSize = load<f32>(seg, SEG_STEP_SIZE);
  const epsHat = load<f32>(seg, SEG_EPS_HAT);

  let pair: usize = 0;
  if (check) pair = recordOf(seg, <u32>first) + CHECK_GRAD;
  let rest = count;
  if (ASC_FEATURE_SIMD) {
    const s4 = f32x4.splat(gradScale);
    const a4 = f32x4.splat(beta1);
    const b4 = f32x4.splat(oneMinusBeta1);
    const c4 = f32x4.splat(beta2);
    const d4 = f32x4.splat(oneMinusBeta2);
    const w4 = f32x4.splat(decay);
    const l4 = f32x4.splat(stepSize);
    const e4 = f32x4.splat(epsHat);

    // The loops test at the bottom: with the test on top, V8 rebuilds every splat in each round
    // (0.76 against 0.65 ns per parameter). They count rounds, not addresses: an end address may be 2^32.
    // Four vectors a round: alone on its core the division hides the counting, but beside a busy
    // neighbour, with half of a core's slots, it does not (0.82 against 0.77 ns, amsgrad 1.00 against 0.89).
    if (check) {
      // Here, beside the divisions, the gradient's checksum costs half of what a pass of its own does.
      let rounds = count >> 2;
      if (rounds) {
        let a = v128.load(pair);
        let b = v128.load(pair, 16);
        const factors = factors4(GRAD_FACTORS, count >> 31);
        do {
          a = i32x4.add(a, word4(g, factors));
          b = i32x4.add(b, a);
          update4(p, g, m, v, x, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          p += 16;
          g += 16;
          m += 16;
          v += 16;
          if (amsgrad) x += 16;
        } while (--rounds);
        v128.store(pair, a);
        v128.store(pair, b, 16);
      }
    } else {
      let rounds = count >> 4;
      if (rounds) {
        do {
          update4(p, g, m, v, x, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          update4(p + 16, g + 16, m + 16, v + 16, x + 16, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          update4(p + 32, g + 32, m + 32, v + 32, x + 32, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          update4(p + 48, g + 48, m + 48, v + 48, x + 48, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          p += 64;
          g += 64;
          m += 64;
          v += 64;
          if (amsgrad) x += 64;
        } while (--rounds);
      }
      rounds = (count >> 2) & 3;
      if (rounds) {
        do {
          update4(p, g, m, v, x, s4, a4, b4, c4, d4, w4, l4, e4, scaled, amsgrad, flush);
          p += 16;
          g += 16;
          m += 16;
          v += 16;
          if (amsgrad) x += 16;
        } while (--rounds);
      }
    }
    rest = count & 3;
  }
  if (rest) {
    let lane: u32 = 0;
    do {
      if (check) add1(pair, lane++, word1(g, GRAD_FACTORS));
      update1(
        p, g, m, v, x,
        gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, decay, stepSize, epsHat,
        scaled, amsgrad, flush,
      );
      p += 4;
      g += 4;
      m += 4;
      v += 4;
      if (amsgrad) x += 4;
    } while (--rest);
  }
}

// One function a variant, so that each loop has its own registers. The flush is rare enough to be
// scaled always.
function updatePlain(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, false, false, false, false);
}
function updatePlainScaled(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, false, false, false);
}
function updatePlainFlush(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, false, true, false);
}
function updateAmsgrad(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, false, true, false, false);
}
function updateAmsgradScaled(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, true, false, false);
}
function updateAmsgradFlush(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, true, true, false);
}

function updatePlainChecked(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, false, false, false, true);
}
function updatePlainScaledChecked(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, false, false, true);
}
function updateAmsgradChecked(seg: usize, first: usize, count: u32): void {
  updateRun(seg, first, count, true, true, false, true);
}

function updateBlock(seg: usize, first: usize, count: u32, flags: u32): void {
  const scaled = load<f32>(seg, SEG_GRAD_SCALE) != 1;
  // What is rare makes its checksums in a pass of its own.
  if ((flags & (FLAG_CHECK | FLAG_FLUSH)) == FLAG_CHECK) {
    if (flags & FLAG_AMSGRAD) updateAmsgradChecked(seg, first, count);
    else if (scaled) updatePlainScaledChecked(seg, first, count);
    else updatePlainChecked(seg, first, count);
    return;
  }
  if (flags & FLAG_AMSGRAD) {
    if (flags & FLAG_FLUSH) updateAmsgradFlush(seg, first, count);
    else if (scaled) updateAmsgradScaled(seg, first, count);
    else updateAmsgrad(seg, first, count);
  } else if (flags & FLAG_FLUSH) updatePlainFlush(seg, first, count);
  else if (scaled) updatePlainScaled(seg, first, count);
  else updatePlain(seg, first, count);
}

/** Narrows a block's new weights into the model copy, and counts those that became infinite. */
@inline
function narrowModel(seg: usize, first: u32, count: u32, flags: u32): void {
  if (!(flags & (FLAG_MODEL_FLOAT16 | FLAG_MODEL_BFLOAT16))) return;
  const param = <usize>load<u32>(seg, SEG_PARAM) + (<usize>first << 2);
  const model = <usize>load<u32>(seg, SEG_MODEL) + (<usize>first << 1);
  let overflowed: u32;
  if (flags & FLAG_MODEL_FLOAT16) {
    overflowed = narrowFloat16(param, model, count);
    if (flags & FLAG_MODEL_ONLY) widenFloat16(model, param, count);
  } else {
    overflowed = narrowBfloat16(param, model, count);
    if (flags & FLAG_MODEL_ONLY) widenBfloat16(model, param, count);
  }
  if (overflowed) addTo(seg + SEG_OVERFLOWED, overflowed);
}

/** What needs a walk block by block: all that reads or writes what the update has just touched. */
const BLOCKWISE =
  FLAG_MODEL_FLOAT16 |
  FLAG_MODEL_BFLOAT16 |
  FLAG_GRAD_FLOAT16 |
  FLAG_GRAD_BFLOAT16 |
  FLAG_ZERO_GRAD |
  FLAG_CHECK;

/**
 * Steps `length` elements of a segment that begin with element `first`: widens their gradient,
 * updates them, narrows them into the model copy, each as the flags say. Gradients are kept where
 * `keep` says so, whatever the flags.
 */
export function stepRange(seg: usize, first: u32, length: u32, keep: bool): void {
  const flags = load<u32>(seg, SEG_FLAGS);
  if (!length) return;
  if (!(flags & BLOCKWISE)) {
    updateBlock(seg, first, length, flags);
    return;
  }
  const end = first + length;
  do {
    const count = min<u32>(end - first, HALF_BLOCK_LENGTH);
    widenGradient(seg, first, count);
    if (flags & FLAG_CHECK) clearRecord(seg, first);
    updateBlock(seg, first, count, flags);
    narrowModel(seg, first, count, flags);
    if (flags & FLAG_CHECK) {
      if (flags & FLAG_FLUSH) checkGradients(seg, first, count);
      checkStates(seg, first, count);
    }
    if (!keep) zeroGradient(seg, first, count);
    first += count;
  } while (first < end);
}
