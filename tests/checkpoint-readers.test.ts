import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, readWeights } from "../src/index.ts";
import { VERSION } from "../src/state/checkpoint-file/metadata.ts";
import { openCheckpoint } from "../src/state/checkpoint-file/read-checkpoint.ts";
import { bytesReader } from "../src/state/sources/bytes-reader.ts";
import { readKept, readKeptFile } from "./reference/checkpoint-fixtures.ts";
import {
  checkPlain,
  type PlainFile,
  type PlainTensor,
  readPlain,
} from "./reference/plain-checkpoint.ts";

// Checkpoints read by others: by the loader of jax-js, and by plain JavaScript.

const test = suite("checkpoints and other readers");

/** By a name that the compiler does not follow: its declarations need newer ones than ours. */
const PACKAGE: string = "@jax-js/loaders";

interface Loaders {
  readonly safetensors: {
    parse(data: Uint8Array): {
      readonly tensors: Readonly<Record<string, LoadedTensor>>;
      readonly metadata?: Record<string, string>;
      readonly totalSize: number;
    };
  };
}

interface LoadedTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: ArrayBufferView;
}

const { safetensors } = (await import(PACKAGE)) as Loaders;

/** What the loader says of a file. Engines without Float16Array lend it their Uint16Array: bits. */
function readByLoader(file: Uint8Array): PlainFile {
  const engine = globalThis as { Float16Array?: unknown };
  const lent = engine.Float16Array === undefined;
  if (lent) engine.Float16Array = Uint16Array;
  try {
    const { tensors, metadata = {}, totalSize } = safetensors.parse(file);
    assert.is(totalSize, file.length);
    return { metadata, tensors: Object.entries(tensors).map(([name, t]) => plain(name, t)) };
  } finally {
    if (lent) delete engine.Float16Array;
  }
}

function plain(name: string, { dtype, shape, data }: LoadedTensor): PlainTensor {
  const { buffer, byteOffset, byteLength } = data;
  return { name, dtype, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() };
}

async function readByUs(file: Uint8Array): Promise<PlainFile> {
  const checkpoint = await openCheckpoint(bytesReader(file));
  const tensors: PlainTensor[] = [];
  await checkpoint.readTensors(({ name, dtype, shape, begin, end }) => {
    const bytes = new Uint8Array(end - begin);
    tensors.push({ name, dtype, shape, bytes });
    return (chunk, offset) => bytes.set(chunk, offset);
  });
  return { metadata: { ...checkpoint.metadata }, tensors };
}

const KEPT = readKept(VERSION).files.map((kept) => ({ ...kept, bytes: readKeptFile(kept) }));

for (const { file, bytes } of KEPT) {
  test(`plain JavaScript reads ${file} as we do, and finds its CRCs right`, async () => {
    checkPlain(bytes);
    const ours = await readByUs(bytes);
    assert.equal(readPlain(bytes), ours);
    assert.ok(ours.tensors.length >= 12);
  });
}

for (const { file, bytes } of KEPT.filter(({ run }) => run !== "adamw-dl")) {
  test(`jax-js reads ${file} as we do, with its metadata`, async () => {
    assert.equal(readByLoader(bytes), await readByUs(bytes));
  });
}

test("jax-js does not know bfloat16", () => {
  const bfloat16 = KEPT.find(({ run }) => run === "adamw-dl");
  assert.throws(() => readByLoader(bfloat16?.bytes as Uint8Array), /Unsupported dtype: BF16/);
});

test("what others read are the values in the optimizer's memory", async () => {
  const optimizer = await AdamW.create(
    { "0": Float32Array.of(1, 2, 3), "b.weight": { shape: [2, 2] }, b: { shape: [] } },
    { amsgrad: true, lr: 0.1 },
  );
  optimizer.step({
    "0": Float32Array.of(0.5, -0.5, 0.25),
    "b.weight": new Float32Array(4).fill(1),
    b: Float32Array.of(2),
  });
  const bytes = await optimizer.toBytes();
  const readers = [readByLoader(bytes), readPlain(bytes), await readByUs(bytes)];
  for (const { tensors } of readers) {
    assert.is(tensors.length, 12);
    for (const { name, dtype, shape, bytes: data } of tensors) {
      const [plane, ...rest] = name.split(".");
      const parameter = optimizer.parameter(rest.join("."));
      const { master: param, expAvg: exp_avg, expAvgSq: exp_avg_sq } = parameter;
      const planes: Record<string, Float32Array | null> = {
        ...{ param, exp_avg, exp_avg_sq },
        max_exp_avg_sq: parameter.maxExpAvgSq,
      };
      assert.is(dtype, "F32");
      assert.equal(shape, parameter.shape);
      assert.equal(new Float32Array(data.slice().buffer), planes[plane]?.slice(), name);
    }
  }
  // As a part of a larger buffer too.
  const shifted = new Uint8Array(bytes.length + 8);
  shifted.set(bytes, 8);
  assert.equal(readByLoader(shifted.subarray(8)), readByLoader(bytes));
});

test("readWeights gives the weights that other readers find", async () => {
  for (const { bytes, file } of KEPT) {
    const { parameters } = await readWeights(bytes);
    const found = readPlain(bytes).tensors.filter(({ name }) => name.startsWith("param."));
    assert.is(Object.keys(parameters).length, found.length, file);
    for (const { name, shape, bytes: data } of found) {
      const weight = parameters[name.slice("param.".length)];
      assert.equal(weight.shape, shape, name);
      assert.equal(weight.data, new Float32Array(data.slice().buffer), name);
    }
  }
});

test.run();
