import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { CheckpointError } from "../src/state/checkpoint-error.ts";
import { readWeights } from "../src/state/weights/read-weights.ts";
import type { WeightTensor } from "../src/state/weights/weights.ts";
import { weightsFrom } from "../src/state/weights/weights-from.ts";
import { concatenated, memoryReader } from "./reference/byte-ends.ts";
import { plainCheckpoint, plainFile, rawFile } from "./reference/plain-checkpoint.ts";
import { rejection } from "./reference/rejection.ts";
import { bits, bytesOf, FILE, f32, HALF, IDS, MASK, tensor, W } from "./reference/weight-file.ts";

// Weight files of others, and the weights of checkpoints.

const test = suite("weights");

for (const known of [true, false]) {
  const size = known ? "known" : "unknown";

  test(`reads the float tensors of a file and lists the others, its size ${size}`, async () => {
    const weights = await weightsFrom(memoryReader(FILE, known));
    assert.equal(bits(weights), {
      "layer.1.w": { shape: [3], dtype: "float32", bits: f32(0.1, 1, -(1 + 2 ** -22)) },
      empty: { shape: [0, 7], dtype: "float32", bits: [] },
      "layer.0.w": { shape: [2, 2], dtype: "float32", bits: f32(1.5, -0, 1e-40, -3.25) },
      "layer.0.b": { shape: [], dtype: "bfloat16", bits: [0x3f80] },
      "layer.0.h": { shape: [3], dtype: "float16", bits: [0x3c00, 0x8001, 0x7bff] },
    });
    assert.equal([...weights.left].sort(), ["mask", "position_ids"]);
    assert.is(Object.getPrototypeOf(weights.parameters), null);
  });

  test(`reads a tensor of several chunks and passes over others, its size ${size}`, async () => {
    const large = (name: string, from: number) =>
      tensor(
        name,
        "F32",
        [700_000],
        Float32Array.from({ length: 700_000 }, (_, i) => from + i),
      );
    const file = plainFile([large("a", 0.5), large("b", 1.5), large("c", 2.5), MASK]);
    const reader = memoryReader(file, known);
    const { parameters } = await weightsFrom(reader, { names: (name) => name === "b" });
    assert.equal(Object.keys(parameters), ["b"]);
    assert.ok(Buffer.from(bytesOf(parameters.b.data)).equals(large("b", 1.5).bytes));
    // Of 5.6 MB. What follows `b` in its last chunk was read along.
    assert.ok(reader.skipped > 5_600_000 - 1_048_576, `${reader.skipped}`);
    assert.is(reader.at, file.length);
  });

  test(`refuses files that end early or late, also among tensors passed over, their size ${size}`, async () => {
    for (const names of [() => true, () => false]) {
      const options = { names, strict: false };
      for (const [file, reason] of [
        [FILE.slice(0, -1), "TRUNCATED"],
        [concatenated([FILE, Uint8Array.of(0)]), "TRAILING_BYTES"],
      ] as const) {
        const error = await rejection(weightsFrom(memoryReader(file, known), options));
        assert.is((error as { reason?: string }).reason, reason, error.message);
      }
    }
  });
}

test("an optimizer takes them as they are", async () => {
  const { parameters } = await weightsFrom(memoryReader(FILE));
  const optimizer = await AdamW.create([{ params: parameters }]);
  assert.equal(optimizer.parameterNames.sort(), Object.keys(parameters).sort());
  const master = (name: string) => [
    ...new Uint32Array(optimizer.parameter(name).master.slice().buffer),
  ];
  assert.equal(master("layer.0.w"), f32(1.5, -0, 1e-40, -3.25));
  assert.equal(master("layer.0.h"), f32(1, -(2 ** -24), 65_504));
  assert.equal(master("layer.0.b"), f32(1));
  optimizer.dispose();
});

test("takes entries in any order, and names that objects have already", async () => {
  const names = ["__proto__", "constructor", "1", "0"];
  const text = `{${names
    .map((name, i) => `"${name}":{"data_offsets":[${4 * i},${4 * i + 4}],"shape":[],"dtype":"F32"}`)
    .reverse()
    .join()}}`;
  const file = rawFile(text, bytesOf(Float32Array.of(1, 2, 3, 4)));
  const { parameters } = await weightsFrom(memoryReader(file));
  const value = (name: string) => (parameters[name] as WeightTensor).data[0];
  assert.equal(names.map(value), [1, 2, 3, 4]);
  assert.equal(Object.keys(parameters).sort(), [...names].sort());
});

test("refuses float64 values beyond float32, and keeps infinities that are in the file", async () => {
  const file = (...values: readonly number[]) =>
    memoryReader(plainFile([tensor("w", "F64", [values.length], Float64Array.from(values))]));
  const { parameters } = await weightsFrom(file(Infinity, 3.4028235677973362e38, 1e-60));
  assert.equal([...parameters.w.data], [Infinity, 3.4028234663852886e38, 0]);
  const error = await rejection(weightsFrom(file(0, -3.4028235677973366e38)));
  assert.is(
    error.message,
    '"element 1" of tensor "w": expected a number that float32 can hold, got -3.4028235677973366e+38',
  );
  assert.is(error.constructor, RangeError);
});

const W_AS = (name: string) => ({ ...W, name });

test("reads the parameters of a checkpoint, whose CRCs it checks", async () => {
  const others = [
    W_AS("exp_avg.w"),
    { ...HALF, name: "model.w" },
    { ...IDS, name: "accumulated_rows.w" },
  ];
  const file = plainCheckpoint("{}", [W_AS("param.w"), W_AS("param.param.x"), ...others]);
  const weights = await weightsFrom(memoryReader(file));
  const expected = { shape: [2, 2], dtype: "float32", bits: f32(1.5, -0, 1e-40, -3.25) };
  assert.equal(bits(weights), { "param.x": expected, w: expected });
  assert.equal(weights.left, []);
  const { parameters } = await weightsFrom(memoryReader(file), {
    names: (name) => name === "w",
    rename: (name) => `new.${name}`,
  });
  assert.equal(Object.keys(parameters), ["new.w"]);
  // In the data of a tensor that is not asked for.
  file[file.length - 1] ^= 1;
  const error = await rejection(weightsFrom(memoryReader(file), { names: (name) => name === "w" }));
  assert.match(
    error.message,
    /^"CRC-32" of tensor "model.w": expected [0-9a-f]{8}, got [0-9a-f]{8}\./,
  );
});

test("readWeights lets go of its source, also of a bad one", async () => {
  for (const bytes of [concatenated([FILE, new Uint8Array(9)]), new Uint8Array(64).fill(0xff)]) {
    let cancelled = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Uint8Array.from(bytes));
      },
      cancel() {
        cancelled++;
      },
    });
    const error = await rejection(readWeights(stream));
    assert.instance(error, CheckpointError);
    assert.is(cancelled, 1);
  }
});

test("readWeights takes a path, bytes or a Blob", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weights-"));
  try {
    const path = join(folder, "model.safetensors");
    writeFileSync(path, FILE);
    const expected = bits(await weightsFrom(memoryReader(FILE)));
    for (const source of [path, FILE, new Blob([FILE])]) {
      assert.equal(bits(await readWeights(source)), expected);
    }
    writeFileSync(path, "no weights");
    const error = await rejection(readWeights(path));
    assert.is((error as { reason?: string }).reason, "HEADER_TOO_LONG", error.message);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
