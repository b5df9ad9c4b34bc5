import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromBase64, toBase64 } from "../src/optimizers/checkpoint/base64.ts";
import { optionIn } from "../src/optimizers/checkpoint/differences.ts";
import { OptionEncoder } from "../src/optimizers/checkpoint/option-data.ts";

const test = suite("checkpoints: options as data");

test("numbers as base64 come back with their bits; what is no base64 of float64 is refused", () => {
  const numbers = [0, -0, 1.5, Number.MAX_VALUE, Number.POSITIVE_INFINITY, 5e-324];
  const again = fromBase64(toBase64(numbers));
  assert.is(again.length, numbers.length);
  for (const [i, number] of numbers.entries()) assert.ok(Object.is(again[i], number), `${number}`);
  assert.equal(fromBase64(""), []);
  assert.throws(
    () => fromBase64("***"),
    (error: RangeError) =>
      error instanceof RangeError &&
      error.message === "a list of numbers: expected base64, got other characters",
  );
  assert.throws(
    () => fromBase64(btoa("seven b")),
    (error: RangeError) =>
      error instanceof RangeError &&
      error.message === "a list of numbers: expected 8 bytes for each, got 7",
  );
});

test("what no JSON says is said with a tag", () => {
  const encoder = new OptionEncoder();
  assert.equal(encoder.encode(Number.POSITIVE_INFINITY), { $number: "Infinity" });
  assert.equal(encoder.encode(Number.NaN), { $number: "NaN" });
  assert.equal(encoder.encode(-0), { $number: "-0" });
  assert.equal(encoder.encode(new Map()), { $function: "[object Map]" });
  assert.equal(encoder.encode({ kind: "alike", resolve() {} }), { $function: "resolve" });
  assert.equal(encoder.encode({ $number: 1 }), { $$number: 1 });
});

test("a precision that is none stays what it is, so that it differs from any", () => {
  assert.is(optionIn({ precision: 16 }, "precision"), 16);
  const whole = { model: "float32", gradients: "float32" };
  assert.equal(optionIn({ precision: {} }, "precision"), whole);
  assert.equal(optionIn({}, "precision"), whole);
});

test.run();
