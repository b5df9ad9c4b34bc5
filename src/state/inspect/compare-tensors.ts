import type { TensorDtype } from "../safetensors/tensor.ts";
import { type Decode, decoderOf, unitBytes } from "./elements.ts";

/** How the values of two tensors with as many elements differ. */
export interface TensorDifference {
  /** Elements that differ: in their bits, or in their values where the dtypes do. */
  readonly differing: number;
  /** The first of them; null where there is none. */
  readonly first: { readonly index: number; readonly a: number; readonly b: number } | null;
  /** The largest |a - b| of finite values. */
  readonly absolute: number;
  /** The largest |a - b| / max(|a|, |b|) of finite values: 0 to 2. */
  readonly relative: number;
  /** Elements that differ and are not finite in both. */
  readonly nonFinite: number;
}

/** Elements that are decoded and compared at a time. */
const BLOCK = 8_192;
const scratchA = new Float64Array(BLOCK);
const scratchB = new Float64Array(BLOCK);

/** One of two tensors. */
interface Side {
  readonly decode: Decode;
  /** Bytes of an element. */
  readonly unit: number;
}

/** Whether elements of two dtypes can be compared one by one. */
export function comparable(a: TensorDtype, b: TensorDtype): boolean {
  return decoderOf(a) !== null && decoderOf(b) !== null;
}

function sideOf(dtype: TensorDtype): Side {
  const decode = decoderOf(dtype);
  if (!decode) throw new TypeError(`dtype of a comparison: expected one of numbers, got ${dtype}`);
  return { decode, unit: unitBytes(dtype) };
}

/** Compares two tensors whose bytes come in pieces, as many elements of the one as of the other. */
export class Comparison {
  readonly #a: Side;
  readonly #b: Side;
  readonly #sameDtype: boolean;
  #index = 0;
  #differing = 0;
  #first: TensorDifference["first"] = null;
  #absolute = 0;
  #relative = 0;
  #nonFinite = 0;

  /** Of dtypes that are `comparable`. */
  constructor(a: TensorDtype, b: TensorDtype) {
    this.#a = sideOf(a);
    this.#b = sideOf(b);
    this.#sameDtype = a === b;
  }

  /** Takes the next bytes: whole elements, from a multiple of their size on. */
  add(a: Uint8Array, b: Uint8Array): void {
    const unitA = this.#a.unit;
    const unitB = this.#b.unit;
    const count = a.length / unitA;
    for (let at = 0; at < count; at += BLOCK) {
      this.#addBlock(
        a.subarray(at * unitA, (at + BLOCK) * unitA),
        b.subarray(at * unitB, (at + BLOCK) * unitB),
        Math.min(BLOCK, count - at),
      );
    }
  }

  #addBlock(a: Uint8Array, b: Uint8Array, count: number): void {
    const sameDtype = this.#sameDtype;
    const start = this.#index;
    this.#index += count;
    if (sameDtype && sameBytes(a, b, 0, a.length)) return;
    const valuesA = scratchA.subarray(0, count);
    const valuesB = scratchB.subarray(0, count);
    this.#a.decode(a, valuesA);
    this.#b.decode(b, valuesB);
    const { unit } = this.#a;
    for (let i = 0; i < count; i++) {
      const same = sameDtype
        ? sameBytes(a, b, i * unit, (i + 1) * unit)
        : Object.is(valuesA[i], valuesB[i]);
      if (!same) this.#note(start + i, valuesA[i], valuesB[i]);
    }
  }

  #note(index: number, a: number, b: number): void {
    this.#differing++;
    this.#first ??= { index, a, b };
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      this.#nonFinite++;
      return;
    }
    const absolute = Math.abs(a - b);
    const size = Math.max(Math.abs(a), Math.abs(b));
    // Halves: the difference of two large float64 numbers may overflow.
    const relative = size === 0 ? 0 : (Math.abs(a / 2 - b / 2) / size) * 2;
    if (absolute > this.#absolute) this.#absolute = absolute;
    if (relative > this.#relative) this.#relative = relative;
  }

  result(): TensorDifference {
    return {
      differing: this.#differing,
      first: this.#first,
      absolute: this.#absolute,
      relative: this.#relative,
      nonFinite: this.#nonFinite,
    };
  }
}

/** Whether the bytes from `begin` to before `end` are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array, begin: number, end: number): boolean {
  for (let i = begin; i < end; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
