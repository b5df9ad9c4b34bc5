import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openInHalves } from "../src/core/smaller-slabs.ts";
import { AshlarError, OutOfMemoryError } from "../src/errors.ts";
import { AdamW, type AdamWOptions, dynamicLossScale } from "../src/index.ts";
import { storageError } from "../src/state/files/file-error.ts";
import { realistic } from "./reference/patterns.ts";
import { whereRefused } from "./reference/refused-memory.ts";

// An engine refuses large memories and has small ones: iOS did of all above some hundred MiB.

const test = suite("slabs in halves");
const MIB = 2 ** 20;
const LENGTH = 3_000_000;
const NAMES = ["a", "b"] as const;
const data = { a: realistic(LENGTH, 1), b: realistic(500_000, 2) };
const gradients = { a: realistic(LENGTH, 3), b: realistic(500_000, 4) };

/** Makes one and steps it twice, where memories of more than `most` bytes are refused. */
async function runWith(most: number, options: AdamWOptions = {}) {
  const asked: number[] = [];
  const optimizer = await whereRefused(
    ({ kind, bytes }) => {
      if (kind !== "Memory") return false;
      asked.push(bytes);
      return bytes > most;
    },
    () => AdamW.create(data, { gradNorm: true, ...options }),
  ).catch((error) => error as OutOfMemoryError);
  if (optimizer instanceof Error) return { error: optimizer, asked };
  optimizer.step(gradients);
  const { gradNorm } = optimizer.step({ a: gradients.a });
  const memories = new Set(
    NAMES.flatMap((name) => optimizer.parameter(name).parts.map(({ master }) => master.buffer)),
  );
  return {
    digest: optimizer.weightsDigest(),
    gradNorm,
    memories: memories.size,
    bytes: asked,
    asked,
  };
}

const whole = await runWith(Number.POSITIVE_INFINITY);

test("the engine has memories of 20 MiB: four of a half of a half, and the same digest", async () => {
  assert.is(whole.memories, 1);
  const { digest, gradNorm, memories, asked } = await runWith(20 * MIB);
  assert.is(digest, whole.digest);
  assert.is(gradNorm, whole.gradNorm);
  assert.is(memories, 4);
  const mebibytes = asked.map((bytes) => Math.round(bytes / MIB));
  // The whole, then its half, then its quarter: none larger than asked before, no probing.
  assert.equal(mebibytes.slice(0, 3), [54, 27, 16]);
});

test("the same on two threads, each attempt with memories that are shared", async () => {
  const { digest, memories } = await runWith(20 * MIB, { threads: 2 });
  assert.is(digest, whole.digest);
  assert.is(memories, 4);
});

test("no shared memory at all: auto is one thread, and 2 an error", async () => {
  const { SharedArrayBuffer: Shared } = globalThis;
  const { Memory } = WebAssembly;
  const make = (threads: number | "auto") => {
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) throw new RangeError("no shared memory");
        super(descriptor);
      }
    };
    return AdamW.create({ a: data.b }, { threads }).finally(() => {
      WebAssembly.Memory = Memory;
    });
  };
  const optimizer = await make("auto");
  assert.is(optimizer.threads, 1);
  assert.not.instance(optimizer.parameter("a").master.buffer, Shared);
  assert.instance(await make(2).catch((cause) => cause), OutOfMemoryError);
});

test("nothing of 16 MiB: an error with what was asked and had", async () => {
  const { error, asked } = await runWith(8 * MIB);
  assert.instance(error, OutOfMemoryError);
  assert.instance(error, AshlarError);
  assert.is(error?.name, "OutOfMemoryError");
  assert.is((error as OutOfMemoryError).available, 0);
  assert.is((error as OutOfMemoryError).code, "OUT_OF_MEMORY");
  assert.ok((asked.at(-1) as number) <= 16 * MIB, "16 MiB were asked for last");
  assert.match(
    error?.message ?? "",
    /^memory for \d slabs: expected \d+ bytes, got none \(.*\)\. /,
  );
});

test("some were had before one was refused: the error says how many bytes", async () => {
  let made = 0;
  const attempt = whereRefused(
    ({ kind, bytes }) => kind === "Memory" && (bytes > 20 * MIB || ++made > 2),
    () => new AdamW(data),
  );
  const error = await attempt.catch((cause) => cause);
  assert.instance(error, OutOfMemoryError);
  assert.ok(error.available > 30 * MIB && error.available <= 32 * MIB, `${error.available}`);
  assert.ok(error.asked > error.available);
  assert.match(error.message, `got ${error.available} (`);
});

test("parameters that may not be split keep a slab of their size", async () => {
  const unsplit = { splitParameters: false };
  const { digest, memories } = await runWith(50 * MIB, unsplit);
  assert.is(digest, whole.digest);
  assert.is(memories, 2);
  const { error, asked } = await runWith(20 * MIB, unsplit);
  assert.instance(error, OutOfMemoryError);
  assert.equal(
    asked.map((bytes) => Math.round(bytes / MIB)),
    [54, 46],
  );
});

test("an error of another kind is not tried again, and refused memory keeps no loss scale", async () => {
  const lossScale = dynamicLossScale();
  let asked = 0;
  const make = () => new AdamW({ w: { shape: [9] } }, { lossScale });
  const attempt = whereRefused(() => asked++ >= 0, make);
  assert.is((await attempt.catch((cause) => cause)).code, "OUT_OF_MEMORY");
  assert.is(asked, 1, "a slab of less than 16 MiB is not halved");
  make().dispose();
  const small = () => new AdamW(data, { slabBytes: 65_536 });
  assert.throws(small, /"slabBytes" of the options/);
});

test("what fails otherwise while slabs are opened comes through at once", () => {
  const why = new TypeError("no kernel");
  const options = { slabBytes: 2 ** 26, model16: false, grad16: false, splitParameters: true };
  let opened = 0;
  const open = () => {
    opened++;
    throw why;
  };
  const parameters = [{ name: "a", length: LENGTH, amsgrad: false }];
  try {
    openInHalves(parameters, options, open);
    assert.unreachable("accepted");
  } catch (error) {
    assert.is(error, why);
  }
  assert.is(opened, 1);
});

test("refused memory is no failure of the storage", () => {
  const error = new OutOfMemoryError("a part", 8, 0, new RangeError("no"), "Rest");
  assert.is(error.message, "memory for a part: expected 8 bytes, got none (no). Rest");
  assert.is(storageError("save failed", error), error);
});

test.run();
