import { mismatch, wrongKind, wrongValue } from "../errors.ts";
import { refuseDetached, requireLength, tagOf } from "../validate.ts";

type Ranges = { Uint8Array: Uint8Array; Float32Array: Float32Array; Float64Array: Float64Array };

/** A typed array of one kind, with memory. */
export function range<Name extends keyof Ranges>(
  value: unknown,
  name: Name,
  what: string,
  where: string,
): Ranges[Name] {
  if (!ArrayBuffer.isView(value) || tagOf(value) !== name) {
    throw wrongKind(what, where, `a ${name}`, value);
  }
  refuseDetached(value, `a ${name}`, what, where);
  return value as Ranges[Name];
}

/** A range for each rank. */
export function parts<Name extends keyof Ranges>(
  value: unknown,
  size: number,
  name: Name,
  where: string,
): readonly Ranges[Name][] {
  const expected = `${size} ranges, one for each rank`;
  if (!Array.isArray(value)) throw wrongKind("parts", where, expected, value);
  if (value.length !== size) throw wrongValue("parts", where, expected, value.length);
  return value.map((part, rank) => range(part, name, `parts[${rank}]`, where));
}

/** Where sums go: as long as this rank's part, and apart from all parts. */
export function apart(
  value: unknown,
  given: readonly Float32Array[],
  rank: number,
  where: string,
): Float32Array {
  const into = range(value, "Float32Array", "into", where);
  requireLength(into, given[rank].length, "into", where);
  const end = into.byteOffset + into.byteLength;
  const other = given.findIndex(
    (part) =>
      part.buffer === into.buffer &&
      into.length > 0 &&
      part.byteOffset < end &&
      part.byteOffset + part.byteLength > into.byteOffset,
  );
  if (other < 0) return into;
  const expected = "a range apart from all parts";
  throw new RangeError(mismatch("into", where, expected, `one that overlaps parts[${other}]`));
}
