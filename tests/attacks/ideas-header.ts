import { rawFile } from "../reference/plain-checkpoint.ts";
import type { Idea } from "./idea.ts";
import { A, B, forged, METADATA_MEMBER } from "./victim.ts";

// Text that parsers read in two ways, or for too long.

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A tensor of 4 bytes with one field said otherwise, as a file. */
const tensor = (entry: string, name = '"a"') => rawFile(`{${name}:{${entry}}}`, new Uint8Array(4));
const GOOD = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';

export const HEADER: readonly Idea[] = [
  {
    name: "utf8-overlong",
    attempts: "a quote as an overlong sequence of two bytes",
    reason: "BAD_UTF8",
    bytes: rawFile(latin('{"a\xc0\xa2":1}')),
  },
  {
    name: "utf8-surrogate",
    attempts: "half of a surrogate pair as three bytes",
    reason: "BAD_UTF8",
    bytes: rawFile(latin('{"\xed\xa0\x80":1}')),
  },
  {
    name: "utf8-cut",
    attempts: "a text that ends within a character",
    reason: "BAD_UTF8",
    bytes: rawFile(latin("{}\xe2\x82")),
  },
  {
    name: "json-unclosed",
    attempts: "an object that does not end",
    reason: "BAD_JSON",
    bytes: rawFile(`{"a":{${GOOD}}`, new Uint8Array(4)),
  },
  {
    name: "json-trailing-comma",
    attempts: "a comma before the end",
    reason: "BAD_JSON",
    bytes: rawFile(`{"a":{${GOOD}},}`, new Uint8Array(4)),
  },
  {
    name: "json-comment",
    attempts: "a comment",
    reason: "BAD_JSON",
    bytes: rawFile(`{/**/"a":{${GOOD}}}`, new Uint8Array(4)),
  },
  {
    name: "json-line-break",
    attempts: "a line break within a string",
    reason: "BAD_JSON",
    bytes: tensor(GOOD, '"a\nb"'),
  },
  {
    name: "json-nan",
    attempts: "NaN as a number",
    reason: "BAD_JSON",
    bytes: tensor('"dtype":"F32","shape":[NaN],"data_offsets":[0,4]'),
  },
  {
    name: "json-leading-zero",
    attempts: "010, which is 10 or 8",
    reason: "BAD_JSON",
    bytes: tensor('"dtype":"U8","shape":[010],"data_offsets":[0,4]'),
  },
  {
    name: "number-negative",
    attempts: "two negative sizes, whose product is right",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]'),
  },
  {
    name: "number-minus-zero",
    attempts: "an offset of -0",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"F32","shape":[1],"data_offsets":[-0,4]'),
  },
  {
    name: "number-half",
    attempts: "2 times 0.5 elements",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"F32","shape":[2,0.5],"data_offsets":[0,4]'),
  },
  {
    name: "number-infinite",
    attempts: "a size of 1e400, which JSON.parse makes Infinity",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"F32","shape":[1e400,0],"data_offsets":[0,0]'),
  },
  {
    name: "number-rounded",
    attempts: "2^53 + 1, which JSON.parse makes 2^53",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"U8","shape":[4],"data_offsets":[9007199254740993,9007199254740997]'),
  },
  {
    name: "number-exponent",
    attempts: "a size of 1e0",
    reason: "BAD_NUMBER",
    bytes: tensor('"dtype":"F32","shape":[1e0],"data_offsets":[0,4]'),
  },
  {
    name: "text-half-pair",
    attempts: "a name with half of a surrogate pair, which no UTF-8 has",
    reason: "BAD_TEXT",
    bytes: tensor(GOOD, '"\\ud800"'),
  },
  {
    name: "deep-arrays",
    attempts: "900 arrays in each other, to overflow the stack",
    reason: "TOO_DEEP",
    bytes: rawFile(`{"a":${"[".repeat(900)}`),
  },
  {
    name: "deep-objects",
    attempts: "the same with objects",
    reason: "TOO_DEEP",
    bytes: rawFile(`{"a":${'{"":'.repeat(200)}`),
  },
  {
    name: "duplicate-tensor",
    attempts: "a tensor twice: JSON.parse takes the last, others the first",
    reason: "DUPLICATE_KEY",
    bytes: forged([METADATA_MEMBER, A, B, A.replace("[0,8]", "[8,16]")]),
  },
  {
    name: "duplicate-escaped",
    attempts: "the same, written in another way",
    reason: "DUPLICATE_KEY",
    bytes: forged([METADATA_MEMBER, A, B, B.replace("param.b", "param\\u002eb")]),
  },
  {
    name: "duplicate-metadata",
    attempts: "metadata twice",
    reason: "DUPLICATE_KEY",
    bytes: forged([METADATA_MEMBER, A, B, '"__metadata__":{}']),
  },
  {
    name: "duplicate-proto",
    attempts: "the key __proto__ twice, in an entry",
    reason: "DUPLICATE_KEY",
    bytes: tensor(`"__proto__":0,"__proto__":1,${GOOD}`),
  },
  {
    name: "duplicate-offsets",
    attempts: "two fields data_offsets",
    reason: "DUPLICATE_KEY",
    bytes: tensor(`${GOOD},"data_offsets":[0,4]`),
  },
  {
    name: "padding-zeros",
    attempts: "zero bytes in place of spaces",
    reason: "BAD_PADDING",
    bytes: rawFile("{}\0\0\0\0\0\0"),
  },
  {
    name: "padding-object",
    attempts: "a second object after the first",
    reason: "BAD_PADDING",
    bytes: rawFile(`{} {"a":{${GOOD}}}`, new Uint8Array(4)),
  },
  {
    name: "metadata-number",
    attempts: "metadata that are no strings",
    reason: "BAD_METADATA",
    bytes: rawFile('{"__metadata__":{"format":1}}'),
  },
  {
    name: "metadata-object",
    attempts: "an object as metadata, at the key __proto__",
    reason: "BAD_METADATA",
    bytes: rawFile('{"__metadata__":{"__proto__":{"format":"ashlar"}}}'),
  },
  {
    name: "metadata-array",
    attempts: "a list of metadata",
    reason: "BAD_METADATA",
    bytes: rawFile('{"__metadata__":["format"]}'),
  },
];
