import { show, wrongKind, wrongValue } from "../errors.ts";
import {
  isFloat32Array,
  isPlainRecord,
  isUint16Array,
  knownKeys,
  lengthOf,
  oneOf,
  refuseDetached,
} from "../validate.ts";
import type { Dtype } from "./parameter.ts";

/** Initial values: float32[length], or uint16[length] holding float16 or bfloat16 bits. */
export type ParameterData = Float32Array | Uint16Array;

/** A parameter given by shape; zeros where `data` is omitted. */
export interface ParameterSpec {
  /** Lengths of its dimensions; [] for a scalar. */
  readonly shape: readonly number[];
  /** Its elements, row by row: as many as the shape has. Default zeros. */
  readonly data?: ParameterData;
  /** Of `data`; "float32" by default. 16-bit data is widened exactly. */
  readonly dtype?: Dtype;
}

/** Parameters by name: a record, or an iterable of named specs. */
export type NamedParameters =
  | Readonly<Record<string, Float32Array | ParameterSpec>>
  | Iterable<
      ParameterSpec & {
        /** The parameter's name. */
        readonly name: string;
      }
    >;

/** A parameter after validation. Not copied: `data` is still the caller's. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly data: ParameterData | null;
  readonly dtype: Dtype;
}

export const DTYPES = ["float32", "float16", "bfloat16"] as const;

/** Most elements of one parameter: 2^36, a terabyte of state. More is a slip in the shape. */
const MOST_ELEMENTS = 68_719_476_736;

/**
 * Reads named parameters in the order given.
 *
 * @param where names the place in messages, such as `group "head"`
 * @throws TypeError for a wrong kind; RangeError for a wrong length, shape, value or name
 */
export function readNamedParameters(parameters: unknown, where: string): NamedParameter[] {
  const listed = isIterable(parameters) && !ArrayBuffer.isView(parameters);
  if (!listed && !isPlainRecord(parameters)) {
    throw wrongKind(
      "params",
      where,
      "a record of name to Float32Array, or an iterable of { name, shape, data }",
      parameters,
    );
  }
  if (listed) {
    return Array.from(parameters, (entry, index) => readListed(entry, index, where));
  }
  return Object.entries(parameters).map(([name, value]) => readNamed(name, value));
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function"
  );
}

function readListed(entry: unknown, index: number, where: string): NamedParameter {
  if (!isPlainRecord(entry)) {
    throw wrongKind(`params[${index}]`, where, "an object { name, shape, data }", entry);
  }
  const { name, ...spec } = entry;
  if (typeof name !== "string") {
    throw wrongKind("name", `params[${index}] of ${where}`, "a string", name);
  }
  return readNamed(name, spec);
}

function readNamed(name: string, value: unknown): NamedParameter {
  checkName(name);
  const where = `parameter ${show(name)}`;
  if (isFloat32Array(value)) {
    refuseDetached(value, "a Float32Array or { shape, data?, dtype? }", "data", where);
    const length = lengthOf(value);
    checkFinite(value, length, where);
    return { name, shape: [length], length, data: value, dtype: "float32" };
  }
  if (!isPlainRecord(value)) {
    throw wrongKind("data", where, "a Float32Array or { shape, data?, dtype? }", value);
  }
  knownKeys(value, ["shape", "data", "dtype"], where);
  const shape = readShape(value.shape, where);
  const length = shape.reduce((product, size) => product * size, 1);
  // An infinite product times a size of 0 is NaN, and refused too.
  if (!(length <= MOST_ELEMENTS)) {
    throw wrongValue("shape", where, `at most ${MOST_ELEMENTS} elements`, length);
  }
  const dtype = value.dtype === undefined ? "float32" : oneOf(value.dtype, DTYPES, "dtype", where);
  const data = value.data === undefined ? null : readData(value.data, length, dtype, where);
  return { name, shape, length, data, dtype };
}

function checkName(name: string): void {
  if (name === "") throw wrongValue("name", "a parameter", "a string that is not empty", name);
  // Names are sorted and hashed as UTF-8, which half of a surrogate pair does not have.
  if (!name.isWellFormed()) {
    throw wrongValue("name", "a parameter", "well-formed Unicode", name);
  }
}

function readShape(shape: unknown, where: string): readonly number[] {
  if (!Array.isArray(shape)) throw wrongKind("shape", where, "an array of sizes", shape);
  // -0 becomes 0: it would show in digests and products.
  const sizes = Array.from(shape, (size: unknown) => (size === 0 ? 0 : size));
  for (const size of sizes) {
    if (typeof size !== "number") throw wrongKind("shape", where, "whole numbers >= 0", shape);
    if (!Number.isSafeInteger(size) || size < 0) {
      throw wrongValue("shape", where, "whole numbers >= 0", shape);
    }
  }
  return Object.freeze(sizes as number[]);
}

function readData(data: unknown, length: number, dtype: Dtype, where: string): ParameterData {
  const expected = dtype === "float32" ? "a Float32Array" : `a Uint16Array of ${dtype} bits`;
  const fits = dtype === "float32" ? isFloat32Array(data) : isUint16Array(data);
  if (!fits) throw wrongKind("data", where, expected, data);
  const values = data as ParameterData;
  refuseDetached(values, expected, "data", where);
  if (lengthOf(values) !== length) {
    const got = lengthOf(values);
    throw wrongValue("length", `the data of ${where}`, `${length}, its shape's size`, got);
  }
  if (isFloat32Array(values)) checkFinite(values, length, where);
  else checkFiniteBits(values, dtype === "float16" ? 0x7c00 : 0x7f80, where);
  return values;
}

// The same finite inputs give the same bits; a NaN's bits are no engine's promise.
function checkFinite(data: Float32Array, length: number, where: string): void {
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(data[i]))
      throw wrongValue(`data[${i}]`, where, "a finite number", data[i]);
  }
}

function checkFiniteBits(data: Uint16Array, exponent: number, where: string): void {
  const index = data.findIndex((bits) => (bits & exponent) === exponent);
  if (index < 0) return;
  throw new RangeError(
    `"data[${index}]" of ${where}: expected a finite number, got bits 0x${data[index].toString(16)}`,
  );
}
