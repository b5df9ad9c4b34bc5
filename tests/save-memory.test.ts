import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryGrowth } from "./full/save-memory.ts";

const test = suite("memory of saves and loads by path");

test("64 MiB go through one chunk of 1 MiB", async () => {
  const { saving, loading } = await memoryGrowth(64);
  assert.ok(saving < 16 * 2 ** 20, `saving grew by ${saving} bytes`);
  assert.ok(loading < 16 * 2 ** 20, `loading grew by ${loading} bytes`);
});

test.run();
