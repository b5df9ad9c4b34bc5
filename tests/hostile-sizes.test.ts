import { suite } from "uvu";
import * as assert from "uvu/assert";
import { shorten } from "../src/bin/text/format.ts";
import { AdamW, families, layerDecay, noDecayOnBiasAndNorm, readWeights } from "../src/index.ts";
import { GradientFileError, GradientReader } from "../src/ledger/read-gradients.ts";
import { locate } from "../src/parameters/families/family.ts";
import type { ByteReader } from "../src/state/bytes.ts";
import { openSource } from "../src/state/sources/open-source.ts";
import { allocationsOf } from "./reference/allocations.ts";
import { savedState, savedTensors, tensor } from "./reference/bin-tool.ts";
import { plainCheckpoint, rawFile } from "./reference/plain-checkpoint.ts";
import { errorOf } from "./reference/transfers.ts";

// Long names, which no rule may take more than a moment for, and numbers that are far larger than the
// file that says them: no memory is asked for before it is known that there is something to put there.

const test = suite("hostile sizes");

/** What repeats in names that rules of families look for. */
const UNITS = [
  ...["a", "0", ".", "_", ":", "/", "-", "aA", "A", "0.", ":1", " ", "\n", "\u{1f600}"],
  ...["encoder.", "encoder.layer.", "layers.0.", "layer.", "blocks.1.", "stages.0.blocks.", "h."],
  ...["_norm", "norm1", "layernorm_", "batch_", "ln_", "text_model.", "block_1_"],
];
const ENDS = ["", "!", ".weight", "1x"];

/** Milliseconds of this process that all rules take for a name of so many characters. */
function timeOf([begin, unit, end]: readonly string[], length: number): number {
  const name = begin + unit.repeat(length / unit.length) + end;
  // Not by the clock: others may be busy.
  const before = process.cpuUsage();
  for (const family of Object.values(families)) locate(family, name);
  noDecayOnBiasAndNorm({ name, shape: [2, 2], length: 4, group: "default" });
  return process.cpuUsage(before).user / 1000;
}

test("no rule takes more than linear time for a name, whatever is in it", () => {
  const times = ["", "encoder.layer.", "blocks."].flatMap((begin) =>
    UNITS.flatMap((unit) =>
      ENDS.map((end) => {
        const name = [begin, unit, end];
        return { name, time: timeOf(name, 4000) };
      }),
    ),
  );
  const slowest = times.sort((a, b) => b.time - a.time).slice(0, 8);
  for (const { name } of slowest) {
    // 64 times as long: 4,096 times the time, were it quadratic, which would be many seconds.
    const time = timeOf(name, 256_000);
    assert.ok(time < 3000, `${JSON.stringify(name)}: ${time} ms`);
  }
});

test("a parameter with a name of a megabyte works, and messages about it are short", async () => {
  const name = `encoder.layer.0.${"a".repeat(1e6)}`;
  const optimizer = new AdamW(
    { [name]: Float32Array.of(1, 2) },
    { lrScale: layerDecay({ rate: 0.5, layerOf: families.bert }) },
  );
  optimizer.step({ [name]: Float32Array.of(1, 1) });
  const loaded = await AdamW.load(await optimizer.toBytes());
  assert.is(loaded.digest(), optimizer.digest());
  const error = await errorOf(async () => optimizer.step({ [name]: Float32Array.of(1) }));
  assert.ok(error.message.length < 300, `${error.message.length} characters`);
});

test("long texts are cut without being taken apart", () => {
  const wide = "\u{1f600}";
  assert.is(shorten("a".repeat(64), 64), "a".repeat(64));
  assert.is(shorten("abcdefgh", 7), "ab...gh");
  assert.is(shorten(wide.repeat(7), 7), wide.repeat(7));
  assert.is(shorten(wide.repeat(8), 7), `${wide}${wide}...${wide}${wide}`);
  assert.is(shorten(`a${wide.repeat(1e6)}bc`, 8), `a${wide}${wide}...bc`);
  assert.is(shorten("x".repeat(5e7), Number.POSITIVE_INFINITY).length, 5e7);
});

const GRADIENT_HEAD = (entries: readonly (readonly number[])[]) => {
  const bytes = new Uint8Array(32 + 16 * entries.length);
  bytes.set(new TextEncoder().encode("ashgrad1"));
  const view = new DataView(bytes.buffer, 8);
  view.setUint32(0, 0x44415247, true);
  view.setUint32(4, 1, true);
  view.setUint32(16, entries.length, true);
  for (const [i, word] of entries.flat().entries()) view.setUint32(24 + 4 * i, word, true);
  return bytes;
};
const HUGE = 4_000_000_000;

/** As a pipe has it: no size. */
async function unsized(bytes: Uint8Array): Promise<ByteReader> {
  return { ...(await openSource(bytes)), size: null };
}

for (const [where, open] of [
  ["a file", openSource],
  ["a pipe", unsized],
] as const) {
  test(`gradients of ${where} that speak of 16 GB end where the bytes do`, async () => {
    const parameter = { name: "w", group: "g", layer: null, lrScale: 1, decays: true };
    for (const [shape, entry] of [
      [[HUGE], [0, 0, 0, HUGE]],
      [[HUGE], [0, 1, 0, HUGE]],
      [
        [HUGE, 1],
        [0, 2, HUGE, HUGE],
      ],
    ] as const) {
      const reader = new GradientReader(await open(GRADIENT_HEAD([entry])), "the file");
      const { total } = await allocationsOf(async () => {
        assert.is(await reader.next([{ ...parameter, shape }]), null);
      });
      assert.ok(total < 4 * 2 ** 20, `${total} bytes`);
    }
    const reader = new GradientReader(await open(GRADIENT_HEAD([[0, 0, 0, 5]])), "the file");
    const error = await errorOf(() => reader.next([{ ...parameter, shape: [HUGE] }]));
    assert.ok(error instanceof GradientFileError, String(error));
  });
}

test("a checkpoint whose state speaks of more than its tensors allocates nothing for it", async () => {
  const [body, head] = savedState().parameters;
  const rows = { name: "head.b", count: 1, sparse: true };
  const accumulation = { microBatches: 1, average: false, parameters: [rows] };
  for (const [state, tensors] of [
    [{ parameters: [{ ...body, shape: [2 ** 33] }, head] }, savedTensors()],
    [{ parameters: [{ ...body, shape: [2 ** 26, 2 ** 26] }, head] }, savedTensors()],
    [{ model: "float16" }, savedTensors()],
    [
      { accumulation, parameters: [body, { ...head, shape: [2 ** 40] }] },
      [...savedTensors(), tensor("accumulated_rows.head.b", "U32", [1], Uint32Array.of(0))],
    ],
    [
      { accumulation },
      [
        ...savedTensors(),
        tensor("accumulated_rows.head.b", "U32", [2], Uint32Array.of(0, 1)),
        tensor("accumulated_values.head.b", "F32", [2, 0, 2 ** 40], []),
      ],
    ],
  ] as const) {
    const bytes = plainCheckpoint(JSON.stringify({ ...savedState(), ...state }), tensors);
    const { total } = await allocationsOf(async () => {
      const { name } = await errorOf(() => AdamW.load(bytes));
      assert.is(name, "CheckpointError");
    });
    assert.ok(total < 2 ** 20, `${total} bytes`);
  }
});

test("a header of petabytes, in a file and in a stream without a size", async () => {
  const size = 2 ** 50;
  const entry = `{"a":{"dtype":"U8","shape":[${size}],"data_offsets":[0,${size}]}}`;
  const bytes = rawFile(entry, new Uint8Array(100));
  for (const source of [() => bytes, () => new Blob([bytes]).stream()]) {
    const { largest } = await allocationsOf(async () => {
      await errorOf(() => readWeights(source()));
    });
    assert.ok(largest <= 2 ** 20, `${largest} bytes`);
  }
});

test.run();
