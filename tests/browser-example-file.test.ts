import { crc32 as zlibCrc32 } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crc32 } from "../examples/browser/engine/crc32.ts";
import { addRunData, readRunData } from "../examples/browser/engine/run-file.ts";
import { readSavedRun } from "../examples/browser/engine/saved-run.ts";
import { AdamW, readWeights } from "../src/index.ts";

// The page's file: a checkpoint of ashlar with the page's own data in it.

const test = suite("browser example: file");

const RUN = { note: 'quotes " and ü, "ashlar.header_crc32":"00000000"', list: [1, 2.5, null] };
const FILES = Uint8Array.from({ length: 1001 }, (_, i) => (i * 7) % 251);

async function checkpoint() {
  const optimizer = await AdamW.create({
    "a.weight": Float32Array.of(1, -2, 3),
    b: { shape: [0] },
  });
  optimizer.step({ "a.weight": Float32Array.of(0.5, 0.25, -1), b: new Float32Array(0) });
  const bytes = await optimizer.toBytes();
  return { optimizer, bytes, file: addRunData(bytes, { run: RUN, files: FILES }) };
}

test("the CRC is zlib's", () => {
  assert.is(crc32(new TextEncoder().encode("123456789")), "cbf43926");
  assert.is(crc32(new Uint8Array(0)), "00000000");
  const ours = Number.parseInt(crc32(FILES), 16);
  // Node 20 before 20.15 has no crc32.
  if (zlibCrc32) assert.is(ours, zlibCrc32(FILES));
});

test("ashlar loads it, and others read its weights", async () => {
  const { optimizer, file } = await checkpoint();
  const loaded = await AdamW.load(file);
  assert.is(loaded.digest(), optimizer.digest());
  assert.equal(loaded.loadReport?.unused, []);
  assert.equal(loaded.loadReport?.differences, []);
  const { parameters } = await readWeights(file);
  assert.equal(Object.keys(parameters), ["a.weight", "b"]);
});

test("what was added comes back, files of no bytes too", async () => {
  const { bytes, file } = await checkpoint();
  assert.equal(readRunData(file), { run: RUN, files: FILES });
  const empty = addRunData(bytes, { run: [], files: new Uint8Array(0) });
  assert.equal(readRunData(empty), { run: [], files: new Uint8Array(0) });
  await AdamW.load(empty);
});

test("any bit that flips is found", async () => {
  const { file } = await checkpoint();
  let refused = 0;
  for (let at = 0; at < file.length; at++) {
    const damaged = file.slice();
    damaged[at] ^= 1 << (at % 8);
    await AdamW.load(damaged).then(
      () => assert.unreachable(`byte ${at} may flip`),
      () => refused++,
    );
  }
  assert.is(refused, file.length);
});

test("another checkpoint of ashlar is refused as such", async () => {
  const { bytes } = await checkpoint();
  assert.throws(() => readRunData(bytes), /expected a file that this page saved, got another/);
});

const step = { step: 1, loss: 2.5, gradientMs: 3, optimizerMs: 1, plainJsMs: null };
const evaluation = {
  ...{ step: 0, split: "test", newAccuracy: 0.5, oldAccuracy: 1 },
  byLanguage: [{ language: "c", isNew: false, right: 1, total: 2 }],
};
const SAVED = {
  ...{ version: 1, seed: 4_294_967_295, steps: 100_000, plainJs: true, digest: "0a".repeat(32) },
  ...{ classes: [{ name: "zig", files: [{ name: "a.zig", length: 7 }] }] },
  ...{ sampler: { order: [1, 0], at: 1, random: 5 }, history: [step], evaluations: [evaluation] },
};

test("a run is read, and what is no run is named", () => {
  assert.is(readSavedRun(SAVED), SAVED);
  const cases: [object | string | null, RegExp][] = [
    [null, /"run" of the run: expected an object, got null/],
    ["run", /"run" of the run/],
    [[], /"run" of the run/],
    [{ version: 2 }, /"version" of the run: expected 1, which this page knows, got 2/],
    [{ seed: -1 }, /"seed".* got -1/],
    [{ seed: 4_294_967_296 }, /"seed" .*0 to 4294967295, got 4294967296/],
    [{ steps: 0 }, /"steps"/],
    [{ steps: 1.5 }, /"steps".* got 1.5/],
    [{ steps: "7" }, /"steps".* got "7"/],
    [{ plainJs: 1 }, /"plainJs"/],
    [{ digest: "0A".repeat(32) }, /"digest"/],
    [{ classes: null }, /"classes"/],
    [{ classes: [{ name: 1, files: [] }] }, /"classes"/],
    [{ classes: [{ name: "a", files: [{ name: "a", length: -1 }] }] }, /"classes"/],
    [{ sampler: null }, /"sampler"/],
    [{ sampler: { order: "01", at: 1, random: 5 } }, /"sampler"/],
    [{ history: [null] }, /"history"/],
    [{ history: [{ ...step, loss: null }] }, /"history"/],
    [{ evaluations: [{ ...evaluation, split: "train" }] }, /"evaluations"/],
    [{ evaluations: [{ ...evaluation, byLanguage: [{}] }] }, /"evaluations"/],
  ];
  for (const [change, message] of cases) {
    const whole = change === null || typeof change === "string" || Array.isArray(change);
    assert.throws(
      () => readSavedRun(whole ? change : { ...SAVED, ...change }),
      (error: Error) => error instanceof RangeError && message.test(error.message),
    );
  }
});

test.run();
