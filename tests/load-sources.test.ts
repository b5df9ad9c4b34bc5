import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LoadSource } from "../src/state/sources/load-source.ts";
import { openSource } from "../src/state/sources/open-source.ts";
import { fakeFile, handleOf } from "./reference/fake-handles.ts";
import { inScratchFolder } from "./reference/scratch.ts";
import { assertEnds, assertReads, errorOf, someBytes } from "./reference/transfers.ts";

const test = suite("load sources");

const A = someBytes(150_003, 1);

// What a browser has must fit, or this file does not compile.
((handle: FileSystemFileHandle): LoadSource => handle) satisfies unknown;

test("bytes, of memory of any kind", async () => {
  const shared = new SharedArrayBuffer(A.length);
  new Uint8Array(shared).set(A);
  const framed = new Uint8Array(A.length + 20);
  framed.set(A, 7);
  const foreign = runInNewContext("new Uint8Array(3)") as Uint8Array;
  const sources: LoadSource[] = [A, A.buffer, shared, new Uint8Array(shared), Buffer.from(A)];
  for (const source of [...sources, framed.subarray(7, 7 + A.length)]) await assertReads(source, A);
  await assertReads(foreign, new Uint8Array(3));
  await assertReads(new Uint8Array(0), new Uint8Array(0));
  await assertEnds(() => A, A.length);
});

test("a Blob, a part of one, a File", async () => {
  const blob = new Blob([A.subarray(0, 10), A.subarray(10)]);
  await assertReads(blob, A);
  await assertReads(blob.slice(5, 5000), A.subarray(5, 5000));
  await assertReads(new File([A], "m"), A);
  await assertReads(handleOf(fakeFile(A)), A);
  await assertEnds(() => blob, A.length);
});

test("a file of the browser that is gone is an error", async () => {
  const gone = () => Promise.reject(new DOMException("No such file.", "NotFoundError"));
  const error = await errorOf(() => openSource({ kind: "file", name: "m", getFile: gone }));
  assert.is(error.message, 'load from the file "m" failed: NotFoundError: No such file');
});

/** A stream of chunks of these lengths over and over. */
function streamOf(bytes: Uint8Array, lengths: readonly number[]) {
  let at = 0;
  let i = 0;
  const seen = { reason: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const length = lengths[i++ % lengths.length] as number;
      controller.enqueue(bytes.slice(at, at + length));
      at += length;
    },
    cancel(reason) {
      seen.reason = reason ?? "cancelled";
    },
  });
  return { stream, seen };
}

for (const lengths of [[1e9], [1, 0, 0, 7], [4096], [0, 65_536, 3]]) {
  test(`a stream of chunks of ${lengths} bytes`, async () => {
    const make = () => streamOf(A, lengths).stream;
    await assertReads(make(), A, null);
    await assertEnds(make, A.length);
    await assertReads(new Response(make()), A, null);
  });
}

test("an empty stream ends", () => assertEnds(() => streamOf(A.subarray(0, 0), [1]).stream, 0));

test("close cancels a stream, also after an error", async () => {
  const { stream, seen } = streamOf(A, [100]);
  const reader = await openSource(stream);
  await reader.read(new Uint8Array(10));
  await reader.close();
  assert.is(seen.reason, "cancelled");
  let chunks = 0;
  const failing = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (chunks++ < 3) controller.enqueue(new Uint8Array(5));
      else controller.error(new Error("the line is dead"));
    },
  });
  const other = await openSource(failing);
  const error = await errorOf(() => other.read(new Uint8Array(100)));
  assert.is(error.message, "load from a stream failed after 15 bytes: the line is dead");
  await other.close();
});

test("a stream of anything but bytes is an error", async () => {
  for (const [chunk, got] of [
    ["text", '"text"'],
    [new Float32Array(2), "Float32Array of length 2"],
    [null, "null"],
  ]) {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(chunk);
      },
    });
    const reader = await openSource(stream as ReadableStream<Uint8Array>);
    const error = await errorOf(() => reader.read(new Uint8Array(1)));
    assert.is(error.message, `chunk of a stream: expected a Uint8Array, got ${got}`);
    assert.is(error.constructor, TypeError);
  }
});

test("a response says its size only where that is of its bytes", async () => {
  const headers = { "content-length": String(A.length) };
  await assertReads(new Response(A, { headers }), A);
  const encoded = { ...headers, "content-encoding": "gzip" };
  await assertReads(new Response(A, { headers: encoded }), A, null);
  await assertReads(new Response(A, { headers: { "content-length": "many" } }), A, null);
});

test("a response without a body to read is an error", async () => {
  const read = new Response(A);
  await read.arrayBuffer();
  const expected = "body of a Response: expected one that nobody has read, got";
  assert.is((await errorOf(() => openSource(read))).message, `${expected} one that is being read`);
  assert.is((await errorOf(() => openSource(new Response(null)))).message, `${expected} none`);
  const missing = new Response("no", { status: 404, statusText: "Not Found" });
  const error = await errorOf(() => openSource(missing));
  assert.is(error.message, "load from a Response failed: 404 Not Found");
});

test("a path that cannot be read", () =>
  inScratchFolder(async (folder) => {
    mkdirSync(join(folder, "folder"));
    symlinkSync("nowhere", join(folder, "link"));
    for (const [name, code] of [
      ["none", "ENOENT"],
      ["link", "ENOENT"],
      ["folder", "EISDIR"],
      ["none/m", "ENOENT"],
    ]) {
      const path = join(folder, name as string);
      const error = await errorOf(() => openSource(path));
      assert.ok(error.message.startsWith(`load from "${path}" failed: ${code}`), error.message);
      assert.is(error.code, code);
    }
  }));

test("a file that is cut while it is read ends there", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "m");
    writeFileSync(path, A);
    const reader = await openSource(path);
    await reader.read(new Uint8Array(10));
    truncateSync(path, 500);
    assert.is(await reader.read(new Uint8Array(1000)), 490);
    await reader.close();
  }));

test("a pipe is read, without a size", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    writeFileSync(join(folder, "contents"), A);
    const writer = spawn("sh", ["-c", 'cat "$0/contents" > "$0/pipe"', folder]);
    await assertReads(path, A, null);
    writer.kill();
  }));

const ALLOWED =
  "a path, a URL, a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream, a Response, " +
  "a FileSystemFileHandle or an indexedDBFile";
const locked = new ReadableStream<Uint8Array>();
locked.getReader();

const REFUSED: readonly [source: unknown, kind: unknown, message: string][] = [
  [undefined, TypeError, `expected ${ALLOWED}, got undefined`],
  [7, TypeError, `expected ${ALLOWED}, got 7`],
  [[1, 2], TypeError, `expected ${ALLOWED}, got [1, 2]`],
  [
    new Float32Array(2),
    TypeError,
    `expected ${ALLOWED}, got Float32Array of length 2. Give its bytes as a Uint8Array`,
  ],
  [
    Readable.from([]),
    TypeError,
    `expected ${ALLOWED}, got a Readable. Readable.toWeb of node:stream makes a ReadableStream of it`,
  ],
  [locked, TypeError, "expected a free stream, got a locked one"],
  ["", RangeError, 'expected a path, got ""'],
  [
    "https://example.org/m",
    TypeError,
    `expected ${ALLOWED}, got "https://example.org/m". A string is a path; for a URL, give new URL(...)`,
  ],
  [new URL("ftp://example.org/m"), TypeError, `expected ${ALLOWED}, got a ftp: URL`],
];

for (const [source, kind, message] of REFUSED) {
  test(`refused: ${message}`, async () => {
    const error = await errorOf(() => openSource(source as LoadSource));
    assert.is(error.message, `"source" of load: ${message}`);
    assert.is(error.constructor, kind);
  });
}

test.run();
