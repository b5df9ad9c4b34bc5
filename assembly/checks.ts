// Checksums of the bits, docs/semantics.md "Checksums": of a gradient and of a parameter's state, so
// that two runs can be compared after every step for little. Not cryptographic.
//
// An element's word is its bits' two halves, as signed 16-bit integers, times two primes. Four lanes
// (element i of a block has lane i mod 4) have two accumulators each: a sums the words, b sums what a
// was after each, which tells orders apart. A change of one element changes its word, but for two of
// the 2^32 differences, and signs that change in pairs do not cancel, as they would in a plain sum. All
// integers: the same with vectors or without, in any engine.

import {
  BLOCK_LENGTH,
  CHECK_BYTES,
  CHECK_GRAD,
  CHECK_STATE,
  FLAG_AMSGRAD,
  RUN_BYTES,
  RUN_FIRST,
  RUN_LENGTH,
  SEG_CHECK_PHASE,
  SEG_CHECK_STRIDE,
  SEG_CHECKS,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_LENGTH,
  SEG_MAX_EXP_AVG_SQ,
  SEG_PARAM,
} from "./layout";

// Factors of the low and the high half: the largest primes below 2^15, each plane its own.
export const GRAD_FACTORS: u32 = (32719 << 16) | 32749;
const PARAM_FACTORS: u32 = (32713 << 16) | 32717;
const EXP_AVG_FACTORS: u32 = (32693 << 16) | 32707;
const EXP_AVG_SQ_FACTORS: u32 = (32653 << 16) | 32687;
const MAX_EXP_AVG_SQ_FACTORS: u32 = (32633 << 16) | 32647;

@inline
export function word1(at: usize, factors: u32): u32 {
  const bits = load<u32>(at);
  return <u32>(<i32>(<i16>bits) * <i32>(<i16>factors) + (<i32>bits >> 16) * (<i32>factors >> 16));
}

@inline
export function word4(at: usize, factors: v128): v128 {
  return i32x4.dot_i16x8_s(v128.load(at), factors);
}

/**
 * Factors for word4, made before a loop. V8 would make a constant anew in each round; `nought`, which
 * is 0, keeps it from being one.
 */
@inline
export function factors4(factors: u32, nought: u32): v128 {
  return i32x4.splat(factors ^ nought);
}

/** Adds a word to the accumulators of a lane. */
@inline
export function add1(pair: usize, lane: u32, word: u32): void {
  const at = pair + (<usize>(lane & 3) << 2);
  const a = load<u32>(at) + word;
  store<u32>(at, a);
  store<u32>(at, load<u32>(at, 16) + a, 16);
}

/** The record of the block that an element of a segment is in. */
@inline
export function recordOf(seg: usize, first: u32): usize {
  return <usize>load<u32>(seg, SEG_CHECKS) + <usize>(first / BLOCK_LENGTH) * CHECK_BYTES;
}

/** Empties the record of a block that begins with an element. */
@inline
export function clearRecord(seg: usize, first: u32): void {
  if (first % BLOCK_LENGTH == 0) memory.fill(recordOf(seg, first), 0, CHECK_BYTES);
}

/** Adds the gradients of `count` elements of one block, from `first` on, a multiple of 4. */
export function checkGradients(seg: usize, first: u32, count: u32): void {
  const pair = recordOf(seg, first) + CHECK_GRAD;
  let g = <usize>load<u32>(seg, SEG_GRAD) + (<usize>first << 2);
  let element: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    let rounds = count >> 2;
    if (rounds) {
      let a = v128.load(pair);
      let b = v128.load(pair, 16);
      const factors = factors4(GRAD_FACTORS, count >> 31);
      do {
        a = i32x4.add(a, word4(g, factors));
        b = i32x4.add(b, a);
        g += 16;
      } while (--rounds);
      v128.store(pair, a);
      v128.store(pair, b, 16);
    }
    element = count & ~3;
  }
  for (; element < count; element++) {
    add1(pair, element, word1(g, GRAD_FACTORS));
    g += 4;
  }
}

/** Adds the state of elements: a multiple of 4, but for the last of a block. */
@inline
function addStates(
  p: usize,
  m: usize,
  v: usize,
  x: usize,
  count: u32,
  pair: usize,
  amsgrad: bool,
): void {
  let element: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    let rounds = count >> 2;
    if (rounds) {
      let a = v128.load(pair);
      let b = v128.load(pair, 16);
      const fp = factors4(PARAM_FACTORS, count >> 31);
      const fm = factors4(EXP_AVG_FACTORS, count >> 31);
      const fv = factors4(EXP_AVG_SQ_FACTORS, count >> 31);
      const fx = factors4(MAX_EXP_AVG_SQ_FACTORS, count >> 31);
      do {
        a = i32x4.add(
          i32x4.add(a, word4(p, fp)),
          i32x4.add(word4(m, fm), word4(v, fv)),
        );
        if (amsgrad) a = i32x4.add(a, word4(x, fx));
        b = i32x4.add(b, a);
        p += 16;
        m += 16;
        v += 16;
        if (amsgrad) x += 16;
      } while (--rounds);
      v128.store(pair, a);
      v128.store(pair, b, 16);
    }
    element = count & ~3;
  }
  for (; element < count; element++) {
    let word =
      word1(p, PARAM_FACTORS) + word1(m, EXP_AVG_FACTORS) + word1(v, EXP_AVG_SQ_FACTORS);
    if (amsgrad) word += word1(x, MAX_EXP_AVG_SQ_FACTORS);
    add1(pair, element, word);
    p += 4;
    m += 4;
    v += 4;
    if (amsgrad) x += 4;
  }
}

/** Adds the state of `count` elements of one block, from `first` on, a multiple of 4, if it is its turn. */
export function checkStates(seg: usize, first: u32, count: u32): void {
  const turn = load<u32>(seg, SEG_CHECK_PHASE) + first / BLOCK_LENGTH;
  if (turn % load<u32>(seg, SEG_CHECK_STRIDE)) return;
  const skip = <usize>first << 2;
  const p = <usize>load<u32>(seg, SEG_PARAM) + skip;
  const m = <usize>load<u32>(seg, SEG_EXP_AVG) + skip;
  const v = <usize>load<u32>(seg, SEG_EXP_AVG_SQ) + skip;
  const x = <usize>load<u32>(seg, SEG_MAX_EXP_AVG_SQ) + skip;
  const pair = recordOf(seg, first) + CHECK_STATE;
  if (load<u32>(seg, SEG_FLAGS) & FLAG_AMSGRAD) addStates(p, m, v, x, count, pair, true);
  else addStates(p, m, v, x, count, pair, false);
}

/** Writes the records of a whole segment, active or not. */
export function checkSegment(seg: usize, gradients: bool): void {
  let first: u32 = 0;
  const end = load<u32>(seg, SEG_LENGTH);
  while (first < end) {
    const count = min<u32>(end - first, BLOCK_LENGTH);
    clearRecord(seg, first);
    if (gradients) checkGradients(seg, first, count);
    checkStates(seg, first, count);
    first += count;
  }
}

@inline
function mix(hash: u64, word: u64): u64 {
  const product = (hash ^ word) * 0x9e3779b97f4a7c15;
  return product ^ (product >> 29);
}

/**
 * Folds `count` records into two hashes, at `hashes` the gradient's and at `hashes` + 8 the state's, which
 * go on from what is there.
 */
export function foldChecks(records: usize, count: u32, hashes: usize): void {
  let gradient = load<u64>(hashes);
  let state = load<u64>(hashes, 8);
  while (count--) {
    for (let word: usize = 0; word < 32; word += 8) {
      gradient = mix(gradient, load<u64>(records + word, CHECK_GRAD));
      state = mix(state, load<u64>(records + word, CHECK_STATE));
    }
    records += CHECK_BYTES;
  }
  store<u64>(hashes, gradient);
  store<u64>(hashes, state, 8);
}

/** Folds the gradients of `count` runs into the hash at `hash`, one after the other. */
export function checkRuns(seg: usize, runs: usize, count: u32, hash: usize): void {
  let folded = load<u64>(hash);
  while (count--) {
    const first = load<u32>(runs, RUN_FIRST);
    const length = load<u32>(runs, RUN_LENGTH);
    const end = <usize>load<u32>(seg, SEG_GRAD) + (<usize>(first + length) << 2);
    for (let g = end - (<usize>length << 2); g != end; g += 4) {
      folded = mix(folded, <u64>load<u32>(g));
    }
    runs += RUN_BYTES;
  }
  store<u64>(hash, folded);
}
