// A step that also measures itself: block by block, while its values are in the L1 cache. The change
// of the weights exists only there; recomputing it afterwards would be wrong.

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
  SEG_LENGTH,
  SEG_METRICS,
  SEG_OVERFLOWED,
  SEG_PARAM,
} from "./layout";
import { stepRun } from "./segment";
import { ACCUMULATORS_BYTES, addProducts, addSquares, clearSums, totalOf } from "./sums";

/** before[i] = after[i] - before[i], rounded once. float32[count] each. */
function subtractFrom(after: usize, before: usize, count: u32): void {
  let rounds = count >> 2;
  while (rounds--) {
    v128.store(before, f32x4.sub(v128.load(after), v128.load(before)));
    after += 16;
    before += 16;
  }
  let rest = count & 3;
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
 * Steps one segment and writes its METRICS. `scratch` holds the accumulators and then the change of
 * one block: ACCUMULATORS_BYTES + 4 * BLOCK_LENGTH bytes.
 */
export function stepSegmentMeasured(seg: usize, scratch: usize): void {
  const length = load<u32>(seg, SEG_LENGTH);
  const change = scratch + ACCUMULATORS_BYTES;
  let p = <usize>load<u32>(seg, SEG_PARAM);
  let g = <usize>load<u32>(seg, SEG_GRAD);
  let m = <usize>load<u32>(seg, SEG_EXP_AVG);
  let out = <usize>load<u32>(seg, SEG_METRICS);
  let overflowed: u32 = 0;
  let first: u32 = 0;
  while (first < length) {
    const count = min<u32>(length - first, BLOCK_LENGTH);
    const bytes = <usize>count << 2;
    memory.copy(change, p, bytes);
    overflowed += stepRun(seg, first, count);
    subtractFrom(p, change, count);
    store<f64>(out, squares(g, count, scratch), METRIC_GRAD_SQUARES);
    store<f64>(out, squares(m, count, scratch), METRIC_MOMENT_SQUARES);
    store<f64>(out, squares(p, count, scratch), METRIC_PARAM_SQUARES);
    store<f64>(out, squares(change, count, scratch), METRIC_UPDATE_SQUARES);
    store<f64>(out, products(m, g, count, scratch), METRIC_MOMENT_GRAD);
    store<f64>(out, products(change, g, count, scratch), METRIC_UPDATE_GRAD);
    out += METRIC_BYTES;
    p += bytes;
    g += bytes;
    m += bytes;
    first += count;
  }
  store<u32>(seg, overflowed, SEG_OVERFLOWED);
}
