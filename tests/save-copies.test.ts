import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyFile, haveSameContents } from "../src/state/files/copy-file.ts";
import type { FileSystem } from "../src/state/files/file-system.ts";
import { nodeFileSystem } from "../src/state/files/node-file-system.ts";
import { inScratchFolder } from "./reference/scratch.ts";
import { errorOf, someBytes } from "./reference/transfers.ts";

// Where a file cannot have two names, an older version is a copy.

const test = suite("copies of older versions");
const node = nodeFileSystem() as FileSystem;
const CHUNK = 1 << 20;

for (const length of [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5]) {
  test(`a copy of ${length} bytes is equal, and any other byte is seen`, () =>
    inScratchFolder(async (folder) => {
      const [a, b] = [join(folder, "a"), join(folder, "b")];
      const bytes = someBytes(length);
      writeFileSync(a, bytes);
      chmodSync(a, 0o600);
      await copyFile(node, a, b);
      assert.is(Buffer.compare(readFileSync(b), bytes), 0);
      assert.is(statSync(b).mode & 0o777, 0o600);
      assert.ok(await haveSameContents(node, a, b));
      for (const at of new Set([0, length >> 1, length - 1])) {
        if (length === 0) break;
        const other = bytes.slice();
        other[at] = (other[at] as number) ^ 1;
        writeFileSync(b, other);
        assert.not(await haveSameContents(node, a, b), `byte ${at}`);
      }
      for (const other of [someBytes(length + 1), bytes.subarray(0, length - 1)]) {
        writeFileSync(b, other);
        assert.is(await haveSameContents(node, a, b), other.length === length);
        assert.is(await haveSameContents(node, b, a), other.length === length);
      }
      assert.is((await errorOf(() => copyFile(node, a, b))).code, "EEXIST");
    }));
}

test.run();
