// The file of a run's gradients, NAME.gradients: docs/ledger.md has it as a specification. All numbers
// are little-endian. The file begins with MAGIC; a record for each line of a step follows:
//
//   uint32  RECORD
//   uint32  micro-batches that the sums are yet to be divided by, 1 for none
//   float64 index of the step, from 0
//   uint32  entries, and 0 as another uint32
//   entries: uint32 parameter (in the order of the names), uint32 kind, uint32 rows, uint32 elements
//   of each entry: its rows, uint32 each; its elements, 4 bytes each or 2, then zeros up to 4 bytes
//   uint32  CRC-32 of all of the record before it

/** "ashgrad1" */
export const MAGIC = Uint8Array.of(0x61, 0x73, 0x68, 0x67, 0x72, 0x61, 0x64, 0x31);
/** "GRAD" */
export const RECORD = 0x44415247;

export const HEAD_BYTES = 24;
export const ENTRY_BYTES = 16;

/** How a gradient came: float32 elements, 16-bit ones, or float32 elements of some rows. */
export const KIND = { dense: 0, half: 1, rows: 2 } as const;

/** Bytes that elements take: whole words. */
export function bytesOf(kind: number, elements: number): number {
  return kind === KIND.half ? 4 * Math.ceil(elements / 2) : 4 * elements;
}
