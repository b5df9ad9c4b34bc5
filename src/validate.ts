import { show, wrongKind, wrongValue } from "./errors.ts";

// Strict readers of option values: the value itself where it is right, else an error that names
// what, where, what was expected and what was got. docs/semantics.md lists the ranges.

/** A plain option object: not null, not an array, not a typed array, not a function. */
export function optionObject(value: unknown, what: string, where: string): Record<string, unknown> {
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value)
  ) {
    throw wrongKind(what, where, "an object of options", value);
  }
  return value as Record<string, unknown>;
}

/** Throws for the first key that is not in `known`. */
export function knownKeys(options: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
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
