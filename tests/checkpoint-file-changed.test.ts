import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CheckpointError } from "../src/state/checkpoint-error.ts";
import {
  type CheckpointTensor,
  writeCheckpoint,
} from "../src/state/checkpoint-file/write-checkpoint.ts";
import { memorySink } from "./reference/byte-ends.ts";
import { hexCrc } from "./reference/plain-checkpoint.ts";
import { rejection } from "./reference/rejection.ts";

// Tensors that change between the pass that takes their CRCs and the pass that writes them.

const test = suite("checkpoint file: changed while saved");
const MIB = 1_048_576;

/** A tensor of bytes whose parts are made anew on each call, numbered from 1. */
function tensor(
  name: string,
  size: number,
  parts: (call: number) => ArrayBufferView[],
): CheckpointTensor {
  let calls = 0;
  return { name, dtype: "U8", shape: [size], parts: () => parts(++calls) };
}

async function refused(tensors: readonly CheckpointTensor[], afterWrite?: () => void) {
  const sink = memorySink(afterWrite);
  const error = await rejection(writeCheckpoint(sink, { state: "{}", tensors }));
  assert.instance(error, CheckpointError, error.stack);
  assert.is((error as CheckpointError).reason, "CHANGED_WHILE_SAVED");
  return error.message;
}

test("a byte that changes after the header was written", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const message = await refused([tensor("w", 3, () => [bytes])], () => {
    bytes[1] = 0;
  });
  assert.is(
    message,
    `"CRC-32" of tensor "w": expected ${hexCrc(Uint8Array.of(1, 2, 3))}, got ${hexCrc(bytes)}. Let no step run while a checkpoint is saved`,
  );
});

test("a byte that changes while the tensor is half written", async () => {
  const bytes = new Uint8Array(3 * MIB);
  let writes = 0;
  await refused([tensor("w", bytes.length, () => [bytes])], () => {
    if (++writes === 3) bytes[bytes.length - 1] = 1;
  });
  assert.is(writes, 3, "the header and two chunks: the changed one is not written");
});

test("a byte that changes and is written already does no harm", async () => {
  const bytes = new Uint8Array(3 * MIB);
  let writes = 0;
  const sink = memorySink(() => {
    if (++writes === 3) bytes[0] = 1;
  });
  const tensors = [tensor("w", bytes.length, () => [bytes])];
  await writeCheckpoint(sink, { state: "{}", tensors });
  assert.is(writes, 4);
});

test("the second of two tensors, by its name", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const same = tensor("a", 3, () => [Uint8Array.of(1, 2, 3)]);
  const message = await refused([
    same,
    tensor("b", 3, (call) => [call === 1 ? bytes : bytes.map((n) => n + 1)]),
  ]);
  assert.match(message, 'tensor "b"');
});

test("fewer bytes than before", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const message = await refused([
    tensor("w", 3, (call) => (call === 1 ? [bytes] : [bytes.subarray(0, 2)])),
  ]);
  assert.match(message, /got [0-9a-f]{8} of 2 bytes\./);
});

test("more bytes than before, which are not written", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  let written = 0;
  const sink = memorySink((chunk) => {
    written += chunk.length;
  });
  const tensors = [
    tensor("w", 3, (call) => (call === 1 ? [bytes] : [bytes, new Uint8Array(5 * MIB)])),
  ];
  const error = await rejection(writeCheckpoint(sink, { state: "{}", tensors }));
  assert.is((error as CheckpointError).reason, "CHANGED_WHILE_SAVED");
  assert.match(error.message, /got 55bc801d of 5242883 bytes\./);
  assert.ok(written < 1000, "the header alone");
});

test("memory that grows while it is written, so that its views become empty", async () => {
  const memory = new WebAssembly.Memory({ initial: 48 });
  let writes = 0;
  await refused([tensor("w", 48 * 65_536, () => [new Uint8Array(memory.buffer)])], () => {
    if (++writes === 2) memory.grow(1);
  });
});

test("memory that grew before: fresh views are taken", async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer).fill(7);
  const sink = memorySink(() => memory.grow(1));
  const view = () => [new Uint8Array(memory.buffer, 8, 1000)];
  await writeCheckpoint(sink, { state: "{}", tensors: [tensor("w", 1000, view)] });
  assert.equal(sink.bytes().subarray(-1000), new Uint8Array(1000).fill(7));
});

test("shared memory that changes between the CRC and the copy of a chunk", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2 * MIB));
  let writes = 0;
  await refused([tensor("w", shared.length, () => [shared])], () => {
    if (++writes === 1) shared[5] = 1;
  });
});

test("bytes that are other ones each time they are read: what is written is what the CRC is of", async () => {
  // As if another thread wrote between any two looks: odd ones find 1, even ones 0.
  const bytes = new Uint8Array(3);
  let looks = 0;
  const restless = Object.defineProperty(new Uint8Array(bytes.buffer), "buffer", {
    get() {
      bytes[2] = ++looks & 1;
      return bytes.buffer;
    },
  });
  const message = await refused([tensor("w", 3, () => [restless])]);
  assert.is(looks, 2);
  assert.match(
    message,
    `expected ${hexCrc(Uint8Array.of(0, 0, 1))}, got ${hexCrc(Uint8Array.of(0, 0, 0))}`,
  );
});

test.run();
