import { hexToBytes } from "@noble/hashes/utils.js";
import type { Collective } from "../collectives/collective.ts";
import { RankError, show } from "../errors.ts";
import { gatherRecords } from "./gather-records.ts";

/** Something that is to be the same on all ranks: its words in a message, and a SHA-256 of it, hex. */
export type Agreed = readonly [what: string, digest: string];

const DIGEST_BYTES = 32;

/**
 * Makes sure that all ranks make the same optimizer.
 *
 * @throws RankError RANKS_DIFFER, on all ranks the same; RANK_LOST
 */
export async function requireAgreement(
  collective: Collective,
  where: string,
  agreed: readonly Agreed[],
): Promise<void> {
  const own = new Uint8Array(DIGEST_BYTES * agreed.length);
  agreed.forEach(([, digest], i) => {
    own.set(hexToBytes(digest), DIGEST_BYTES * i);
  });
  const parts = await gatherRecords(collective, own);
  const of = (part: Uint8Array, i: number) =>
    part.subarray(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)).join();
  agreed.forEach(([what], i) => {
    const other = parts.findIndex((part) => of(part, i) !== of(parts[0], i));
    if (other < 0) return;
    throw new RankError(
      "RANKS_DIFFER",
      other,
      `${where}: expected the same ${what} on all ranks, got others on rank ${other} than on rank 0`,
    );
  });
}

/**
 * Makes sure that all ranks begin with the same weights.
 *
 * @param crcs uint32[parameters], of the initial data
 * @throws RankError RANKS_DIFFER, naming the parameter; RANK_LOST
 */
export async function requireSameData(
  collective: Collective,
  names: readonly string[],
  crcs: Uint32Array,
): Promise<void> {
  const records = await gatherRecords(collective, crcs);
  const all = records.map(({ buffer }) => new Uint32Array(buffer));
  for (const [parameter, name] of names.entries()) {
    const other = all.findIndex((of) => of[parameter] !== all[0][parameter]);
    if (other < 0) continue;
    throw new RankError(
      "RANKS_DIFFER",
      other,
      `"data" of parameter ${show(name)}: expected the same on all ranks, got other values on rank ` +
        `${other} than on rank 0`,
    );
  }
}
