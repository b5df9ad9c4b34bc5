/**
 * What went wrong with the state of an optimizer (not with an argument: those are TypeError for a
 * wrong kind and RangeError for a wrong value).
 */
export type AshlarErrorCode =
  | "NOT_READY"
  | "DISPOSED"
  | "BUSY"
  | "POISONED"
  | "NON_FINITE"
  | "OUT_OF_MEMORY"
  | "BAD_CHECKPOINT"
  | "BAD_CORE"
  | "WORKER";

/** An error about state, with a `code` for programs and a message for people. */
export class AshlarError extends Error {
  /** What went wrong, for programs. */
  readonly code: AshlarErrorCode;

  constructor(code: AshlarErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AshlarError";
    this.code = code;
  }
}

/**
 * Shows a value in a message: short, quoted where it is a string, on one line, without
 * terminal control characters.
 */
export function show(value: unknown): string {
  if (typeof value === "string") return line(JSON.stringify(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") {
    // A class may have another `name` than functions do.
    const name: unknown = value.name;
    return typeof name === "string" && name !== "" ? `function ${line(name)}` : "a function";
  }
  if (typeof value === "symbol") return line(String(value));
  if (value === null || typeof value !== "object")
    return Object.is(value, -0) ? "-0" : String(value);
  if (ArrayBuffer.isView(value)) {
    const length = (value as { length?: number }).length;
    return `${line(value.constructor.name)}${length === undefined ? "" : ` of length ${length}`}`;
  }
  if (Array.isArray(value)) {
    const short = value.length <= 4 && value.every((item) => typeof item !== "object");
    return short
      ? clip(`[${Array.from(value, show).join(", ")}]`)
      : `an array of length ${value.length}`;
  }
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" ? `a ${line(name)}` : "an object";
}

/** A shape in a message, however long: `[3, 4]`. */
export const showShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** What steers a terminal, or changes the order in which it shows a line. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with its control and format characters as \\u escapes: a name must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(STEERING, escaped);
}

/** A character as \\u escapes, two where it is beyond U+FFFF, as in JSON. */
export function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** A text from anywhere, short and on one line. */
const line = (text: string) => clip(printable(text));

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

/** `"what" of where: expected X, got Y`, then the remedy if there is one. */
export function mismatch(
  what: string,
  where: string,
  expected: string,
  got: string,
  remedy = "",
): string {
  return `"${what}" of ${where}: expected ${expected}, got ${got}${remedy && `. ${remedy}`}`;
}

/** TypeError for a value of the wrong kind. */
export function wrongKind(
  what: string,
  where: string,
  expected: string,
  value: unknown,
  remedy?: string,
): TypeError {
  return new TypeError(mismatch(what, where, expected, show(value), remedy));
}

/** RangeError for a value of the right kind that is out of range. */
export function wrongValue(
  what: string,
  where: string,
  expected: string,
  value: unknown,
  remedy?: string,
): RangeError {
  return new RangeError(mismatch(what, where, expected, show(value), remedy));
}
