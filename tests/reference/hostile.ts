import * as assert from "uvu/assert";

// Names that mean something to JavaScript, to file systems, shells and terminals; and who may notice.

/** Properties that every object has, or that change what it inherits. */
export const INHERITED = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "__defineGetter__",
  "then",
  "length",
  "0",
];

/** Clears the screen, sets the title, writes backwards, breaks the line, forges another one. */
export const STEERING =
  "\x1b[2J\x1b]0;t\x07\x9b31m\u202egnp\u2066\u2028\u2029\r\nok\x00\x7f\u{e0041}";

/** Paths that lead out of a folder. */
export const PATHS = ["../../outside", "/outside", "..", "a/../../outside", "C:\\outside", "~"];

/** What shells, templates and formats take for their own. */
export const OTHERS = ["$(touch outside)", "`touch outside`", "%s%n", "-rf", "--json", "<b>", ""];

export const HOSTILE: readonly string[] = [...INHERITED, STEERING, ...PATHS, ...OTHERS];

const before = inherited();

/** What every object inherits, as text. */
function inherited(): string {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype]
    .map((prototype) => {
      const keys = Reflect.ownKeys(prototype).map(String).join();
      return `${keys} ${Object.getPrototypeOf(prototype) === null}`;
    })
    .join("\n");
}

/** Throws if anything has been added to what every object inherits. */
export function assertUnpolluted(why: string): void {
  assert.is(inherited(), before, why);
  assert.is(Object.keys({}).length, 0, why);
  for (const key in {}) assert.unreachable(`${why}: every object has ${key}`);
}

/** Throws for a character that steers a terminal; lines may end. */
export function assertPlainText(text: string, why: string): void {
  const [found] = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(text) ?? [];
  if (found === undefined) return;
  const code = found.codePointAt(0)?.toString(16);
  assert.unreachable(`${why}: U+${code} in ${JSON.stringify(text.slice(0, 2000))}`);
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Copies of plain data, each with another one of its texts, or of its keys, replaced.
 *
 * @param by  what stands there instead, asked for each of them
 * @returns where, and the data
 */
export function* substitutions(
  data: unknown,
  by: () => string,
): Generator<[where: string, data: Json]> {
  yield* substituted(data as Json, by, "");
}

function* substituted(data: Json, by: () => string, path: string): Generator<[string, Json]> {
  if (typeof data === "string") {
    const text = by();
    yield [`${JSON.stringify(text)} at ${path}`, text];
  }
  if (typeof data !== "object" || data === null) return;
  if (Array.isArray(data)) {
    for (const [i, item] of data.entries()) {
      for (const [at, other] of substituted(item, by, `${path}[${i}]`)) {
        yield [at, data.with(i, other)];
      }
    }
    return;
  }
  const entries = Object.entries(data);
  for (const [i, [key, item]] of entries.entries()) {
    // Not by assignment: "__proto__" is to be a key.
    const text = by();
    const where = `${JSON.stringify(text)} as key ${path}.${key}`;
    yield [where, Object.fromEntries(entries.with(i, [text, item]))];
    for (const [at, other] of substituted(item, by, `${path}.${key}`)) {
      yield [at, Object.fromEntries(entries.with(i, [key, other]))];
    }
  }
}
