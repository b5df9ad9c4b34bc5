import { show } from "../../errors.ts";
import { type CheckpointReason, refusal } from "../checkpoint-error.ts";

// The JSON of headers, read strictly. JSON.parse would let duplicate keys pass, round large
// numbers and recurse as deep as the text says.

/** Objects are Maps: "__proto__" is a key like any other. Numbers are whole, from 0 to 2^53 - 1. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** Headers need 3 levels. */
const MOST_LEVELS = 8;

interface Cursor {
  readonly text: string;
  /** Names the text in messages. */
  readonly where: string;
  at: number;
}

/** Reads the value that the text begins with, and says where it ends. */
export function parseJson(text: string, where: string): { value: Json; end: number } {
  const cursor = { text, where, at: 0 };
  const value = readValue(cursor, 1);
  return { value, end: cursor.at };
}

function readValue(cursor: Cursor, level: number): Json {
  const first = cursor.text[cursor.at];
  if (first === '"') return readString(cursor);
  if (first !== "{" && first !== "[") return readWord(cursor);
  if (level > MOST_LEVELS) {
    throw refuse("TOO_DEEP", cursor, `at most ${MOST_LEVELS} levels`, `level ${level}`);
  }
  return first === "{" ? readObject(cursor, level) : readArray(cursor, level);
}

function readObject(cursor: Cursor, level: number): JsonObject {
  const object = new Map<string, Json>();
  cursor.at++;
  if (passes(cursor, "}")) return object;
  do {
    skipSpace(cursor);
    const start = cursor.at;
    if (cursor.text[start] !== '"') throw unexpected(cursor, "a key in quotes");
    const key = readString(cursor);
    if (object.has(key)) {
      cursor.at = start;
      throw refuse("DUPLICATE_KEY", cursor, "each key once", `${show(key)} again`);
    }
    if (!passes(cursor, ":")) throw unexpected(cursor, '":"');
    skipSpace(cursor);
    object.set(key, readValue(cursor, level + 1));
  } while (passes(cursor, ","));
  if (!passes(cursor, "}")) throw unexpected(cursor, '"," or "}"');
  return object;
}

function readArray(cursor: Cursor, level: number): readonly Json[] {
  const array: Json[] = [];
  cursor.at++;
  if (passes(cursor, "]")) return array;
  do {
    skipSpace(cursor);
    array.push(readValue(cursor, level + 1));
  } while (passes(cursor, ","));
  if (!passes(cursor, "]")) throw unexpected(cursor, '"," or "]"');
  return array;
}

function readString(cursor: Cursor): string {
  const { text, at: start } = cursor;
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) throw refuse("BAD_JSON", cursor, "a closing quote", "the end");
  } while (isEscaped(text, end));
  let value: string;
  try {
    // Of one string JSON.parse is strict: no control characters, no unknown escapes.
    value = JSON.parse(text.slice(start, end + 1)) as string;
  } catch {
    throw unexpected(cursor, "a string");
  }
  if (!value.isWellFormed()) {
    throw refuse("BAD_TEXT", cursor, "well-formed Unicode", show(value));
  }
  cursor.at = end + 1;
  return value;
}

/** Whether an odd number of backslashes precedes. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}

const WORD = /[-+.\w]*/y;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
const WORDS = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function readWord(cursor: Cursor): number | boolean | null {
  WORD.lastIndex = cursor.at;
  const word = (WORD.exec(cursor.text) as RegExpExecArray)[0];
  const known = WORDS.get(word);
  if (known === undefined && !NUMBER.test(word)) throw unexpected(cursor, "a value");
  const value = known === undefined ? wholeNumber(word, cursor) : known;
  cursor.at += word.length;
  return value;
}

function wholeNumber(word: string, cursor: Cursor): number {
  const value = /^\d{1,16}$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  const expected = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`;
  throw refuse("BAD_NUMBER", cursor, expected, clipped(word));
}

/** Passes over space and then the character, or over space alone. */
function passes(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at++;
  }
}

function unexpected(cursor: Cursor, expected: string) {
  const rest = cursor.text.slice(cursor.at, cursor.at + 16);
  return refuse("BAD_JSON", cursor, expected, rest === "" ? "the end" : show(rest));
}

function refuse(reason: CheckpointReason, { where, at }: Cursor, expected: string, got: string) {
  return refusal(reason, `character ${at}`, where, expected, got);
}

function clipped(word: string): string {
  return word.length <= 40 ? word : `${word.slice(0, 37)}...`;
}
