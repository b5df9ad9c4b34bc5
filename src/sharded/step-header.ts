import type { Collective } from "../collectives/collective.ts";
import { RankError, show } from "../errors.ts";
import { gatherRecords } from "./gather-records.ts";

/** What a rank says of the step that it is about to take. */
export interface StepHeader {
  /** Index of the step, from 0. */
  readonly k: number;
  /** Whether this rank refused what it was given: the step is off for all. */
  readonly refused: boolean;
  readonly measured: boolean;
  /** Micro-batches that this rank's gradients are the sum of. */
  readonly microBatches: number;
  /** What must be the same on all ranks, by the words of a message: rates, scales. */
  readonly agreed: readonly (readonly [what: string, value: number])[];
  /** By index of the parameter: 1 where this rank has a gradient for it. */
  readonly present: Uint8Array;
}

/** What all ranks say together. */
export interface StepAgreement {
  /** By index of the parameter: 1 where any rank has a gradient for it. */
  readonly present: Uint8Array;
  /** Of all ranks. */
  readonly microBatches: number;
}

/** k, refused, measured, microBatches. */
const FIXED = 4;

/**
 * Tells all ranks of the step to come, and makes sure that it is the same one on all of them. Nothing is
 * written before.
 *
 * @throws RankError RANKS_DIFFER, on all ranks the same; RANK_LOST
 */
export async function exchangeHeaders(
  collective: Collective,
  { k, refused, measured, microBatches, agreed, present }: StepHeader,
): Promise<StepAgreement> {
  const numbers = FIXED + agreed.length;
  const own = new Uint8Array(8 * numbers + present.length);
  const fixed = [k, Number(refused), Number(measured), microBatches];
  new Float64Array(own.buffer, 0, numbers).set([...fixed, ...agreed.map(([, value]) => value)]);
  own.set(present, 8 * numbers);
  const parts = await gatherRecords(collective, own);
  const headers = parts.map(({ buffer }) => new Float64Array(buffer, 0, numbers));
  requireSame(headers, [["step", 0]]);
  const refusing = headers.findIndex((header) => header[1] === 1);
  if (refusing >= 0 && refusing !== collective.rank) throw refusedBy(refusing, k);
  requireSame(headers, [
    ["option metrics of the step", 2],
    ...agreed.map(([what], i): [string, number] => [what, FIXED + i]),
  ]);
  const together = new Uint8Array(present.length);
  for (const part of parts) {
    const flags = part.subarray(8 * numbers);
    for (let i = 0; i < flags.length; i++) together[i] |= flags[i];
  }
  return { present: together, microBatches: headers.reduce((sum, header) => sum + header[3], 0) };
}

function requireSame(
  headers: readonly Float64Array[],
  fields: readonly (readonly [what: string, at: number])[],
): void {
  const [first] = headers;
  for (const [what, at] of fields) {
    const rank = headers.findIndex((header) => !Object.is(header[at], first[at]));
    if (rank < 0) continue;
    throw new RankError(
      "RANKS_DIFFER",
      rank,
      `step: expected the same ${what} on all ranks, got ${show(first[at])} on rank 0 and ` +
        `${show(headers[rank][at])} on rank ${rank}. Nothing was changed`,
    );
  }
}

function refusedBy(rank: number, k: number): RankError {
  return new RankError(
    "RANKS_DIFFER",
    rank,
    `step ${k + 1}: expected every rank to take it, got an error on rank ${rank} in what it was given: ` +
      "it says there which. Nothing was changed, and the step can be tried again",
  );
}
