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
  | "WORKER"
  | "RANK_LOST"
  | "RANKS_DIFFER";

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
 * Memory that the engine refused; its `code` is OUT_OF_MEMORY. Nothing has changed but gradients that
 * were on their way, and the same call may be tried again once there is memory.
 */
export class OutOfMemoryError extends AshlarError {
  /** Bytes that were needed. */
  readonly asked: number;
  /** Bytes of them that could be had, before one more was refused; all are let go of. */
  readonly available: number;

  constructor(what: string, asked: number, available: number, cause: unknown, remedy: string) {
    const got = available === 0 ? "none" : available;
    const why = (cause as Error).message;
    const message = `memory for ${what}: expected ${asked} bytes, got ${got} (${why}). ${remedy}`;
    super("OUT_OF_MEMORY", message, { cause });
    this.name = "OutOfMemoryError";
    this.asked = asked;
    this.available = available;
  }
}

/**
 * What went wrong between the ranks of a run. RANK_LOST: one of them is gone, or does not answer.
 * RANKS_DIFFER: they are not at the same call, or not of the same run.
 */
export class RankError extends AshlarError {
  declare readonly code: "RANK_LOST" | "RANKS_DIFFER";
  /** The rank that is at fault, from 0; null where it is not known which. */
  readonly rank: number | null;

  constructor(
    code: "RANK_LOST" | "RANKS_DIFFER",
    rank: number | null,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.name = "RankError";
    this.rank = rank;
  }
}

/**
 * Makes an array that may be large.
 *
 * @param bytes its size
 * @param what  for the message: `the rows of a gradient`
 * @throws OutOfMemoryError
 */
export function allocate<Made>(bytes: number, what: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    throw new OutOfMemoryError(what, bytes, 0, cause, "Dispose what is done with, and try again");
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
    const name: unknown = value.constructor?.name;
    const shown = typeof name === "string" ? line(name) : "a view of bytes";
    return `${shown}${length === undefined ? "" : ` of length ${length}`}`;
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
