// The exports of the core, and nothing else. `scratch` is SCRATCH_BYTES that nothing else uses.

import { ABI_VERSION, FLAG_ACTIVE, SEG_BYTES, SEG_FLAGS, SEG_LENGTH } from "./layout";
import { measureRange } from "./metrics";
import { scanRange } from "./reduce";
import { stepRange } from "./segment";

export { checkRuns, checkSegment, foldChecks } from "./checks";
export { narrowBfloat16, narrowFloat16 } from "./half";
export { scanRange } from "./reduce";
export { scanRuns, stepRuns } from "./rows";
export { widenBfloat16, widenFloat16 } from "./widen";

/** The version of assembly/layout.ts that this binary was compiled with. */
export function abiVersion(): i32 {
  return ABI_VERSION;
}

/** Updates every active segment of the table of `count` records. */
export function step(table: usize, count: u32): void {
  while (count--) {
    if (load<u32>(table, SEG_FLAGS) & FLAG_ACTIVE) {
      stepRange(table, 0, load<u32>(table, SEG_LENGTH), false);
    }
    table += SEG_BYTES;
  }
}

/** As step, and writes each active segment's METRICS. */
export function stepMeasured(table: usize, count: u32, scratch: usize): void {
  while (count--) {
    if (load<u32>(table, SEG_FLAGS) & FLAG_ACTIVE) {
      measureRange(table, 0, load<u32>(table, SEG_LENGTH), scratch);
    }
    table += SEG_BYTES;
  }
}

/** Reads the gradients of every active segment: MAX_ABS_GRAD and, where asked, SUMS. */
export function scan(table: usize, count: u32, scratch: usize): void {
  while (count--) {
    if (load<u32>(table, SEG_FLAGS) & FLAG_ACTIVE) {
      scanRange(table, 0, load<u32>(table, SEG_LENGTH), scratch);
    }
    table += SEG_BYTES;
  }
}
