import { CHECK_BYTES, FLAG_AMSGRAD, SEG_BYTES, SEG_FLAGS } from "../../assembly/layout.ts";
import { blocksOf, recordPtr } from "./plan.ts";
import { checkRows } from "./row-runs.ts";
import { type Part, word } from "./slab.ts";

// Checksums over the kernel: docs/semantics.md, "Checksums".

/** What hashes begin with, so that zeros count: the first bits of the root of 2 after the point. */
const BEGINNING = 0x6a09e667f3bcc908n;

/** Writes a part's check records outside of a step: of its gradient only where asked. */
export function checkPart({ slab, word: at }: Part, amsgrad: boolean, gradients: boolean): void {
  const { kernel, words, plan } = slab;
  words[at + word(SEG_FLAGS)] = amsgrad ? FLAG_AMSGRAD : 0;
  kernel.checkSegment(recordPtr(plan.layout, at / word(SEG_BYTES)), gradients ? 1 : 0);
}

/**
 * Folds a parameter's check records, part after part.
 *
 * @param hashes uint64[2], overwritten: of the gradient, and of the state
 */
export function foldParts(parts: readonly Part[], hashes: BigUint64Array): void {
  hashes.fill(BEGINNING);
  for (const { slab, segment } of parts) {
    const { checksPtr, scratchPtr } = slab.plan.layout;
    const there = slab.memory.bigUint64(scratchPtr, 2);
    there.set(hashes);
    const records = checksPtr + segment.block * CHECK_BYTES;
    slab.kernel.foldChecks(records, blocksOf(segment.length), scratchPtr);
    hashes.set(there);
  }
}

/**
 * The hash of a row-sparse gradient: of its rows' numbers, then of their values.
 *
 * @param rows      uint32, ascending, each once
 * @param rowLength elements of a row
 */
export function foldRows(parts: readonly Part[], rows: Uint32Array, rowLength: number): bigint {
  let hash = hashOfRows(rows);
  for (const part of parts) {
    const { memory, plan } = part.slab;
    const there = memory.bigUint64(plan.layout.scratchPtr, 1);
    there[0] = hash;
    checkRows(part, rows, rowLength, plan.layout.scratchPtr);
    hash = there[0];
  }
  return hash;
}

/** A step of each half for each row: multiplying keeps differences, adding the other half mixes them. */
function hashOfRows(rows: Uint32Array): bigint {
  let low = rows.length;
  let high = 0x9e3779b9;
  for (const row of rows) {
    low = Math.imul(low ^ row, 0x85ebca6b) + high;
    high = Math.imul(high ^ (low >>> 15), 0xc2b2ae35) + row;
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
