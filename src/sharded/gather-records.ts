import type { Collective } from "../collectives/collective.ts";

/**
 * Gives every rank the records of all, by rank, each in a buffer of its own.
 *
 * @param own     this rank's record, which is copied
 * @param bytesOf bytes of each rank's; by default as many as this one's
 */
export async function gatherRecords(
  collective: Collective,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  bytesOf: (rank: number) => number = () => byteLength,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const { rank, size } = collective;
  const records = Array.from({ length: size }, (_, i) => new Uint8Array(bytesOf(i)));
  records[rank].set(new Uint8Array(buffer, byteOffset, byteLength));
  await collective.allGather(records);
  return records;
}
