import { mismatch, show, wrongKind, wrongValue } from "./errors.ts";

// Strict readers of option values: the value itself where it is right, else an error that names
// what, where, what was expected and what was got. docs/semantics.md lists the ranges.

/**
 * Whether a value is an object literal or like one: of no class, from any realm. A Promise, a Map or
 * an object whose keys are inherited would otherwise read as an empty record, silently.
 */
export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.hasOwn(prototype, "isPrototypeOf");
}

/** A record of options. */
export function optionObject(value: unknown, what: string, where: string): Record<string, unknown> {
  if (!isPlainRecord(value)) throw wrongKind(what, where, "an object of options", value);
  return value;
}

/** Whether a value is a Float32Array, of this realm or another (a frame, a vm context). */
export function isFloat32Array(value: unknown): value is Float32Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Float32Array";
}

/** Whether a value is a Uint16Array, of this realm or another. */
export function isUint16Array(value: unknown): value is Uint16Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint16Array";
}

type TypedArray = Float32Array | Uint16Array | Uint8Array | Int32Array | Uint32Array;

// What the engine itself says of a typed array: a property of the array's own can say anything.
const ofTypedArrays = Object.getPrototypeOf(Uint8Array.prototype) as TypedArray;
const ownGetter = (key: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(ofTypedArrays, key)?.get as () => unknown;
const tag = ownGetter(Symbol.toStringTag);
const elements = ownGetter("length");

/** The class of a typed array, of this realm or another; undefined for a DataView. */
export function tagOf(view: ArrayBufferView): unknown {
  return tag.call(view);
}

/** How many elements a typed array has; 0 where its memory is gone. */
export function lengthOf(array: TypedArray): number {
  return elements.call(array) as number;
}

/**
 * Whether the memory of a typed array is gone: handed over to a worker, or of a heap that grew or
 * shrank since. It reads as an array of no elements.
 */
export function isDetached(array: ArrayBufferView): boolean {
  if (lengthOf(array as TypedArray) > 0) return false;
  try {
    ofTypedArrays.at.call(array as Uint8Array, 0);
    return false;
  } catch {
    return true;
  }
}

/** @throws TypeError for a typed array whose memory is gone */
export function refuseDetached(
  array: ArrayBufferView,
  expected: string,
  what: string,
  where: string,
): void {
  if (!isDetached(array)) return;
  throw new TypeError(
    mismatch(
      what,
      where,
      expected,
      `a detached ${tagOf(array)}`,
      "Its memory was transferred, or has grown or shrunk: make a new view, or a copy before that",
    ),
  );
}

/** @throws TypeError for a typed array whose memory is gone; RangeError for another length */
export function requireLength(
  array: TypedArray,
  length: number,
  what: string,
  where: string,
): void {
  const got = lengthOf(array);
  // None may be right too.
  if (got === length && got > 0) return;
  const expected = `${length} elements`;
  refuseDetached(array, expected, what, where);
  if (got !== length) throw wrongValue(what, where, expected, got);
}

/** Throws for the first key that is not in `known`. */
export function knownKeys(options: object, known: readonly string[], where: string): void {
  // Not Object.keys, which makes an array: steps have options too.
  for (const key in options) {
    if (known.includes(key) || !Object.hasOwn(options, key)) continue;
    throw new TypeError(
      `${show(key)} of ${where}: expected one of ${known.join(", ")}, got an unknown key`,
    );
  }
}

export function finiteAtLeast(value: unknown, least: number, what: string, where: string): number {
  if (typeof value !== "number") throw wrongKind(what, where, `a finite number >= ${least}`, value);
  if (!(Number.isFinite(value) && value >= least)) {
    throw wrongValue(what, where, `a finite number >= ${least}`, value);
  }
  return value;
}

export function wholeNumberBetween(
  value: unknown,
  least: number,
  most: number,
  what: string,
  where: string,
): number {
  const expected = `a whole number from ${least} to ${most}`;
  if (typeof value !== "number") throw wrongKind(what, where, expected, value);
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw wrongValue(what, where, expected, value);
  }
  return value;
}

export function flag(value: unknown, what: string, where: string): boolean {
  if (typeof value !== "boolean") throw wrongKind(what, where, "true or false", value);
  return value;
}

/** One of a few words: TypeError for what is no string, RangeError for another word. */
export function oneOf<Word extends string>(
  value: unknown,
  words: readonly Word[],
  what: string,
  where: string,
): Word {
  const expected = words.map((word) => `"${word}"`).join(" or ");
  if (typeof value !== "string") throw wrongKind(what, where, expected, value);
  if (!words.includes(value as Word)) throw wrongValue(what, where, expected, value);
  return value as Word;
}
