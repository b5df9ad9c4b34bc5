import type { TensorDtype } from "../safetensors/tensor.ts";

// Floats of 8 and 16 bits, read by a table of all their values.

interface SmallFloat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly bias: number;
  /** Which patterns are no finite numbers. */
  readonly special:
    | "ieee" // the largest exponent: infinities and NaN
    | "last" // all ones but for the sign: NaN
    | "negative zero"; // that of -0: NaN
}

// F8_E5M2 and F8_E4M3: Micikevicius et al. 2022, "FP8 Formats for Deep Learning". FNUZ (finite values
// and NaN, zero without a sign): Noune et al. 2022, "8-bit Numerical Formats for Deep Neural Networks".
const FORMATS = {
  F16: { exponentBits: 5, fractionBits: 10, bias: 15, special: "ieee" },
  BF16: { exponentBits: 8, fractionBits: 7, bias: 127, special: "ieee" },
  F8_E5M2: { exponentBits: 5, fractionBits: 2, bias: 15, special: "ieee" },
  F8_E4M3: { exponentBits: 4, fractionBits: 3, bias: 7, special: "last" },
  F8_E5M2FNUZ: { exponentBits: 5, fractionBits: 2, bias: 16, special: "negative zero" },
  F8_E4M3FNUZ: { exponentBits: 4, fractionBits: 3, bias: 8, special: "negative zero" },
} as const satisfies Partial<Record<TensorDtype, SmallFloat>>;

export type SmallFloatDtype = keyof typeof FORMATS | "F8_E8M0";

const tables = new Map<SmallFloatDtype, Float32Array>();

/** The value of each bit pattern; all of them are float32 numbers. */
export function valuesOf(dtype: SmallFloatDtype): Float32Array {
  const known = tables.get(dtype);
  if (known) return known;
  const table = dtype === "F8_E8M0" ? powers() : makeTable(FORMATS[dtype]);
  tables.set(dtype, table);
  return table;
}

function makeTable(format: SmallFloat): Float32Array {
  const count = 2 << (format.exponentBits + format.fractionBits);
  return Float32Array.from({ length: count }, (_, bits) => meaningOf(bits, format));
}

function meaningOf(bits: number, format: SmallFloat): number {
  const { exponentBits, fractionBits, bias, special } = format;
  const signBit = 1 << (exponentBits + fractionBits);
  const sign = bits & signBit ? -1 : 1;
  const magnitude = bits & (signBit - 1);
  const exponent = magnitude >>> fractionBits;
  const one = 1 << fractionBits;
  const fraction = magnitude & (one - 1);
  if (special === "ieee" && exponent === (1 << exponentBits) - 1) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  if (special === "last" && magnitude === signBit - 1) return Number.NaN;
  if (special === "negative zero" && bits === signBit) return Number.NaN;
  // Exponent 0 is of subnormals: no leading one, and the spacing of exponent 1.
  const count = exponent === 0 ? fraction : one + fraction;
  return sign * count * twoTo(Math.max(exponent, 1) - bias - fractionBits);
}

/** F8_E8M0, the scales of OCP's microscaling formats: powers of two, and one NaN. */
function powers(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, bits) =>
    bits === 255 ? Number.NaN : twoTo(bits - 127),
  );
}

/** 2^exponent, for a normal float64. */
function twoTo(exponent: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, (exponent + 1023) << 20);
  return view.getFloat64(0);
}
