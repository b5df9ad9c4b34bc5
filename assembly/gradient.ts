// What a step does to gradients besides reading them: 16-bit ones are widened first, and where asked
// they are zeroed last, while the block is still in the L1 cache.

import {
  FLAG_GRAD_BFLOAT16,
  FLAG_GRAD_FLOAT16,
  FLAG_ZERO_GRAD,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_GRAD16,
} from "./layout";
import { widenBfloat16, widenFloat16 } from "./widen";

/** Widens `count` elements of a segment's GRAD16 that begin with element `first`, if flagged. */
@inline
export function widenGradient(seg: usize, first: u32, count: u32): void {
  const flags = load<u32>(seg, SEG_FLAGS);
  if (!(flags & (FLAG_GRAD_FLOAT16 | FLAG_GRAD_BFLOAT16))) return;
  const from = <usize>load<u32>(seg, SEG_GRAD16) + (<usize>first << 1);
  const to = <usize>load<u32>(seg, SEG_GRAD) + (<usize>first << 2);
  if (flags & FLAG_GRAD_FLOAT16) widenFloat16(from, to, count);
  else widenBfloat16(from, to, count);
}

/** Zeroes `count` elements of a segment's gradients that begin with element `first`, if flagged. */
@inline
export function zeroGradient(seg: usize, first: u32, count: u32): void {
  if (!(load<u32>(seg, SEG_FLAGS) & FLAG_ZERO_GRAD)) return;
  memory.fill(<usize>load<u32>(seg, SEG_GRAD) + (<usize>first << 2), 0, <usize>count << 2);
  const grad16 = <usize>load<u32>(seg, SEG_GRAD16);
  if (grad16) memory.fill(grad16 + (<usize>first << 1), 0, <usize>count << 1);
}
