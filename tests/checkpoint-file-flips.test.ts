import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FILE_REASONS } from "../src/state/checkpoint-error.ts";
import { weightsFrom } from "../src/state/weights/weights-from.ts";
import { memoryReader } from "./reference/byte-ends.ts";
import { sampleOf4096Bytes } from "./reference/checkpoint-samples.ts";
import { checkPlain, plainCheckpoint } from "./reference/plain-checkpoint.ts";
import { refusedFile } from "./reference/refused-file.ts";
import { rejection } from "./reference/rejection.ts";

// Each bit of a file of 4 KB flipped, one at a time: none may load.

const test = suite("checkpoint file: every bit");

const { state, tensors } = sampleOf4096Bytes((sample) => {
  return plainCheckpoint(sample.state, sample.tensors).length;
});
const good = plainCheckpoint(state, tensors);

test("the file is 4,096 bytes and good", () => {
  assert.is(good.length, 4096);
  checkPlain(good);
});

test("refuses all 32,768 files with one bit flipped", async () => {
  const counts = new Map<string, number>();
  for (let bit = 0; bit < 8 * good.length; bit++) {
    const bytes = Uint8Array.from(good);
    bytes[bit >>> 3] ^= 1 << (bit & 7);
    const { reason } = await refusedFile(bytes, (bit & 1) === 0).catch((error) => {
      throw new Error(`bit ${bit}: ${(error as Error).message}`);
    });
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const refused = [...counts.values()].reduce((sum, count) => sum + count);
  assert.is(refused, 32_768);
  // All bits of the data, and most of the header, have nothing but their CRC.
  assert.is(counts.get("WRONG_CRC"), 8 * 3 * 1024);
  assert.ok((counts.get("WRONG_HEADER_CRC") ?? 0) > 2000);
  assert.equal(
    [...counts.keys()].filter((reason) => !(FILE_REASONS as readonly string[]).includes(reason)),
    [],
  );
});

test("readWeights refuses them too, though it reads files of others", async () => {
  for (let bit = 0; bit < 8 * good.length; bit += bit < 8 * 1100 ? 1 : 64) {
    const bytes = Uint8Array.from(good);
    bytes[bit >>> 3] ^= 1 << (bit & 7);
    const { name } = await rejection(weightsFrom(memoryReader(bytes))).catch(() => {
      throw new Error(`bit ${bit}: loaded`);
    });
    assert.is(name, "CheckpointError", `bit ${bit}`);
  }
});

test.run();
