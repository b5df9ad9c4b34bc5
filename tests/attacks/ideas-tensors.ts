import { rawFile } from "../reference/plain-checkpoint.ts";
import type { Idea } from "./idea.ts";
import { A, B, forged, METADATA_MEMBER } from "./victim.ts";

// Tensors that are not what, or not where, they say.

/** A file of one tensor, `a`, and 8 bytes. */
const tensor = (entry: string) => rawFile(`{"a":${entry}}`, new Uint8Array(8));
const entry = (dtype: string, shape: string, offsets = "[0,8]") =>
  tensor(`{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`);
/** The victim with the tensor `b` elsewhere. */
const movedB = (offsets: string, data: number) =>
  forged([METADATA_MEMBER, A, B.replace("[8,16]", offsets)], new Uint8Array(data));

export const TENSORS: readonly Idea[] = [
  {
    name: "entry-array",
    attempts: "a tensor that is a list",
    reason: "BAD_ENTRY",
    bytes: tensor('["F32",[2],[0,8]]'),
  },
  {
    name: "entry-without-shape",
    attempts: "no shape",
    reason: "BAD_ENTRY",
    bytes: tensor('{"dtype":"F32","data_offsets":[0,8]}'),
  },
  {
    name: "entry-more",
    attempts: "a field of its own",
    reason: "BAD_ENTRY",
    bytes: tensor('{"dtype":"F32","shape":[2],"data_offsets":[0,8],"file":"/etc/passwd"}'),
  },
  {
    name: "entry-proto",
    attempts: "the fields inherited",
    reason: "BAD_ENTRY",
    bytes: tensor('{"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'),
  },
  {
    name: "dtype-unknown",
    attempts: "a dtype that does not exist",
    reason: "UNKNOWN_DTYPE",
    bytes: entry('"F128"', "[0]", "[0,0]"),
  },
  {
    name: "dtype-inherited",
    attempts: "a dtype that every object has",
    reason: "UNKNOWN_DTYPE",
    bytes: entry('"constructor"', "[2]"),
  },
  {
    name: "dtype-list",
    attempts: "a list of one dtype, which reads as its name",
    reason: "UNKNOWN_DTYPE",
    bytes: entry('["F32"]', "[2]"),
  },
  {
    name: "shape-text",
    attempts: "sizes as text",
    reason: "BAD_SHAPE",
    bytes: entry('"F32"', '["2"]'),
  },
  {
    name: "shape-nested",
    attempts: "a list in the shape, which multiplies as its one number",
    reason: "BAD_SHAPE",
    bytes: entry('"F32"', "[[2]]"),
  },
  {
    name: "shape-null",
    attempts: "no shape, as null",
    reason: "BAD_SHAPE",
    bytes: entry('"F32"', "null"),
  },
  {
    name: "offsets-backwards",
    attempts: "ends before it begins",
    reason: "BAD_OFFSETS",
    bytes: entry('"F32"', "[2]", "[8,0]"),
  },
  {
    name: "offsets-three",
    attempts: "three offsets",
    reason: "BAD_OFFSETS",
    bytes: entry('"F32"', "[2]", "[0,8,16]"),
  },
  {
    name: "offsets-null",
    attempts: "an end that is null, and so 0",
    reason: "BAD_OFFSETS",
    bytes: entry('"F32"', "[0]", "[0,null]"),
  },
  {
    name: "size-overflow-elements",
    attempts: "2^32 x 2^32 elements: 0 in 64 bits",
    reason: "SIZE_OVERFLOW",
    bytes: entry('"F32"', "[4294967296,4294967296]", "[0,0]"),
  },
  {
    name: "size-overflow-bytes",
    attempts: "2^53 - 1 elements of 8 bytes",
    reason: "SIZE_OVERFLOW",
    bytes: entry('"F64"', "[9007199254740991]"),
  },
  {
    name: "size-overflow-hidden",
    attempts: "too many elements, times 0",
    reason: "SIZE_OVERFLOW",
    bytes: entry('"F32"', "[9007199254740991,9007199254740991,0]", "[0,0]"),
  },
  {
    name: "half-bytes",
    attempts: "three elements of 4 bits",
    reason: "MISALIGNED",
    bytes: entry('"F4"', "[3]", "[0,2]"),
  },
  {
    name: "size-less",
    attempts: "more elements than bytes: reads beyond its end",
    reason: "WRONG_SIZE",
    bytes: entry('"F32"', "[3]"),
  },
  {
    name: "size-more",
    attempts: "more bytes than elements: a place to hide some",
    reason: "WRONG_SIZE",
    bytes: entry('"F32"', "[1]"),
  },
  {
    name: "scalar-empty",
    attempts: "a scalar without bytes",
    reason: "WRONG_SIZE",
    bytes: entry('"F32"', "[]", "[0,0]"),
  },
  {
    name: "overlap-same",
    attempts: "two tensors in the same bytes",
    reason: "OVERLAP",
    bytes: movedB("[0,8]", 8),
  },
  {
    name: "overlap-half",
    attempts: "a tensor that begins within another",
    reason: "OVERLAP",
    bytes: movedB("[4,12]", 12),
  },
  {
    name: "hole-first",
    attempts: "bytes before the first tensor",
    reason: "HOLE",
    bytes: entry('"F32"', "[1]", "[4,8]"),
  },
  {
    name: "hole-between",
    attempts: "bytes between tensors, where another file may hide",
    reason: "HOLE",
    bytes: movedB("[16,24]", 24),
  },
  {
    name: "beyond-the-file",
    attempts: "a tensor of a petabyte",
    reason: "TRUNCATED",
    bytes: forged([
      METADATA_MEMBER,
      A,
      B.replace("[2]", "[281474976710656]").replace("16]", "1125899906842632]"),
    ]),
  },
];
