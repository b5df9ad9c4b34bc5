import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { openTarget } from "../../src/state/targets/open-target.ts";

// What the killed process of kills.ts saves: bytes that tell whether all of them are there. Another
// module with the same two functions can take its place.

const PIECES = 6;
const PIECE_BYTES = 1 << 20;
const HEADER_BYTES = 8;

/** Saves version `n`: its number, pieces that differ from any other version's, and a SHA-256. */
export async function saveVersion(path: string, n: number): Promise<void> {
  const sink = await openTarget(path, { keep: 1 });
  const hash = createHash("sha256");
  const write = async (bytes: Uint8Array) => {
    hash.update(bytes);
    await sink.write(bytes);
  };
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, n);
  await write(header);
  const piece = new Uint32Array(PIECE_BYTES / 4);
  for (let k = 0; k < PIECES; k++) {
    for (let i = 0; i < piece.length; i++) piece[i] = Math.imul(i + k, 0x9e3779b1) ^ n;
    await write(new Uint8Array(piece.buffer));
  }
  await sink.write(hash.digest());
  await sink.close();
}

/** The number of the version in a file. Throws if the file is not whole. */
export async function readVersion(path: string): Promise<number> {
  const bytes = readFileSync(path);
  const length = HEADER_BYTES + PIECES * PIECE_BYTES;
  if (bytes.length !== length + 32) throw new Error(`${path}: ${bytes.length} bytes`);
  const digest = createHash("sha256").update(bytes.subarray(0, length)).digest();
  if (!digest.equals(bytes.subarray(length))) throw new Error(`${path}: not as it was saved`);
  return bytes.readUInt32BE(0);
}
