import { suite } from "uvu";
import * as assert from "uvu/assert";
import { halfBits } from "../src/gradients/half-input.ts";
import { refuses } from "./reference/refuses.ts";

const test = suite("gradients: half input");

/** Stands for the engine's own, which Node 20 doesn't have: numbers outside, bits inside. */
class Float16Array {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly length: number;

  constructor(buffer: ArrayBuffer, byteOffset: number, length: number) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.length = length;
  }
}

/** Runs with a Float16Array in the engine, or without one. */
function withEngine(float16: unknown, run: () => void): void {
  const engine = globalThis as { Float16Array?: unknown };
  const own = Object.getOwnPropertyDescriptor(engine, "Float16Array");
  Object.defineProperty(engine, "Float16Array", {
    value: float16,
    configurable: true,
    writable: true,
  });
  try {
    run();
  } finally {
    if (own) Object.defineProperty(engine, "Float16Array", own);
    else delete engine.Float16Array;
  }
}

const w = (length: number) => ({ name: "w", length });

test("bits are taken as they are, without a copy", () => {
  const bits = Uint16Array.of(0x3c00, 0xbc00, 0x7c00);
  assert.is(halfBits(bits, "float16", w(3)), bits);
  assert.is(halfBits(bits, "bfloat16", w(3)), bits);
  assert.is(halfBits(new Uint16Array(0), "float16", w(0)).length, 0);
});

test("a Float16Array is read as the bits of its own memory, from its own offset", () => {
  withEngine(Float16Array, () => {
    const memory = Uint16Array.of(1, 2, 0x3c00, 0x4000, 5);
    const bits = halfBits(new Float16Array(memory.buffer, 4, 2), "float16", w(2));
    assert.instance(bits, Uint16Array);
    assert.equal([...bits], [0x3c00, 0x4000]);
    memory[2] = 0x4200;
    assert.is(bits[0], 0x4200, "the same memory");
  });
});

test("other kinds and lengths are refused", () => {
  const of = '"gradient" of parameter "w": expected';
  const halves = `${of} a Float32Array, a Uint16Array of float16 bits or a Float16Array, got`;
  const brains = `${of} a Float32Array, a Uint16Array of bfloat16 bits, got`;
  const float16 = (gradient: unknown, length = 3) => {
    return () => halfBits(gradient, "float16", w(length));
  };
  const bfloat16 = (gradient: unknown) => () => halfBits(gradient, "bfloat16", w(3));
  const numbers = new Float16Array(new ArrayBuffer(6), 0, 3);
  refuses([
    [float16(new Float32Array(3)), TypeError, `${halves} Float32Array of length 3`],
    [float16([1, 2, 3]), TypeError, `${halves} [1, 2, 3]`],
    [float16(null), TypeError, `${halves} null`],
    [float16(new Uint16Array(2)), RangeError, `${of} 3 elements, got 2`],
    [bfloat16(new Int16Array(3)), TypeError, `${brains} Int16Array of length 3`],
    [bfloat16(undefined), TypeError, `${brains} undefined`],
    [bfloat16(new ArrayBuffer(6)), TypeError, `${brains} a ArrayBuffer`],
    [bfloat16(new Uint16Array(4)), RangeError, `${of} 3 elements, got 4`],
  ]);
  withEngine(Float16Array, () => {
    refuses([
      // The engine's float16 numbers are no bfloat16 bits.
      [bfloat16(numbers), TypeError, `${brains} a Float16Array`],
      [float16(numbers, 4), RangeError, `${of} 4 elements, got 3`],
    ]);
  });
  withEngine(undefined, () => {
    refuses([[float16(numbers), TypeError, `${halves} a Float16Array`]]);
  });
});

test.run();
