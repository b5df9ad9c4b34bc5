import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { CHUNK_BYTES } from "../src/state/safetensors/read-bytes.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";

// Tensors longer than what is read at once, whose parts end within it.

const test = suite("checkpoints of large tensors");

const LENGTH = 700_001;

test("every byte is where it was, however the file is read and the memory is cut", async () => {
  assert.ok(4 * LENGTH > 2 * CHUNK_BYTES);
  const options = { amsgrad: true, precision: { model: "bfloat16" } } as const;
  const saved = new AdamW(
    { a: realistic(5, 1), b: realistic(LENGTH, 2), c: realistic(3, 3) },
    options,
  );
  saved.step({ a: realistic(5, 4), b: realistic(LENGTH, 5), c: realistic(3, 6) });
  const bytes = await saved.toBytes();
  const whole = new ReadableStream<Uint8Array>({
    start(controller) {
      // Chunks of a length that divides nothing.
      for (let at = 0; at < bytes.length; at += 77_777) {
        controller.enqueue(bytes.slice(at, at + 77_777));
      }
      controller.close();
    },
  });
  for (const [source, slabBytes] of [
    [bytes, 4 * 2 ** 30],
    [bytes, 3 * 2 ** 20],
    [whole, 5 * 2 ** 20],
  ] as const) {
    const loaded = await AdamW.load(source, { slabBytes });
    assert.is(loaded.digest(), saved.digest());
    const parts = loaded.parameter("b").parts;
    assert.is(parts.length > 1, slabBytes < 2 ** 30);
    const [own] = saved.parameter("b").parts;
    for (const { first, length, master, expAvg, expAvgSq } of parts) {
      const cut = (plane: Float32Array) => plane.subarray(first, first + length);
      assert.is(differingBits(master, cut(own.master)), -1);
      assert.is(differingBits(expAvg, cut(own.expAvg)), -1);
      assert.is(differingBits(expAvgSq, cut(own.expAvgSq)), -1);
    }
    loaded.dispose();
  }
});

test.run();
