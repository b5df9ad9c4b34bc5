import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, CheckpointError } from "../src/index.ts";
import { readTensorCrcs } from "../src/state/checkpoint-file/metadata.ts";
import { haveSameContents } from "../src/state/files/copy-file.ts";
import type { FileSystem, OpenFile } from "../src/state/files/file-system.ts";
import { findPath } from "../src/state/files/find-path.ts";
import { nodeFileSystem } from "../src/state/files/node-file-system.ts";
import { Gathered } from "../src/state/safetensors/gathered.ts";
import { parseHeader } from "../src/state/safetensors/parse-header.ts";
import { blobReader } from "../src/state/sources/blob-reader.ts";
import { urlReader } from "../src/state/sources/response-reader.ts";
import { fileHandleSink } from "../src/state/targets/file-handle-sink.ts";
import { fakeFile, syncHandleOf } from "./reference/fake-handles.ts";
import { errorOf } from "./reference/misuse.ts";
import { assertRefused } from "./reference/refused.ts";

// What files, engines and networks rarely do.

const test = suite("state: what rarely happens");

/** Runs `act` with other values of globals. */
async function withGlobals<Result>(
  globals: Readonly<Record<string, unknown>>,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const before = Object.keys(globals).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    return await act();
  } finally {
    for (const [name, old] of before) Object.defineProperty(globalThis, name, old as object);
  }
}

test("a CRC that is an object", () => {
  const tensor = { name: "w", dtype: "F32", shape: [1], begin: 0, end: 4 };
  assertRefused(
    () => readTensorCrcs('{"w":{}}', [tensor as never]),
    CheckpointError,
    '"CRC-32" of tensor "w": expected 8 hex digits in lower case, got an object',
  );
});

/** Two files by name, of as many bytes as they say, of which some can be read. */
function files(said: number, has: Readonly<Record<string, number>>): FileSystem {
  const open = async (name: string) =>
    ({
      status: async () => ({ size: said }),
      read: async (into: Uint8Array, at: number) =>
        Math.max(0, Math.min(into.length, has[name] - at)),
      close: async () => {},
    }) as unknown as OpenFile;
  return { open } as unknown as FileSystem;
}

test("files of one size, of which one shrinks while they are compared, are not the same", async () => {
  assert.is(await haveSameContents(files(10, { a: 10, b: 10 }), "a", "b"), true);
  assert.is(await haveSameContents(files(10, { a: 10, b: 6 }), "a", "b"), false);
  assert.is(await haveSameContents(files(10, { a: 0, b: 10 }), "a", "b"), false);
});

test("an engine without files by path says so", async () => {
  const argument = { what: "target", where: "save", allowed: "a stream" };
  for (const process of [undefined, {}, { getBuiltinModule: () => undefined }]) {
    const error = await withGlobals({ process }, () => errorOf(() => findPath("x", argument)));
    assert.instance(error, TypeError);
    assert.is(
      error.message,
      '"target" of save: expected a stream, got "x". This engine has no files by path',
    );
  }
});

/** The file system of an engine whose modules are these. */
function systemWith(fs: object, platform = "linux", os: object | undefined = undefined) {
  const modules: Record<string, unknown> = {
    "node:fs": { promises: fs },
    "node:path": {},
    "node:os": os,
  };
  const process = {
    platform,
    pid: 7,
    uptime: () => 1,
    kill() {},
    getBuiltinModule: (name: string) => modules[name],
  };
  return withGlobals({ process }, () => nodeFileSystem() as FileSystem);
}

test("on Windows there is no folder to be synced", async () => {
  const open = () => assert.unreachable("a folder cannot be opened there");
  const folder = await (await systemWith({ open }, "win32")).openFolder("x");
  await folder.sync();
  await folder.close();
});

test("a file system that cannot sync folders is taken as it is; another error is one", async () => {
  for (const [error, isFine] of [
    [Object.assign(new Error("no"), { code: "EINVAL" }), true],
    [Object.assign(new Error("no"), { code: "EIO" }), false],
    [new Error("without a code"), false],
  ] as const) {
    const sync = async () => {
      throw error;
    };
    const folder = await (await systemWith({ open: async () => ({ sync }) })).openFolder("x");
    if (isFine) await folder.sync();
    else assert.is(await errorOf(() => folder.sync()), error);
  }
});

test("files without an identity, and hosts without a name", async () => {
  const stats = { dev: 1n, ino: 0n, size: 3n, mode: 0o100644n, mtimeMs: 5n, ctimeMs: 4n };
  const isFile = () => true;
  const fs = await systemWith({ lstat: async () => ({ ...stats, isFile }) });
  const status = await fs.status("x");
  assert.equal(status, { kind: "file", size: 3, mode: 0o644, identity: null, changed: 5 });
  // FNV-1a of nothing.
  assert.is(fs.process.host, "811c9dc5");
});

test("a size that no engine has memory for", () => {
  const error = (() => {
    try {
      return new Gathered(2 ** 53, true);
    } catch (thrown) {
      return thrown as Error & { code?: string };
    }
  })();
  assert.is(
    (error as Error).message,
    "memory for what a file holds: expected 9007199254740992 bytes, got none (Invalid typed array length: " +
      "9007199254740992). Dispose what is done with, and try again",
  );
  assert.is((error as { code?: string }).code, "OUT_OF_MEMORY");
});

test("an engine that has no memory for a header's text does not call it damaged", async () => {
  const own = new RangeError("out of memory");
  const TextDecoder = class {
    decode(): never {
      throw own;
    }
  };
  const parse = () => parseHeader(new TextEncoder().encode("{}"));
  assert.is(await withGlobals({ TextDecoder }, () => errorOf(parse)), own);
});

test("a Blob that cannot be read, and one that has less than it says", async () => {
  const gone = new DOMException("It was changed.", "NotReadableError");
  const broken = {
    size: 4,
    slice: () => ({
      arrayBuffer: async () => {
        throw gone;
      },
    }),
  };
  const error = await errorOf(() => blobReader(broken as never).read(new Uint8Array(4)));
  assert.is(
    error.message,
    "load from a Blob failed: NotReadableError: It was changed. If it is a file that was changed " +
      "after it was picked, pick it again",
  );
  assert.is(error.cause, gone);
  const short = { size: 4, slice: () => ({ arrayBuffer: async () => new ArrayBuffer(0) }) };
  assert.is(await blobReader(short as never).read(new Uint8Array(4)), 0);
});

test("a fetch that fails without a reason in its cause", async () => {
  for (const cause of [undefined, new Error(""), "text"]) {
    const fetch = async () => {
      throw new TypeError("Failed to fetch https://u:p@host/file?secret", { cause });
    };
    const url = new URL("https://u:p@host/file?secret");
    const error = await withGlobals({ fetch }, () => errorOf(() => urlReader(url)));
    assert.is(
      error.message,
      "load from https://host/file failed: TypeError: Failed to fetch https://host/file",
    );
  }
});

test("a file of the browser that takes no more bytes", async () => {
  const file = fakeFile(Uint8Array.of(1, 2, 3));
  const handle = syncHandleOf(file);
  const stuck = {
    ...handle,
    createSyncAccessHandle: async () => {
      const sync = await handle.createSyncAccessHandle?.call(handle);
      return { ...sync, write: () => 0 };
    },
  };
  const optimizer = new AdamW({ w: Float32Array.of(1) });
  const before = optimizer.digest();
  const error = await errorOf(() => optimizer.save(stuck as never));
  assert.match(
    error.message,
    /^save to the file "m.safetensors" failed: wrote 0 of \d+ bytes\. The file is damaged: this browser can only write over it$/,
  );
  assert.is(file.isLocked, false);
  assert.is(optimizer.digest(), before);
  const sink = await fileHandleSink(handle);
  await sink.write(Uint8Array.of(9));
  await sink.close();
  assert.equal([...file.contents], [9]);
});

test.run();
