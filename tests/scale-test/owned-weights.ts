import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { OwnedRun } from "../../src/sharded/index.ts";
import type { Arrays } from "./problem.ts";

/** SHA-256 of the weights of some runs, of whatever optimizer. */
export function ownedWeights(runs: readonly OwnedRun[], weights: Arrays): string {
  const hash = sha256.create();
  for (const { name, first, length } of runs) {
    const { buffer, byteOffset, byteLength } = weights(name).subarray(first, first + length);
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return bytesToHex(hash.digest());
}
