import { headerText } from "./plain-checkpoint.ts";

// Edits of a header's JSON: what a parser must not fall for.

type Next = () => number;
type Edit = (text: string, next: Next) => string;

const VALUES = [
  ...["-1", "-0", "0", "1", "2", "3", "8", "0.5", "1.0", "1e3", "1e400", "01", "NaN", "Infinity"],
  ...["9007199254740991", "9007199254740992", "9007199254740993", "18446744073709551616"],
  ...["4294967296", "null", "true", '""', '"1"', "[]", "{}", "[[1]]", '{"":0}', "1".repeat(400)],
];

const PIECES = [
  ...['"', "\\", "{", "}", "[", "]", ":", ",", " ", "\n", "\0", "\u0001", "é", "\ufeff", "\\u0000"],
  ...[
    '"a":0,',
    '"__proto__":{},',
    '"__proto__":"",',
    "/*",
    "//",
    "[".repeat(2000),
    '{"":'.repeat(500),
  ],
  ...['"\\ud800":"",', '\\"', "\\\\", "0", "F16", "BF16", '"constructor":"x",', "}}", "]]"],
];

const DTYPES = ["F32", "F16", "BF16", "I32", "F64", "U8", "F4", "F6_E2M3", "f32", "", "toString"];

const pick = <T>(list: readonly T[], next: Next): T => list[next() % list.length];

/** Replaces one match of the pattern. */
function replaceOne(text: string, pattern: RegExp, by: string, next: Next): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return `${text}${by}`;
  const { index, 0: found } = pick(matches, next);
  return text.slice(0, index) + by + text.slice(index + found.length);
}

/** The members of the header's object, as text, and the padding. */
function membersOf(text: string): string[] {
  const object = JSON.parse(text) as Record<string, unknown>;
  return Object.keys(object).map((key) => `${JSON.stringify(key)}:${JSON.stringify(object[key])}`);
}

const ofMembers =
  (edit: (members: string[], next: Next) => string[]): Edit =>
  (text, next) =>
    `{${edit(membersOf(text), next).join()}}`;

/** Edits the strings of `__metadata__`. */
const ofMetadata =
  (edit: (metadata: Record<string, string>, next: Next) => void): Edit =>
  (text, next) => {
    const object = JSON.parse(text) as { __metadata__: Record<string, string> };
    edit(object.__metadata__, next);
    return JSON.stringify(object);
  };

const EDITS: Readonly<Record<string, Edit>> = {
  "number replaced": (text, next) => replaceOne(text, /\d+/g, pick(VALUES, next), next),
  "list replaced": (text, next) =>
    replaceOne(text, /\[[^\]]*\]/g, `[${pick(VALUES, next)},${pick(VALUES, next)}]`, next),
  "dtype replaced": (text, next) =>
    replaceOne(text, /"dtype":"\w+"/g, `"dtype":"${pick(DTYPES, next)}"`, next),
  "text put in": (text, next) => {
    const at = next() % (text.length + 1);
    return text.slice(0, at) + pick(PIECES, next) + text.slice(at);
  },
  "text taken out": (text, next) => {
    const at = next() % text.length;
    return text.slice(0, at) + text.slice(at + 1 + (next() % 8));
  },
  "member twice": ofMembers((members, next) => [...members, pick(members, next)]),
  "member taken out": ofMembers((members, next) => {
    members.splice(next() % members.length, 1);
    return members;
  }),
  "members turned round": ofMembers((members) => members.reverse()),
  "offsets of another": (text, next) => {
    const offsets = [...text.matchAll(/\[\d+,\d+\]/g)].map(([found]) => found);
    return replaceOne(text, /\[\d+,\d+\]/g, offsets.length > 0 ? pick(offsets, next) : "", next);
  },
  "metadata taken out": ofMetadata((metadata, next) => {
    delete metadata[pick(Object.keys(metadata), next)];
  }),
  "metadata replaced": ofMetadata((metadata, next) => {
    metadata[pick(Object.keys(metadata), next)] = pick(VALUES, next);
  }),
  "metadata added": ofMetadata((metadata, next) => {
    metadata[pick(["ashlar.more", "__proto__", "0"], next)] = "x";
  }),
  "CRC of a tensor edited": ofMetadata((metadata, next) => {
    const key = "ashlar.tensor_crc32";
    const by = pick(["00000000", "ABCDEF01", "0", "", "012345678", "0x000000"], next);
    metadata[key] = replaceOne(metadata[key], /[0-9a-f]{8}/g, by, next);
  }),
  "CRCs edited": ofMetadata((metadata, next) => {
    const key = "ashlar.tensor_crc32";
    const table = metadata[key];
    const at = next() % (table.length + 1);
    metadata[key] = table.slice(0, at) + pick(PIECES, next) + table.slice(at + (next() % 12));
  }),
};
const KINDS = Object.keys(EDITS);

/** The text of a good file's header with one edit, padded or not. */
export function mutateText(good: Uint8Array, next: Next): { kind: string; text: string } {
  const kind = pick(KINDS, next);
  const text = EDITS[kind](headerText(good), next);
  return { kind, text: text + " ".repeat(next() % 9) };
}
