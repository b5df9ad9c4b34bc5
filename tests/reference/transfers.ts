import * as assert from "uvu/assert";
import type { LoadSource } from "../../src/state/sources/load-source.ts";
import { openSource } from "../../src/state/sources/open-source.ts";
import { openTarget, type TargetOptions } from "../../src/state/targets/open-target.ts";
import type { SaveTarget } from "../../src/state/targets/save-target.ts";
import { xorshift32 } from "./random.ts";

/** Bytes that no other seed gives. */
export function someBytes(length: number, seed = 0x9e3779b9): Uint8Array<ArrayBuffer> {
  const next = xorshift32(seed);
  return Uint8Array.from({ length }, () => next() >>> 24);
}

/**
 * Writes bytes as a save does: in pieces, each in the same array, which has other contents once a
 * write has resolved.
 */
export async function writeBytes(
  target: SaveTarget,
  bytes: Uint8Array,
  options?: TargetOptions,
): Promise<void> {
  const sink = await openTarget(target, options);
  const scratch = new Uint8Array(1000);
  for (let at = 0; at < bytes.length; at += scratch.length) {
    const part = bytes.subarray(at, at + scratch.length);
    scratch.set(part);
    await sink.write(scratch.subarray(0, part.length));
    scratch.fill(0xee);
  }
  await sink.close();
}

/**
 * Reads a source in pieces of odd lengths, passing over some, and asserts that these are the bytes,
 * that it then has an end, and what it says of its size.
 */
export async function assertReads(
  source: LoadSource,
  bytes: Uint8Array,
  size: number | null = bytes.length,
): Promise<void> {
  const reader = await openSource(source);
  assert.is(reader.size, size);
  const lengths = [8, 0, 1, 300, 2, 7000, 65_536];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = Math.min(lengths[i % lengths.length] as number, bytes.length - at);
    if (i % 5 === 3) {
      assert.is(await reader.skip(length), length);
    } else {
      const into = new Uint8Array(length);
      assert.is(await reader.read(into), length);
      assert.is(Buffer.compare(into, bytes.subarray(at, at + length)), 0, `bytes at ${at}`);
    }
    at += length;
  }
  assert.is(await reader.read(new Uint8Array(0)), 0);
  assert.is(await reader.skip(5), 0);
  assert.is(await reader.read(new Uint8Array(3)), 0);
  await reader.close();
}

/** Asserts that more is asked for than there is, by one read and by one skip. */
export async function assertEnds(make: () => LoadSource, length: number): Promise<void> {
  const first = await openSource(make());
  assert.is(await first.read(new Uint8Array(length + 10)), length);
  await first.close();
  const second = await openSource(make());
  assert.is(await second.skip(length + 10), length);
  await second.close();
}

/** The error with which `act` rejects. */
export async function errorOf(act: () => Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  throw new Error("nothing thrown");
}
