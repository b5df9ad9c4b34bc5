/** The file that names the others, within a folder or as a function is asked for it. */
export const INDEX_FILE = "index.safetensors";

const DIGITS = 5;
/** Of the digest: enough that no two saves of a run share a name. */
const DIGEST_DIGITS = 16;

/**
 * The name of a shard's file. Other contents have another name: whatever is saved to the same place, and
 * however often, a shard that an index names is never overwritten by another.
 *
 * @param digest of its header
 */
export function shardFile(rank: number, ranks: number, steps: number, digest: string): string {
  const padded = (number: number) => `${number}`.padStart(DIGITS, "0");
  const place = `${padded(rank + 1)}-of-${padded(ranks)}`;
  return `shard-${place}-step-${steps}-${digest.slice(0, DIGEST_DIGITS)}.safetensors`;
}

/** Whether a name can be that of a shard's file: an index of others must not lead anywhere else. */
export function isShardFile(name: string): boolean {
  return /^shard-\d{5,16}-of-\d{5,16}-step-\d{1,16}-[0-9a-f]{16}\.safetensors$/.test(name);
}
