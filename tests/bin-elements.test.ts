import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decoderOf } from "../src/state/inspect/elements.ts";
import { type SmallFloatDtype, valuesOf } from "../src/state/inspect/small-floats.ts";
import { TENSOR_DTYPES, type TensorDtype } from "../src/state/safetensors/tensor.ts";
import { valueOfHalf } from "./reference/round-half.ts";

const test = suite("bin: elements");

test("float16 and bfloat16: all patterns have their value", () => {
  for (const [dtype, name] of [
    ["F16", "float16"],
    ["BF16", "bfloat16"],
  ] as const) {
    const values = valuesOf(dtype);
    assert.is(values.length, 65_536);
    values.forEach((value, half) => {
      if (!Object.is(value, valueOfHalf(half, name)))
        assert.unreachable(`${dtype} ${half}: ${value}`);
    });
  }
});

interface Format {
  readonly largest: number;
  readonly least: number;
  readonly leastNormal: number;
  readonly nans: readonly number[];
  readonly infinities: readonly number[];
}

// The tables of "FP8 Formats for Deep Learning", OCP's MX specification, and the FNUZ paper.
const EIGHT: Readonly<Partial<Record<SmallFloatDtype, Format>>> = {
  F8_E4M3: {
    largest: 448,
    least: 2 ** -9,
    leastNormal: 2 ** -6,
    nans: [0x7f, 0xff],
    infinities: [],
  },
  F8_E5M2: {
    largest: 57_344,
    least: 2 ** -16,
    leastNormal: 2 ** -14,
    nans: [0x7d, 0x7e, 0x7f, 0xfd, 0xfe, 0xff],
    infinities: [0x7c, 0xfc],
  },
  F8_E4M3FNUZ: {
    largest: 240,
    least: 2 ** -10,
    leastNormal: 2 ** -7,
    nans: [0x80],
    infinities: [],
  },
  F8_E5M2FNUZ: {
    largest: 57_344,
    least: 2 ** -17,
    leastNormal: 2 ** -15,
    nans: [0x80],
    infinities: [],
  },
};

test("8-bit floats: range, NaN, infinities, and values that grow with their patterns", () => {
  for (const [dtype, format] of Object.entries(EIGHT)) {
    const values = [...valuesOf(dtype as SmallFloatDtype)];
    const where = (is: (value: number) => boolean) =>
      values.flatMap((value, bits) => (is(value) ? [bits] : []));
    assert.equal(where(Number.isNaN), format.nans, dtype);
    assert.equal(
      where((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
      format.infinities,
      dtype,
    );
    const finite = values.slice(0, 128).filter(Number.isFinite);
    assert.equal([finite[0], finite[1], finite.at(-1)], [0, format.least, format.largest], dtype);
    assert.ok(
      finite.every((value, i) => i === 0 || value > finite[i - 1]),
      dtype,
    );
    // Below the least normal number the spacing is even.
    const even = finite.filter((value) => value <= format.leastNormal);
    assert.ok(
      even.every((value, i) => value === i * format.least),
      dtype,
    );
    for (let bits = 0; bits < 128; bits++) {
      const negative = values[bits + 128];
      if (!format.nans.includes(bits) && !format.nans.includes(bits + 128)) {
        assert.ok(Object.is(negative, -values[bits]), `${dtype} ${bits}`);
      }
    }
  }
});

test("F8_E8M0 is powers of two", () => {
  const values = valuesOf("F8_E8M0");
  for (let bits = 0; bits < 255; bits++) assert.is(values[bits], 2 ** (bits - 127));
  assert.ok(Number.isNaN(values[255]));
});

const CASES: readonly (readonly [TensorDtype, ArrayBufferView, readonly number[]])[] = [
  ["BOOL", Uint8Array.of(0, 1), [0, 1]],
  ["U8", Uint8Array.of(0, 255), [0, 255]],
  ["I8", Int8Array.of(-128, 127), [-128, 127]],
  ["U16", Uint16Array.of(65_535), [65_535]],
  ["I16", Int16Array.of(-32_768), [-32_768]],
  ["U32", Uint32Array.of(4_294_967_295), [4_294_967_295]],
  ["I32", Int32Array.of(-2_147_483_648), [-2_147_483_648]],
  ["F32", Float32Array.of(0.1, -0), [Math.fround(0.1), -0]],
  ["F64", Float64Array.of(0.1, Number.NaN), [0.1, Number.NaN]],
  ["U64", BigUint64Array.of(0n, 2n ** 32n, 2n ** 64n - 1n), [0, 2 ** 32, 2 ** 64]],
  ["I64", BigInt64Array.of(-1n, -(2n ** 63n), 2n ** 53n - 1n), [-1, -(2 ** 63), 2 ** 53 - 1]],
  ["F16", Uint16Array.of(0x3555), [valueOfHalf(0x3555, "float16")]],
  ["BF16", Uint16Array.of(0x3eab), [valueOfHalf(0x3eab, "bfloat16")]],
  ["F8_E4M3", Uint8Array.of(0x38), [1]],
  ["F8_E5M2", Uint8Array.of(0x3c), [1]],
  ["F8_E8M0", Uint8Array.of(127), [1]],
  ["F8_E4M3FNUZ", Uint8Array.of(0x40), [1]],
  ["F8_E5M2FNUZ", Uint8Array.of(0x40), [1]],
];

test("every dtype of numbers is read", () => {
  for (const [dtype, { buffer, byteOffset, byteLength }, expected] of CASES) {
    const values = new Float64Array(expected.length);
    decoderOf(dtype)?.(new Uint8Array(buffer, byteOffset, byteLength), values);
    expected.forEach((value, i) => {
      assert.ok(Object.is(values[i], value), `${dtype}[${i}]: ${values[i]}, not ${value}`);
    });
  }
  const none = TENSOR_DTYPES.filter((dtype) => decoderOf(dtype) === null);
  assert.equal(none, ["F4", "F6_E2M3", "F6_E3M2", "C64"]);
  assert.is(CASES.length + none.length, TENSOR_DTYPES.length);
});

test.run();
