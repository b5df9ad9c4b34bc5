import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CheckpointError } from "../src/state/checkpoint-error.ts";
import { parseHeader } from "../src/state/safetensors/parse-header.ts";
import { readHeader } from "../src/state/safetensors/read-header.ts";
import { bitsOf, TENSOR_DTYPES } from "../src/state/safetensors/tensor.ts";
import { memoryReader } from "./reference/byte-ends.ts";
import { rawFile } from "./reference/plain-checkpoint.ts";

const test = suite("safetensors header");
const MOST = 9007199254740991;

const parse = (text: string) => parseHeader(new TextEncoder().encode(text));

async function refused(act: () => unknown): Promise<CheckpointError> {
  try {
    await act();
  } catch (error) {
    assert.instance(error, CheckpointError);
    return error as CheckpointError;
  }
  return assert.unreachable("accepted") as never;
}

test("gives tensors in the order of their bytes, and metadata without a prototype", () => {
  const header = parse(
    '{"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},"__metadata__":{"__proto__":"x","0":""},' +
      '"none":{"shape":[0],"dtype":"F32","data_offsets":[8,8]},' +
      '"a":{"data_offsets":[0,8],"dtype":"F32","shape":[1,2]}}   ',
  );
  assert.is(header.dataSize, 11);
  assert.equal(header.tensors, [
    { name: "a", dtype: "F32", shape: [1, 2], begin: 0, end: 8 },
    { name: "none", dtype: "F32", shape: [0], begin: 8, end: 8 },
    { name: "b", dtype: "U8", shape: [3], begin: 8, end: 11 },
  ]);
  assert.is(Object.getPrototypeOf(header.metadata), null);
  assert.equal(Object.entries(header.metadata), [
    ["0", ""],
    ["__proto__", "x"],
  ]);
});

test("takes a file without tensors or metadata", () => {
  const { metadata, tensors, dataSize } = parse("{}");
  assert.equal([Object.keys(metadata), tensors, dataSize], [[], [], 0]);
});

test("knows the dtypes of the format, and their sizes", () => {
  const bytes = { F4: 2, F6_E2M3: 3, F6_E3M2: 3, BOOL: 4, U8: 4, I8: 4, I16: 8, BF16: 8, F16: 8 };
  const wide = { I32: 16, F32: 16, U32: 16, F64: 32, I64: 32, U64: 32, C64: 32 };
  const float8 = { F8_E5M2: 4, F8_E4M3: 4, F8_E8M0: 4, F8_E4M3FNUZ: 4, F8_E5M2FNUZ: 4, U16: 8 };
  const sizes: Record<string, number> = { ...bytes, ...wide, ...float8 };
  assert.equal([...TENSOR_DTYPES].sort(), Object.keys(sizes).sort());
  for (const dtype of TENSOR_DTYPES) {
    const end = sizes[dtype];
    const { tensors } = parse(`{"a":{"dtype":"${dtype}","shape":[2,2],"data_offsets":[0,${end}]}}`);
    assert.equal(tensors, [{ name: "a", dtype, shape: [2, 2], begin: 0, end }]);
    assert.is(bitsOf(dtype) * 4, end * 8);
  }
});

const one = (dtype: string, shape: string, offsets: string) =>
  `{"a":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
const SHAPED = "expected an array of whole numbers";

const MESSAGES: readonly (readonly [text: string, message: string])[] = [
  [
    "",
    '"byte 0" of the header: expected 123, a "{", got nothing. It is no safetensors file, or it is damaged',
  ],
  [
    "[]",
    '"byte 0" of the header: expected 123, a "{", got byte 91. It is no safetensors file, or it is damaged',
  ],
  ["{} \t", '"character 3" of the header: expected only spaces after the object, got "\\t"'],
  ['{"__metadata__":[]}', '"__metadata__" of the header: expected an object of strings, got []'],
  ['{"__metadata__":{"a":{}}}', '"a" of __metadata__: expected a string, got an object'],
  ['{"a":7}', '"entry" of tensor "a": expected an object of dtype, shape, data_offsets, got 7'],
  ['{"a":{"dtype":"F32","shape":[]}}', '"data_offsets" of tensor "a": expected a value, got none'],
  [
    '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":0}}',
    '"entry" of tensor "a": expected only dtype, shape, data_offsets, got "x"',
  ],
  [
    one('"f32"', "[]", "[0,4]"),
    `"dtype" of tensor "a": expected one of the format's, as F32 or BF16, got "f32"`,
  ],
  [
    one("{}", "[]", "[0,4]"),
    `"dtype" of tensor "a": expected one of the format's, as F32 or BF16, got an object`,
  ],
  [one('"F32"', "4", "[0,4]"), `"shape" of tensor "a": ${SHAPED}, got 4`],
  [one('"F32"', "[true]", "[0,4]"), `"shape" of tensor "a": ${SHAPED}, got [true]`],
  [one('"F32"', "[]", '"04"'), `"data_offsets" of tensor "a": ${SHAPED}, got "04"`],
  [
    one('"F32"', "[]", "[4,0]"),
    '"data_offsets" of tensor "a": expected [begin, end], begin <= end, got [4, 0]',
  ],
  [
    one('"F32"', "[]", "[4]"),
    '"data_offsets" of tensor "a": expected [begin, end], begin <= end, got [4]',
  ],
  [
    one('"F32"', "[2]", "[0,4]"),
    '"data_offsets" of tensor "a": expected 8 bytes, [2] of F32, got 4',
  ],
  [one('"F32"', "[]", "[0,8]"), '"data_offsets" of tensor "a": expected 4 bytes, [] of F32, got 8'],
  [
    one('"F6_E2M3"', "[2]", "[0,2]"),
    '"shape" of tensor "a": expected a whole number of bytes, as elements of F6_E2M3 have 6 bits, got 12 bits',
  ],
  [
    one('"U8"', `[${MOST},2]`, "[0,0]"),
    `"shape" of tensor "a": expected at most ${MOST} elements, got [${MOST}, 2]`,
  ],
  [
    // The first number that is not exact: 2^53.
    one('"U8"', "[134217728,67108864]", "[0,0]"),
    `"shape" of tensor "a": expected at most ${MOST} elements, got [134217728, 67108864]`,
  ],
  [
    one('"I16"', `[${MOST}]`, "[0,0]"),
    `"shape" of tensor "a": expected at most ${MOST} bytes, got [${MOST}]`,
  ],
  [
    one('"F4"', `[${MOST}]`, "[0,0]"),
    `"shape" of tensor "a": expected at most ${MOST} bits, got [${MOST}]`,
  ],
  [
    one('"F32"', "[]", "[4,8]"),
    '"data_offsets" of tensor "a": expected a begin of 0, where the tensor before ends, got 4',
  ],
  [
    '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}',
    '"data_offsets" of tensor "b": expected a begin of 4, where the tensor before ends, got 3',
  ],
];

for (const [text, message] of MESSAGES) {
  test(`says of ${text}: ${message}`, async () => {
    assert.is((await refused(() => parse(text))).message, message);
  });
}

test("shows names without control characters", async () => {
  const error = await refused(() => parse('{"\\u202e\\u001b[2J":0}'));
  assert.match(error.message, '"entry" of tensor "\\u202e\\u001b[2J": expected');
});

const SIZES: readonly (readonly [bytes: Uint8Array, message: string])[] = [
  [new Uint8Array(5), '"size" of the file: expected at least 8 bytes, got 5'],
  [
    rawFile("{}", undefined, 3n),
    '"size" of the file: expected at least 11 bytes, its header\'s end, got 10',
  ],
  [rawFile("{}", undefined, 1n), '"header length" of the file: expected at least 2, got 1'],
  [
    rawFile("{}", undefined, 100_000_001n),
    '"header length" of the file: expected at most 100000000, got 100000001',
  ],
  [
    rawFile("{}", undefined, 2n ** 53n + 1n),
    '"header length" of the file: expected at most 100000000, got 9007199254740993',
  ],
];

for (const [bytes, message] of SIZES) {
  test(`says, with the size known or not: ${message}`, async () => {
    for (const known of [true, false]) {
      const error = await refused(() => readHeader(memoryReader(bytes, known)));
      assert.is(error.message.slice(0, message.length), message);
    }
  });
}

test("compares the file's size with its header's before any data is read, where it is known", async () => {
  const text = '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}';
  const end = 8 + text.length;
  const few = memoryReader(rawFile(text, new Uint8Array(2)));
  assert.match(
    (await refused(() => readHeader(few))).message,
    `expected ${end + 3} bytes, got ${end + 2}`,
  );
  const many = memoryReader(rawFile(text, new Uint8Array(4)));
  const error = await refused(() => readHeader(many));
  assert.is(error.reason, "TRAILING_BYTES");
  assert.match(error.message, `expected ${end + 3} bytes, got ${end + 4}`);
  assert.is(many.at, end);
});

test("allocates no more than a chunk for a length that lies", async () => {
  for (const known of [true, false]) {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const look = () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    const bytes = rawFile("{}", new Uint8Array(3000), 100_000_000n);
    const reader = memoryReader(bytes, known, look);
    assert.is((await refused(() => readHeader(reader))).reason, "TRUNCATED");
    look();
    assert.ok(most < 1_200_000, `${most} bytes`);
    assert.ok(reader.mostAsked <= 1_048_576);
  }
});

test("reads a header of several chunks, with the size known or not", async () => {
  const names = Array.from(
    { length: 40_000 },
    (_, i) =>
      `${JSON.stringify(`größe.${i}`)}:{"dtype":"F16","shape":[0,${i}],"data_offsets":[0,0]}`,
  );
  const bytes = rawFile(`{${names.join()}}`);
  assert.ok(bytes.length > 2 * 1_048_576);
  for (const known of [true, false]) {
    const { tensors, fileSize, dataBegin } = await readHeader(memoryReader(bytes, known));
    assert.is(tensors.length, 40_000);
    assert.equal(tensors[39_999], {
      name: "größe.39999",
      dtype: "F16",
      shape: [0, 39_999],
      begin: 0,
      end: 0,
    });
    assert.equal([fileSize, dataBegin], [bytes.length, bytes.length]);
  }
});

test.run();
