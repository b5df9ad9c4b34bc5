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
  const hash = new ParameterHash(tag);
  for (const { name, shape, planes, facts } of parameters) {
    hash.parameter(
      name,
      shape,
      facts,
      planes.map((plane) => plane.name),
    );
    for (const plane of planes) for (const part of plane.parts) hash.bytes(part);
  }
  return hash.hex();
}

/** As digestParameters, for those who have the planes piece by piece: all bytes in the same order. */
export class ParameterHash {
  readonly #hash = sha256.create();
  readonly #encoder = new TextEncoder();

  constructor(tag: string) {
    this.#line(tag);
  }

  /** Begins a parameter; the bytes of its planes follow. */
  parameter(
    name: string,
    shape: readonly number[],
    facts: DigestParameter["facts"],
    planes: readonly string[],
  ): void {
    this.#line(JSON.stringify([name, shape, facts, planes]));
  }

  bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.#hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }

  hex(): string {
    return bytesToHex(this.#hash.digest());
  }

  #line(text: string): void {
    this.#hash.update(this.#encoder.encode(`${text}\n`));
  }
}

/** SHA-256 of bytes, the pieces one after the other, as 64 hex digits. */
export function digestBytes(...pieces: readonly Uint8Array[]): string {
  const hash = sha256.create();
  for (const piece of pieces) hash.update(piece);
  return bytesToHex(hash.digest());
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
