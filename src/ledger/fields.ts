import { show } from "../errors.ts";
import { decodeChecksums, foldChecksums } from "./checksums.ts";
import { type Checksums, LedgerError, MOST_LEVELS } from "./format.ts";

// Strict readers of the fields of a line.

/** One line's object, and what it is called in messages. */
export class Fields {
  readonly line: number;
  readonly where: string;
  readonly #object: Readonly<Record<string, unknown>>;

  /** @param where "line 7 of run.jsonl", or a field in it */
  constructor(object: Readonly<Record<string, unknown>>, line: number, where: string) {
    this.line = line;
    this.where = where;
    this.#object = object;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key);
  }

  /** Undefined where there is none. */
  value(key: string): unknown {
    return this.has(key) ? this.#object[key] : undefined;
  }

  refuse(what: string, expected: string, got: string): LedgerError {
    return new LedgerError(
      this.line,
      `"${what}" of ${this.where}: expected ${expected}, got ${got}`,
    );
  }

  #wrong(key: string, expected: string): LedgerError {
    return this.refuse(key, expected, this.has(key) ? show(this.#object[key]) : "nothing");
  }

  /** @throws LedgerError for a key that is not in `known` */
  only(known: readonly string[]): void {
    for (const key of Object.keys(this.#object)) {
      if (known.includes(key)) continue;
      throw new LedgerError(
        this.line,
        `key ${show(key)} of ${this.where}: expected one of ${known.join(", ")}, got an unknown one`,
      );
    }
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value !== "string") throw this.#wrong(key, "a string");
    return value;
  }

  matching(key: string, pattern: RegExp, expected: string): string {
    const value = this.value(key);
    if (typeof value !== "string" || !pattern.test(value)) throw this.#wrong(key, expected);
    return value;
  }

  sha256(key: string): string {
    return this.matching(key, /^[0-9a-f]{64}$/, "64 hex digits");
  }

  flag(key: string): boolean {
    const value = this.value(key);
    if (typeof value !== "boolean") throw this.#wrong(key, "true or false");
    return value;
  }

  number(key: string): number {
    const value = this.value(key);
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#wrong(key, "a number");
    return value;
  }

  whole(key: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(key);
    if (!isWhole(value, least, most)) {
      throw this.#wrong(key, `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    if (!Array.isArray(value)) throw this.#wrong(key, "an array");
    return value;
  }

  object(key: string): Fields {
    return new Fields(this.record(key), this.line, `"${key}" of ${this.where}`);
  }

  /** An object as it is: its keys are its own, "__proto__" too. */
  record(key: string): Readonly<Record<string, unknown>> {
    const value = this.value(key);
    if (!isRecord(value)) throw this.#wrong(key, "an object");
    return value;
  }

  /** Any JSON that is not too deep for those who walk it. */
  plain(key: string): unknown {
    const value = this.value(key);
    if (isDeeper(value, MOST_LEVELS)) {
      throw this.refuse(key, `at most ${MOST_LEVELS} levels`, "more");
    }
    return value;
  }

  /** A total and the list beside it, which must agree. */
  checksums(total: string, list: string, count: number, absent?: readonly number[]): Checksums {
    const said = this.matching(total, /^[0-9a-f]{16}$/, "16 hex digits");
    const each = decodeChecksums(this.text(list), count);
    if (each === null) throw this.refuse(list, `base64 of ${count} uint64`, "other text");
    const made = foldChecksums(each, absent);
    if (made !== said) throw this.refuse(total, `${made}, the total of "${list}"`, said);
    return { total: said, each };
  }
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether arrays and objects nest deeper than so many levels. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
