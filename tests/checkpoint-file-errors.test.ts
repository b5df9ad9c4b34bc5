import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CheckpointError } from "../src/state/checkpoint-error.ts";
import {
  type CheckpointTensor,
  writeCheckpoint,
} from "../src/state/checkpoint-file/write-checkpoint.ts";
import {
  A,
  DATA,
  forged,
  METADATA_MEMBER,
  TENSORS,
  VICTIM,
  withMetadata,
} from "./attacks/victim.ts";
import { memorySink } from "./reference/byte-ends.ts";
import { asParts } from "./reference/checkpoint-samples.ts";
import { hexCrc, plainFile, withHeaderCrc } from "./reference/plain-checkpoint.ts";
import { refusedFile } from "./reference/refused-file.ts";
import { rejection } from "./reference/rejection.ts";

// The messages of refused checkpoints, and what cannot be saved.

const test = suite("checkpoint file: errors");

const B_CRC = hexCrc(TENSORS[1].bytes);
const DAMAGED = "The file is damaged: load an earlier one";
/** The victim with a bit flipped, `at` bytes from the end. */
const flipped = (at: number) => {
  const bytes = Uint8Array.from(VICTIM);
  bytes[bytes.length + at] ^= 1;
  return bytes;
};

const MESSAGES: readonly (readonly [bytes: Uint8Array, message: string])[] = [
  [
    plainFile([], { format: "pt" }),
    '"format" of the metadata: expected "ashlar", got "pt". It is a safetensors file of others: readWeights() reads its weights',
  ],
  [
    plainFile([]),
    '"format" of the metadata: expected "ashlar", got none. It is a safetensors file of others: readWeights() reads its weights',
  ],
  [
    withMetadata({ format: "bshlar" }),
    `"format" of the metadata: expected "ashlar", got "bshlar". ${DAMAGED}`,
  ],
  [
    withMetadata({ "ashlar.version": "12" }),
    '"ashlar.version" of the checkpoint: expected at most 1, got 12. A newer ashlar wrote it: update ashlar to load it',
  ],
  [
    withMetadata({ "ashlar.version": "one" }),
    '"ashlar.version" of the checkpoint: expected 1 to 1, got "one"',
  ],
  [
    withMetadata({ "ashlar.state": undefined }),
    '"ashlar.state" of the checkpoint: expected a string, got none',
  ],
  [
    withMetadata({ "ashlar.tensor_crc32": '{"param.a":"01234567"}' }),
    '"CRC-32" of tensor "param.b": expected 8 hex digits in lower case, got none',
  ],
  [
    withMetadata({ "ashlar.tensor_crc32": '{"param.a":"0123456X"}' }),
    '"CRC-32" of tensor "param.a": expected 8 hex digits in lower case, got "0123456X"',
  ],
  [
    withMetadata({ "ashlar.tensor_crc32": "{}{}" }),
    '"ashlar.tensor_crc32" of the checkpoint: expected one JSON object, got "{}{}"',
  ],
  [
    forged([METADATA_MEMBER, A], DATA.slice(0, 8)),
    '"ashlar.tensor_crc32" of the checkpoint: expected names of its tensors, got "param.b"',
  ],
  [
    flipped(-1),
    `"CRC-32" of tensor "param.b": expected ${B_CRC}, got ${hexCrc(flipped(-1).subarray(-8))}. ${DAMAGED}`,
  ],
];

for (const [bytes, message] of MESSAGES) {
  test(`says: ${message}`, async () => {
    const error = await refusedFile(bytes, true);
    assert.is(error.message, message);
    assert.is(error.name, "CheckpointError");
    assert.is(error.code, "BAD_CHECKPOINT");
  });
}

test("says where the CRC of the header must stand", async () => {
  const escaped = METADATA_MEMBER.replace("header_crc32", "header_crc\\u00332");
  const { message } = await refusedFile(forged([escaped, A], DATA.slice(0, 8)), true);
  assert.is(
    message,
    `"CRC-32" of the header: expected ashlar.header_crc32 before the tensors, without spaces, got it elsewhere. ${DAMAGED}`,
  );
});

test("names both CRCs of a damaged header", async () => {
  const bytes = withMetadata({ "ashlar.header_crc32": "01234567" });
  const text = new TextDecoder().decode(bytes);
  const right = /header_crc32":"([0-9a-f]{8})/.exec(text)?.[1];
  const edited = Buffer.from(bytes);
  edited.write("76543210", text.indexOf(`${right}`));
  assert.equal(withHeaderCrc(edited), bytes);
  const error = await refusedFile(edited, true);
  assert.is(error.message, `"CRC-32" of the header: expected 76543210, got ${right}. ${DAMAGED}`);
});

const four = (name: string): CheckpointTensor =>
  asParts([{ name, dtype: "U8", shape: [4], bytes: Uint8Array.of(1, 2, 3, 4) }])[0];

const UNSAVABLE: readonly (readonly [
  tensors: readonly CheckpointTensor[],
  state: string,
  message: string,
])[] = [
  [
    [four("a"), four("a")],
    "{}",
    '"name" of a tensor: expected each name once, and not "__metadata__", got "a"',
  ],
  [
    [four("__metadata__")],
    "{}",
    '"name" of a tensor: expected each name once, and not "__metadata__", got "__metadata__"',
  ],
  [[four("\ud800")], "{}", '"name" of a tensor: expected well-formed Unicode, got "\\ud800"'],
  [[four("a")], "\udfff", '"state" of a checkpoint: expected well-formed Unicode, got "\\udfff"'],
  [
    [{ ...four("a"), shape: [5] }],
    "{}",
    '"parts" of tensor "a": expected 5 bytes, as its shape, got 4',
  ],
  [
    [{ ...four("a"), shape: [3] }],
    "{}",
    '"parts" of tensor "a": expected 3 bytes, as its shape, got 4',
  ],
];

for (const [tensors, state, message] of UNSAVABLE) {
  test(`does not save, and writes nothing: ${message}`, async () => {
    const sink = memorySink();
    const error = await rejection(writeCheckpoint(sink, { state, tensors }));
    assert.is(error.message, message);
    assert.is(error.constructor, RangeError);
    assert.is(sink.writes.length, 0);
  });
}

test("refuses to write a header that nobody could read", async () => {
  const sink = memorySink();
  const state = "s".repeat(100_000_000);
  const error = await rejection(writeCheckpoint(sink, { state, tensors: [] }));
  assert.is((error as CheckpointError).reason, "HEADER_TOO_LONG");
  assert.match(error.message, /expected at most 100000000, got 10000\d\d\d\d$/);
  assert.is(sink.writes.length, 0);
});

test.run();
