// The exports of the core, and nothing else.

import { ABI_VERSION, FLAG_ACTIVE, SEG_BYTES, SEG_FLAGS } from "./layout";
import { scanSegment } from "./reduce";
import { stepSegment } from "./segment";

export { narrowBfloat16, narrowFloat16 } from "./half";
export { widenBfloat16, widenFloat16 } from "./widen";

/** The version of assembly/layout.ts that this binary was compiled with. */
export function abiVersion(): i32 {
  return ABI_VERSION;
}

/** Updates every active segment of the table of `count` records. */
export function step(table: usize, count: u32): void {
  while (count--) {
    if (load<u32>(table, SEG_FLAGS) & FLAG_ACTIVE) stepSegment(table);
    table += SEG_BYTES;
  }
}

/** Reads the gradients of every active segment: MAX_ABS_GRAD and, where asked, SUMS. */
export function scan(table: usize, count: u32): void {
  while (count--) {
    if (load<u32>(table, SEG_FLAGS) & FLAG_ACTIVE) scanSegment(table);
    table += SEG_BYTES;
  }
}
