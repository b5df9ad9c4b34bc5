import { wellApart } from "../../src/core/slab-layout.ts";

// Rivals get what our own planes have: a distance at which they don't evict each other
// (docs/decisions/0003). Arrays of their own would be faster or slower by chance.

const GAP_BYTES = 78_912;
const LINE_BYTES = 64;

/** Where planes of `bytes` begin, one after the other, and where the last ends. */
export function planeStarts(bytes: number, count: number): { starts: number[]; end: number } {
  const starts: number[] = [];
  let end = 0;
  while (starts.length < count) {
    let start = starts.length === 0 ? LINE_BYTES : end + GAP_BYTES;
    while (!starts.every((other) => wellApart(start - other))) start += LINE_BYTES;
    starts.push(start);
    end = start + Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
  }
  return { starts, end };
}
