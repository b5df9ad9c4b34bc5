import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BlobSink, BytesSink } from "../src/state/targets/memory.ts";
import { openTarget } from "../src/state/targets/open-target.ts";
import type { SaveTarget } from "../src/state/targets/save-target.ts";
import { fakeFile, handleOf, syncHandleOf } from "./reference/fake-handles.ts";
import { assertReads, errorOf, someBytes, writeBytes } from "./reference/transfers.ts";

const test = suite("save targets");

const A = someBytes(150_003, 1);
const B = someBytes(90_001, 2);
const isEqual = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

// What a browser has must fit, or this file does not compile.
((handle: FileSystemFileHandle): SaveTarget => handle) satisfies unknown;
((stream: FileSystemWritableFileStream): SaveTarget => stream) satisfies unknown;

/** A stream that keeps its chunks, and takes one at a time. */
function collector(milliseconds = 0) {
  const chunks: Uint8Array[] = [];
  const seen = { chunks, isClosed: false, reason: undefined as unknown, waiting: 0, most: 0 };
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      chunks.push(chunk);
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      seen.waiting--;
    },
    close: () => {
      seen.isClosed = true;
    },
    abort: (reason) => {
      seen.reason = reason;
    },
  });
  return { stream, seen };
}

test("a stream gets the bytes, in chunks of its own", async () => {
  const { stream, seen } = collector();
  await writeBytes(stream, A);
  assert.ok(isEqual(Buffer.concat(seen.chunks), A)); // the scratch array had other contents since
  assert.ok(seen.isClosed);
});

test("a stream that queues gets copies: a transform and a slow reader", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    { highWaterMark: 3 },
    { highWaterMark: 3 },
  );
  const read = new Response(readable).arrayBuffer();
  await writeBytes(writable, A);
  assert.ok(isEqual(new Uint8Array(await read), A));
});

test("a slow stream is waited for", async () => {
  const { stream, seen } = collector(2);
  const sink = await openTarget(stream);
  for (let i = 0; i < 20; i++) {
    seen.waiting++;
    seen.most = Math.max(seen.most, seen.waiting);
    await sink.write(A.subarray(1000 * i, 1000 * i + 1000));
  }
  await sink.close();
  assert.is(seen.most, 1, "writes that were not taken when the next one came");
});

test("a stream that fails, fails the write; an abort reaches it", async () => {
  const failing = new WritableStream<Uint8Array>({
    write() {
      throw new Error("the pipe is broken");
    },
  });
  const sink = await openTarget(failing);
  assert.is((await errorOf(() => sink.write(A))).message, "the pipe is broken");
  await sink.abort(new Error("after"));
  const { stream, seen } = collector();
  const other = await openTarget(stream);
  await other.write(A);
  const cause = new Error("no");
  await other.abort(cause);
  assert.is(seen.reason, cause);
  assert.not(seen.isClosed);
});

test("bytes in memory, with and without a right guess of their number", async () => {
  for (const expected of [undefined, 0, 10, A.length, 2 * A.length]) {
    const sink = new BytesSink();
    if (expected !== undefined) sink.expect(expected);
    const scratch = new Uint8Array(7001);
    for (let at = 0; at < A.length; at += scratch.length) {
      const part = A.subarray(at, at + scratch.length);
      scratch.set(part);
      await sink.write(scratch.subarray(0, part.length));
    }
    assert.throws(() => sink.bytes, /^"bytes" of a sink that has not been closed$/);
    await sink.close();
    assert.ok(isEqual(sink.bytes, A));
    assert.is(sink.bytes.buffer.byteLength, A.length);
  }
});

test("a Blob, also from shared memory", async () => {
  const sink = new BlobSink("application/x-test");
  const shared = new Uint8Array(new SharedArrayBuffer(5000));
  for (let at = 0; at < A.length; at += 5000) {
    const part = A.subarray(at, at + 5000);
    shared.set(part);
    await sink.write(shared.subarray(0, part.length));
    shared.fill(0);
  }
  assert.throws(() => sink.blob, /^"blob" of a sink that has not been closed$/);
  await sink.close();
  assert.is(sink.blob.type, "application/x-test");
  assert.ok(isEqual(new Uint8Array(await sink.blob.arrayBuffer()), A));
  await assertReads(sink.blob, A);
});

test("a file of the browser is replaced when the save is closed", async () => {
  const file = fakeFile(A);
  const sink = await openTarget(handleOf(file));
  await sink.write(B);
  assert.is(file.contents, A);
  await sink.close();
  assert.ok(isEqual(file.contents, B));
  await writeBytes(handleOf(file), A);
  await assertReads(handleOf(file), A);
});

test("a file of the browser stays when the save is aborted or there is no space", async () => {
  const file = fakeFile(A);
  const sink = await openTarget(handleOf(file));
  await sink.write(B);
  await sink.abort(new Error("no"));
  file.quota = 3000;
  const error = await errorOf(() => writeBytes(handleOf(file), B));
  assert.is(
    error.message,
    'save to the file "m.safetensors" failed: QuotaExceededError: The quota has been exceeded. ' +
      "The file is as it was before",
  );
  assert.is(file.contents, A);
});

test("without createWritable a worker writes over the file, and reserves the space first", async () => {
  for (const [old, fresh] of [
    [A, B],
    [B, A],
    [new Uint8Array(0), A],
  ] as const) {
    const file = fakeFile(old);
    const sink = await openTarget(syncHandleOf(file));
    await sink.write(fresh.subarray(0, 100));
    await sink.write(fresh.subarray(100));
    assert.is(file.contents, old); // until close
    await sink.close();
    assert.ok(isEqual(file.contents, fresh));
    assert.not(file.isLocked);
    await assertReads(syncHandleOf(file), fresh);
  }
  const full = fakeFile(B);
  full.quota = A.length - 1;
  const error = await errorOf(() => writeBytes(syncHandleOf(full), A));
  assert.match(error.message, "QuotaExceededError");
  assert.match(error.message, "The file is as it was before");
  assert.ok(isEqual(full.contents, B));
  assert.not(full.isLocked);
  const aborted = await openTarget(syncHandleOf(full));
  await aborted.write(A);
  await aborted.abort(new Error("no"));
  assert.ok(isEqual(full.contents, B));
});

test("in a window without createWritable the error says what else there is", async () => {
  const error = await errorOf(() => openTarget(syncHandleOf(fakeFile(), "window")));
  assert.instance(error, TypeError);
  assert.match(error.message, "Save in a worker, or to an indexedDBFile");
});

const ALLOWED = "a path, a file: URL, a WritableStream, a FileSystemFileHandle or an indexedDBFile";
const locked = new WritableStream<Uint8Array>();
locked.getWriter();

const REFUSED: readonly [target: unknown, keep: unknown, kind: unknown, message: string][] = [
  [undefined, 0, TypeError, `expected ${ALLOWED}, got undefined`],
  [null, 0, TypeError, `expected ${ALLOWED}, got null`],
  [5, 0, TypeError, `expected ${ALLOWED}, got 5`],
  [{}, 0, TypeError, `expected ${ALLOWED}, got an object`],
  [A, 0, TypeError, `expected ${ALLOWED}, got Uint8Array of length 150003`],
  [{ kind: "directory", getFile() {} }, 0, TypeError, `expected ${ALLOWED}, got an object`],
  [
    new Writable(),
    0,
    TypeError,
    `expected ${ALLOWED}, got a Writable. Writable.toWeb of node:stream makes a WritableStream of it`,
  ],
  [locked, 0, TypeError, "expected a free stream, got a locked one"],
  ["", 0, RangeError, 'expected a path, got ""'],
  ["a\0b", 0, RangeError, 'expected a path, got "a\\u0000b"'],
  [
    "https://example.org/m",
    0,
    TypeError,
    `expected ${ALLOWED}, got "https://example.org/m". A string is a path; for a URL, give new URL(...)`,
  ],
  [new URL("https://example.org/m"), 0, TypeError, `expected ${ALLOWED}, got a https: URL`],
  ["m", -1, RangeError, '"keep" of save: expected a whole number from 0 to 999, got -1'],
  ["m", 1.5, RangeError, '"keep" of save: expected a whole number from 0 to 999, got 1.5'],
  ["m", "2", TypeError, '"keep" of save: expected a whole number from 0 to 999, got "2"'],
  [
    new WritableStream(),
    2,
    RangeError,
    '"keep" of save: expected 0, as only paths have older versions, got 2',
  ],
];

for (const [target, keep, kind, message] of REFUSED) {
  test(`refused: ${message}`, async () => {
    const options = { keep: keep as number };
    const error = await errorOf(() => openTarget(target as SaveTarget, options));
    assert.is(error.message, message.startsWith('"') ? message : `"target" of save: ${message}`);
    assert.is(error.constructor, kind);
  });
}

for (const [how, handleTo] of [
  ["createWritable", handleOf],
  ["createSyncAccessHandle", syncHandleOf],
] as const) {
  test(`a handle that may not be written to says so before anything is: ${how}`, async () => {
    const file = fakeFile(Uint8Array.of(1, 2));
    const refused = new DOMException("The page may not write.", "NotAllowedError");
    const refusing = { ...handleTo(file), [how]: () => Promise.reject(refused) };
    const error = await errorOf(() => writeBytes(refusing, A));
    assert.is(
      error.message,
      'save to the file "m.safetensors" cannot start: NotAllowedError: The page may not write',
    );
    assert.is(error.cause, refused);
    assert.equal(file.contents, Uint8Array.of(1, 2));
  });
}

test.run();
