import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openCheckpoint } from "../src/state/checkpoint-file/read-checkpoint.ts";
import { writeCheckpoint } from "../src/state/checkpoint-file/write-checkpoint.ts";
import { memoryReader, memorySink } from "./reference/byte-ends.ts";
import { asParts, mixedSample, type Sample, smallSample } from "./reference/checkpoint-samples.ts";
import { inFileOrder, type PlainTensor, plainCheckpoint } from "./reference/plain-checkpoint.ts";

// Writing and reading, where all goes well.

const test = suite("checkpoint file");

async function write({ state, tensors }: Sample, most?: number) {
  const sink = memorySink();
  await writeCheckpoint(sink, { state, tensors: asParts(tensors, most) });
  return sink.bytes();
}

async function read(bytes: Uint8Array, known = true) {
  const checkpoint = await openCheckpoint(memoryReader(bytes, known));
  const tensors: PlainTensor[] = [];
  await checkpoint.readTensors(({ name, dtype, shape, begin, end }) => {
    const copy = new Uint8Array(end - begin);
    tensors.push({ name, dtype, shape, bytes: copy });
    return (chunk, offset) => copy.set(chunk, offset);
  });
  return { ...checkpoint, tensors };
}

function large(length: number): PlainTensor {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8)) & 255);
  return { name: `param.${length}`, dtype: "U8", shape: [length], bytes };
}

const SAMPLES: readonly (readonly [string, Sample])[] = [
  ["two parameters", smallSample()],
  ["many dtypes and names", mixedSample()],
  ["no tensors", { state: "{}", tensors: [] }],
  ["no state", { state: "", tensors: smallSample().tensors }],
  ["only empty tensors", { state: "{}", tensors: [{ ...large(0), shape: [3, 0] }] }],
];

for (const [title, sample] of SAMPLES) {
  test(`writes to the byte what a plain writer does: ${title}`, async () => {
    const expected = plainCheckpoint(sample.state, sample.tensors);
    for (const most of [1, 7, 1000]) assert.equal(await write(sample, most), expected);
  });

  test(`reads what was written: ${title}`, async () => {
    const bytes = await write(sample);
    for (const known of [true, false]) {
      const { version, state, metadata, tensors } = await read(bytes, known);
      assert.is(version, 1);
      assert.is(state, sample.state);
      assert.is(metadata.format, "ashlar");
      assert.equal(tensors, inFileOrder(sample.tensors));
    }
  });
}

test("begins its data, and each tensor, at a multiple of its element's size", async () => {
  const checkpoint = await openCheckpoint(memoryReader(await write(mixedSample())));
  const sizes = { F64: 8, I64: 8, F32: 4, U32: 4, F16: 2, BF16: 2 } as Record<string, number>;
  for (const { dtype, begin } of checkpoint.tensors) assert.is(begin % (sizes[dtype] ?? 1), 0);
});

test("writes the same bytes whatever the order of the tensors", async () => {
  const { state, tensors } = mixedSample();
  assert.equal(
    await write({ state, tensors: [...tensors].reverse() }),
    await write({ state, tensors }),
  );
});

test("goes through one chunk of 1 MiB, whatever the tensors' sizes", async () => {
  const MIB = 1_048_576;
  const lengths = [MIB - 1, MIB, MIB + 1, 3, 2 * MIB, 5];
  const tensors = lengths.map(large);
  const buffers = new Set<ArrayBufferLike>();
  const sink = memorySink((bytes) => buffers.add(bytes.buffer));
  await writeCheckpoint(sink, { state: "{}", tensors: asParts(tensors, MIB) });
  assert.is(buffers.size, 2, "the header and the chunk");
  assert.ok(sink.writes.every(({ length }) => length <= MIB));
  assert.is(sink.writes.length, 1 + Math.ceil(lengths.reduce((a, b) => a + b) / MIB));
  const reader = memoryReader(sink.bytes());
  const checkpoint = await openCheckpoint(reader);
  const got = new Map(
    checkpoint.tensors.map(({ name, end, begin }) => [name, new Uint8Array(end - begin)]),
  );
  const chunks = new Set<ArrayBufferLike>();
  await checkpoint.readTensors(({ name }) => (chunk, offset) => {
    chunks.add(chunk.buffer);
    got.get(name)?.set(chunk, offset);
  });
  assert.is(chunks.size, 1);
  assert.is(reader.mostAsked, MIB);
  for (const { name, bytes } of tensors)
    assert.equal(Buffer.from(bytes).equals(got.get(name) ?? bytes), true);
});

test("takes parts of any kind of view, in shared memory too, and writes no shared memory", async () => {
  const shared = new SharedArrayBuffer(64);
  new Uint8Array(shared).set(Array.from({ length: 64 }, (_, i) => i));
  const parts = () => [
    new Float32Array(shared, 4, 3),
    new DataView(shared, 17, 4),
    new Uint16Array(shared, 2, 2),
    new Uint8Array(0),
  ];
  const sink = memorySink((bytes) => assert.instance(bytes.buffer, ArrayBuffer));
  await writeCheckpoint(sink, {
    state: "{}",
    tensors: [{ name: "a", dtype: "F32", shape: [5], parts }],
  });
  const bytes = Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 2, 3, 4, 5);
  assert.equal(
    sink.bytes(),
    plainCheckpoint("{}", [{ name: "a", dtype: "F32", shape: [5], bytes }]),
  );
});

test("only checks tensors that nobody takes", async () => {
  const { state, tensors } = smallSample();
  const checkpoint = await openCheckpoint(memoryReader(plainCheckpoint(state, tensors)));
  const taken: string[] = [];
  await checkpoint.readTensors(({ name }) => {
    if (!name.endsWith(".w")) return null;
    return () => taken.push(name);
  });
  assert.equal(taken, ["exp_avg.w", "exp_avg_sq.w", "param.w"]);
});

test("reads data once", async () => {
  const checkpoint = await openCheckpoint(
    memoryReader(plainCheckpoint("{}", smallSample().tensors)),
  );
  await checkpoint.readTensors(() => null);
  let message = "";
  await checkpoint
    .readTensors(() => null)
    .catch((error: Error) => {
      message = error.message;
    });
  assert.is(message, "readTensors: expected one call, got a second: data is read once");
});

test("tells how far it is, of the whole file", async () => {
  const tensors = [large(3_000_000)];
  const reports: number[] = [];
  const sink = memorySink();
  await writeCheckpoint(sink, { state: "{}", tensors: asParts(tensors) }, ({ bytes, total }) => {
    assert.is(total, plainCheckpoint("{}", tensors).length);
    reports.push(bytes);
  });
  const size = sink.bytes().length;
  const header = size - 3_000_000;
  const steps = [header + 1_048_576, header + 2_097_152, size];
  assert.equal(reports, [header, ...steps]);
  const checkpoint = await openCheckpoint(memoryReader(sink.bytes()));
  const read: number[] = [];
  await checkpoint.readTensors(
    () => null,
    ({ bytes, total }) => {
      assert.is(total, size);
      read.push(bytes);
    },
  );
  assert.equal(read, steps);
});

test("leaves closing and aborting to its caller", async () => {
  const calls: string[] = [];
  const sink = {
    ...memorySink(),
    close: async () => void calls.push("close"),
    abort: async () => void calls.push("abort"),
  };
  await writeCheckpoint(sink, { state: "{}", tensors: [] });
  assert.equal(calls, []);
});

test.run();
