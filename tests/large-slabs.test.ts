import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareInHeaps } from "./reference/large-heap.ts";
import { compareAtTheEdges, LARGE_CASES, trainSpread } from "./reference/large-slabs.ts";

// Addresses of 2^31 and more are negative where somebody takes them for signed ones. All of it with
// pages that are never touched: 4 GiB cost some megabytes. More of it: tests/full/large-slabs.ts.

const test = suite("large slabs");

test("a segment across 2^31 and one that ends at 2^32 - 16 have the bits of a small slab", async () => {
  const [plain] = LARGE_CASES;
  const { bytes, end, crossing } = await compareAtTheEdges(plain);
  assert.is(bytes, 2 ** 32);
  assert.is(end, 2 ** 32 - 16);
  assert.is(crossing, "grad");
});

test("tensors of a heap of 4 GiB across 2^31, and up to its last byte", () => {
  for (const end of [2 ** 31, 2 ** 31 + 100_000, 2 ** 32 - 16, 2 ** 32]) {
    assert.is(compareInHeaps(end).to, end);
  }
});

test("a model over three memories of 4 GiB has the bits of one over nine", async () => {
  const three = await trainSpread(2 ** 32, null, false);
  assert.is(three.memories, 3);
  assert.is(three.divided, 2, "a row lies in two memories");
  assert.ok(three.bytes > 2 ** 33);
  const nine = await trainSpread(2 ** 30, three.rows, false);
  assert.is(nine.memories, 9);
  assert.equal(nine.seen, three.seen);
});

test.run();
