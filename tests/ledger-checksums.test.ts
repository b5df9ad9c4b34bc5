import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeChecksums, encodeChecksums, foldChecksums } from "../src/ledger/checksums.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("ledger: checksums");

test("checksums are base64 of their bytes, and nothing else is read", () => {
  const next = xorshift32(0x2545f491);
  for (let count = 0; count < 40; count++) {
    const each = BigUint64Array.from(
      { length: count },
      () => (BigInt(next()) << 32n) | BigInt(next()),
    );
    const text = encodeChecksums(each);
    assert.is(text, Buffer.from(each.buffer).toString("base64"));
    assert.equal(decodeChecksums(text, count), each);
    assert.is(decodeChecksums(text, count + 1), null);
    assert.is(
      decodeChecksums(` ${text.slice(1)}`, count),
      count === 0 ? decodeChecksums(" ", 0) : null,
    );
  }
  assert.is(decodeChecksums("AAAAAAAAAAB=", 1), null);
});

test("the total is the fold that the specification has, and each bit counts", () => {
  // Written out as docs/ledger.md has it, with integers of any size.
  const plain = (each: BigUint64Array, absent: readonly number[]) => {
    const mask = 0xffff_ffffn;
    const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (32n - by))) & mask;
    let [low, high] = [0x9e3779b9n, 0x7f4a7c15n];
    each.forEach((hash, index) => {
      if (absent.includes(index)) return;
      low = ((low ^ BigInt(index) ^ (hash & mask)) * 0x85ebca6bn) & mask;
      high = ((high ^ (hash >> 32n)) * 0xc2b2ae35n) & mask;
      low = (low + rotate(high, 15n)) & mask;
      high ^= rotate(low, 13n);
    });
    return ((high << 32n) | low).toString(16).padStart(16, "0");
  };
  const next = xorshift32(0x7b1cca8d);
  for (let round = 0; round < 50; round++) {
    const count = next() % 9;
    const each = BigUint64Array.from(
      { length: count },
      () => (BigInt(next()) << 32n) | BigInt(next()),
    );
    const absent = [...each.keys()].filter(() => next() % 4 === 0);
    const total = foldChecksums(each, absent);
    assert.is(total, plain(each, absent));
    for (const index of each.keys()) {
      const other = each.slice();
      other[index] ^= 1n << BigInt(next() % 64);
      assert.is(foldChecksums(other, absent) === total, absent.includes(index));
    }
  }
});

test.run();
