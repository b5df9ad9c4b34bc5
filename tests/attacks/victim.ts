import {
  checkpointMetadata,
  headerMembers,
  type PlainTensor,
  padded,
  rawFile,
  withHeaderCrc,
} from "../reference/plain-checkpoint.ts";

// The checkpoint that attacks start from: two parameters of two elements, weights alone.

const values = (...numbers: readonly number[]) => new Uint8Array(Float32Array.from(numbers).buffer);

export const TENSORS: readonly PlainTensor[] = [
  { name: "param.a", dtype: "F32", shape: [2], bytes: values(1, 2) },
  { name: "param.b", dtype: "F32", shape: [2], bytes: values(3, 4) },
];

export const STATE = '{"class":"AdamW"}';
export const METADATA = checkpointMetadata(STATE, TENSORS);
export const [METADATA_MEMBER, A, B] = headerMembers(METADATA, TENSORS);
export const DATA = Uint8Array.of(...TENSORS[0].bytes, ...TENSORS[1].bytes);

/** A checkpoint of members of the header's object, with the header CRC that they need. */
export function forged(
  members: readonly string[] = [METADATA_MEMBER, A, B],
  data: Uint8Array = DATA,
): Uint8Array<ArrayBuffer> {
  return withHeaderCrc(rawFile(padded(`{${members.join()}}`), data));
}

/** A checkpoint whose metadata are edited, and whose header CRC is right again. */
export function withMetadata(
  edit: Readonly<Record<string, string | undefined>>,
): Uint8Array<ArrayBuffer> {
  const metadata = JSON.stringify({ ...METADATA, ...edit });
  return forged([`"__metadata__":${metadata}`, A, B]);
}

export const VICTIM = forged();
