// A step that also measures itself: block by block, while its values are in the L1 cache. The change
// of the weights exists only there; recomputing it afterwards would be wrong.

import { zeroGradient } from "./gradient";
import {
  BLOCK_LENGTH,
  METRIC_BYTES,
  METRIC_GRAD_SQUARES,
  METRIC_MOMENT_GRAD,
  METRIC_MOMENT_SQUARES,
  METRIC_PARAM_SQUARES,
  METRIC_UPDATE_GRAD,
  METRIC_UPDATE_SQUARES,
  SEG_EXP_AVG,
  SEG_GRAD,
  SEG_METRICS,
  SEG_PARAM,
} from "./layout";
import { stepRange } from "./segment";
import { ACCUMULATORS_BYTES, addProducts, addSquares, clearSums, totalOf } from "./sums";

/** before[i] = after[i] - before[i], rounded once. float32[count] each. */
function subtractFrom(after: usize, before: usize, count: u32): void {
  let rest = count;
  if (ASC_FEATURE_SIMD) {
    let rounds = count >> 2;
    while (rounds--) {
      v128.store(before, f32x4.sub(v128.load(after), v128.load(before)));
      after += 16;
      before += 16;
    }
    rest = count & 3;
  }
  while (rest--) {
    store<f32>(before, load<f32>(after) - load<f32>(before));
    after += 4;
    before += 4;
  }
}

function squares(from: usize, count: u32, acc: usize): f64 {
  clearSums(acc);
  addSquares(from, count, 0, acc);
  return totalOf(acc);
}

function products(a: usize, b: usize, count: u32, acc: usize): f64 {
  clearSums(acc);
  addProducts(a, b, count, 0, acc);
  return totalOf(acc);
}

/**
 * Steps `length` elements of a segment that begin with element `first`, a multiple of BLOCK_LENGTH,
 * and writes the METRICS of their blocks. `scratch` holds the accumulators and then the change of one
 * block: ACCUMULATORS_BYTES + 4 * BLOCK_LENGTH bytes.
 */
export function measureRange(seg: usize, first: u32, length: u32, scratch: usize): void {
  const change = scratch + ACCUMULATORS_BYTES;
  const param = <usize>load<u32>(seg, SEG_PARAM);
  const grad = <usize>load<u32>(seg, SEG_GRAD);
  const moment = <usize>load<u32>(seg, SEG_EXP_AVG);
  const metrics = <usize>load<u32>(seg, SEG_METRICS);
  const end = first + length;
  while (first < end) {
    const count = min<u32>(end - first, BLOCK_LENGTH);
    const skip = <usize>first << 2;
    const p = param + skip;
    const g = grad + skip;
    const m = moment + skip;
    const out = metrics + <usize>(first / BLOCK_LENGTH) * METRIC_BYTES;
    memory.copy(change, p, <usize>count << 2);
    stepRange(seg, first, count, true);
    subtractFrom(p, change, count);
    store<f64>(out, squares(g, count, scratch), METRIC_GRAD_SQUARES);
    store<f64>(out, squares(m, count, scratch), METRIC_MOMENT_SQUARES);
    store<f64>(out, squares(p, count, scratch), METRIC_PARAM_SQUARES);
    store<f64>(out, squares(change, count, scratch), METRIC_UPDATE_SQUARES);
    store<f64>(out, products(m, g, count, scratch), METRIC_MOMENT_GRAD);
    store<f64>(out, products(change, g, count, scratch), METRIC_UPDATE_GRAD);
    zeroGradient(seg, first, count);
    first += count;
  }
}
