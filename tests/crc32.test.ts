import * as zlib from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crc32, hexOfCrc } from "../src/state/crc32.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("crc32");

function randomBytes(length: number, seed: number): Uint8Array {
  const next = xorshift32(seed);
  return Uint8Array.from({ length }, () => next() >>> 24);
}

test("gives the check value of the standard", () => {
  assert.is(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.is(crc32(new Uint8Array()), 0);
});

test("equals zlib's at every length to 300 and every alignment to 16", () => {
  const bytes = randomBytes(400, 0x12345679);
  for (let length = 0; length <= 300; length++) {
    for (let offset = 0; offset < 17; offset++) {
      const part = bytes.subarray(offset, offset + length);
      const expected = zlib.crc32(part);
      if (crc32(part) !== expected)
        assert.is(crc32(part), expected, `${length} bytes at ${offset}`);
    }
  }
});

test("goes on from a seed, wherever bytes are split", () => {
  const bytes = randomBytes(300, 0x2468ace1);
  const expected = zlib.crc32(bytes);
  for (let at = 0; at <= bytes.length; at++) {
    assert.is(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), expected, `split at ${at}`);
  }
  const next = xorshift32(0x13579bdf);
  for (let round = 0; round < 200; round++) {
    let crc = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + (next() % 40);
      crc = crc32(bytes.subarray(at, end), crc);
      at = end;
    }
    assert.is(crc, expected, `round ${round}`);
  }
});

test("takes every seed, those above 2^31 too", () => {
  const bytes = randomBytes(37, 0x0badcafe);
  for (const seed of [1, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff]) {
    assert.is(crc32(bytes, seed), zlib.crc32(bytes, seed), `seed ${seed}`);
    assert.is(crc32(bytes.subarray(0, 0), seed), seed);
  }
});

test("equals zlib's on 1 MiB, also in shared memory", () => {
  const bytes = randomBytes(1_048_576, 0x600df00d);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
  shared.set(bytes);
  assert.is(crc32(bytes), zlib.crc32(bytes));
  assert.is(crc32(shared), zlib.crc32(bytes));
});

test("equals zlib's on bytes that are all the same", () => {
  for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
    const bytes = new Uint8Array(1000).fill(value);
    assert.is(crc32(bytes), zlib.crc32(bytes), `value ${value}`);
  }
});

test("is written as 8 hex digits in lower case", () => {
  assert.is(hexOfCrc(0xcbf43926), "cbf43926");
  assert.is(hexOfCrc(0xab), "000000ab");
  assert.is(hexOfCrc(0), "00000000");
});

test.run();
