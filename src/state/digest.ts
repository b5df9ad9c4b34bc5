import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** A piece of state: its name in the digest, and views of its bytes in order. */
export interface DigestPlane {
  readonly name: string;
  readonly parts: readonly ArrayBufferView[];
}

export interface DigestParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly planes: readonly DigestPlane[];
  /** Anything else that belongs to the parameter's state, such as its step count. */
  readonly facts: readonly (string | number)[];
}

/**
 * SHA-256, as 64 hex digits, over `tag` (one or more lines) and then, for each parameter in the order given, one line
 * of JSON (name, shape, facts, plane names) and the bytes of its planes. Strings are UTF-8, lines
 * end in "\n", numbers in the planes are little-endian as WebAssembly keeps them.
 *
 * Parts of a plane are hashed one after the other, so slabs leave no trace.
 */
export function digestParameters(tag: string, parameters: Iterable<DigestParameter>): string {
  const hash = sha256.create();
  const encoder = new TextEncoder();
  hash.update(encoder.encode(`${tag}\n`));
  for (const { name, shape, planes, facts } of parameters) {
    const line = JSON.stringify([name, shape, facts, planes.map((plane) => plane.name)]);
    hash.update(encoder.encode(`${line}\n`));
    for (const plane of planes) {
      for (const { buffer, byteOffset, byteLength } of plane.parts) {
        hash.update(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
  }
  return bytesToHex(hash.digest());
}

/** SHA-256 of bytes, as 64 hex digits. */
export function digestBytes(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** SHA-256, as 64 hex digits, over `tag` and plain data as JSON with sorted keys. */
export function digestData(tag: string, data: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(`${tag}\n${canonicalJson(data)}\n`)));
}

/** JSON whose objects have their keys in one order, so that equal data give equal text. */
function canonicalJson(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
