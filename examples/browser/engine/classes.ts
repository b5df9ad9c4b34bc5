import { extractFeatures } from "../../language-detector/features.ts";
import type { Sample } from "../../language-detector/sample.ts";

/** A class of the user's own, from files of the user's own. */
export interface UserClass {
  readonly name: string;
  readonly files: readonly UserSample[];
}

export interface UserSample extends Sample {
  /** Never trained on. */
  readonly heldOut: boolean;
}

const LONGEST_NAME = 40;
const MOST_FILES = 1000;
const MOST_BYTES = 33_554_432;
/** Every file of the class is drawn as often as if there were so many of them. */
const LEAST_SAMPLES = 24;

/**
 * Reads a class of the user's: every fourth file is held out, and of two or three files the second.
 *
 * @param known classes that there are already
 * @throws RangeError, TypeError naming what is wrong
 */
export function readClass(
  name: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  known: readonly string[],
): UserClass {
  const trimmed = checkName(name, known);
  checkFiles(files);
  return {
    name: trimmed,
    files: files.map(({ name: path, bytes }, i) => ({
      language: trimmed,
      package: "your files",
      path,
      bytes,
      features: extractFeatures(bytes),
      heldOut: i % 4 === 1,
    })),
  };
}

function checkName(name: string, known: readonly string[]): string {
  if (typeof name !== "string")
    throw new TypeError(`class name: expected text, got ${typeof name}`);
  const trimmed = name.trim();
  if (trimmed === "") throw new RangeError("class name: expected a name, got nothing");
  if (trimmed.length > LONGEST_NAME) {
    throw new RangeError(
      `class name: expected at most ${LONGEST_NAME} characters, got ${trimmed.length}`,
    );
  }
  if (known.includes(trimmed)) {
    throw new RangeError(
      `class name: expected a new one, got "${trimmed}", which there is already`,
    );
  }
  return trimmed;
}

function checkFiles(files: readonly { name: string; bytes: Uint8Array }[]): void {
  if (files.length < 1 || files.length > MOST_FILES) {
    throw new RangeError(`files: expected 1 to ${MOST_FILES}, got ${files.length}`);
  }
  for (const { name, bytes } of files) {
    if (bytes.length < 2) {
      throw new RangeError(`file "${name}": expected 2 bytes or more, got ${bytes.length}`);
    }
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total > MOST_BYTES) {
    throw new RangeError(`files: expected at most ${MOST_BYTES} bytes in all, got ${total}`);
  }
}

/** Training files of the class, repeated where they are few, or the others would drown them. */
export function trainingFiles({ files }: UserClass): UserSample[] {
  const own = files.filter(({ heldOut }) => !heldOut);
  const times = Math.max(1, Math.ceil(LEAST_SAMPLES / own.length));
  return Array.from({ length: times }, () => own).flat();
}

export function heldOutFiles({ files }: UserClass): UserSample[] {
  return files.filter(({ heldOut }) => heldOut);
}

/** What a saved run keeps of the classes; the bytes are kept beside it, joined. */
export interface SavedClass {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly length: number }[];
}

export function saveClasses(classes: readonly UserClass[]) {
  const saved: SavedClass[] = classes.map(({ name, files }) => ({
    name,
    files: files.map(({ path, bytes }) => ({ name: path, length: bytes.length })),
  }));
  const all = classes.flatMap(({ files }) => files.map(({ bytes }) => bytes));
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of all) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return { saved, bytes: joined };
}

/** @throws RangeError where the bytes are not those of the list, or a class is none */
export function restoreClasses(
  saved: readonly SavedClass[],
  bytes: Uint8Array,
  known: readonly string[],
): UserClass[] {
  let at = 0;
  const classes: UserClass[] = [];
  for (const { name, files } of saved) {
    const cut = files.map(({ name: path, length }) => {
      at += length;
      return { name: path, bytes: bytes.slice(at - length, at) };
    });
    classes.push(readClass(name, cut, [...known, ...classes.map((one) => one.name)]));
  }
  if (at !== bytes.length) {
    throw new RangeError(`added files: expected ${at} bytes, got ${bytes.length}`);
  }
  return classes;
}
