// The dtypes of the safetensors format, which are the variants of its reference's `Dtype`
// (huggingface/safetensors, safetensors/src/tensor.rs at 24b0b28), and bits an element.
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type TensorDtype = keyof typeof BITS;

/** A tensor of a file: what it is, and where its bytes are in the data section. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  /** One past its last byte. */
  readonly end: number;
}

export const TENSOR_DTYPES = Object.keys(BITS) as readonly TensorDtype[];

export function isTensorDtype(text: string): text is TensorDtype {
  return Object.hasOwn(BITS, text);
}

/** Bits of one element. Below 8, elements are packed and a tensor still fills whole bytes. */
export function bitsOf(dtype: TensorDtype): number {
  return BITS[dtype];
}
