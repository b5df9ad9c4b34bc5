import { show } from "../../errors.ts";
import { refusal } from "../checkpoint-error.ts";
import { type Json, type JsonObject, parseJson } from "./json.ts";
import { readEntry } from "./read-entry.ts";
import type { TensorEntry } from "./tensor.ts";

/** What a safetensors file says of itself before its data. */
export interface SafetensorsHeader {
  /** Its `__metadata__`, empty where there is none. Has no prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their bytes, which follow each other without holes. */
  readonly tensors: readonly TensorEntry[];
  /** Bytes of the data section. */
  readonly dataSize: number;
}

/** The name that no tensor can have. */
export const METADATA_KEY = "__metadata__";
const WHERE = "the header";
const REMEDY = "It is no safetensors file, or it is damaged";

/** Reads the header's bytes (without the 8 of its length). */
export function parseHeader(bytes: Uint8Array): SafetensorsHeader {
  if (bytes[0] !== 0x7b) {
    const got = bytes.length === 0 ? "nothing" : `byte ${bytes[0]}`;
    throw refusal("NOT_SAFETENSORS", "byte 0", WHERE, '123, a "{"', got, REMEDY);
  }
  const text = decode(bytes);
  const { value, end } = parseJson(text, WHERE);
  const rest = /[^ ]/.exec(text.slice(end));
  if (rest) {
    const at = `character ${end + rest.index}`;
    throw refusal("BAD_PADDING", at, WHERE, "only spaces after the object", show(rest[0]));
  }
  // It began with "{".
  const object = value as JsonObject;
  const metadata = readMetadata(object.get(METADATA_KEY));
  const tensors: TensorEntry[] = [];
  for (const [name, entry] of object) {
    if (name !== METADATA_KEY) tensors.push(readEntry(name, entry));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  return { metadata, tensors: Object.freeze(tensors), dataSize: checkLayout(tensors) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw refusal("BAD_UTF8", "text", WHERE, "UTF-8", "other bytes", REMEDY);
  }
}

function readMetadata(json: Json | undefined): Readonly<Record<string, string>> {
  // With a prototype, "__proto__" would be no key of it.
  const metadata: Record<string, string> = Object.create(null);
  if (json === undefined) return Object.freeze(metadata);
  if (!(json instanceof Map)) {
    throw refusal("BAD_METADATA", METADATA_KEY, WHERE, "an object of strings", show(json));
  }
  for (const [key, value] of json as JsonObject) {
    if (typeof value !== "string") {
      const got = value instanceof Map ? "an object" : show(value);
      throw refusal("BAD_METADATA", key, METADATA_KEY, "a string", got);
    }
    metadata[key] = value;
  }
  return Object.freeze(metadata);
}

/** Bytes in all of tensors in the order of their bytes, which may neither overlap nor leave holes. */
function checkLayout(tensors: readonly TensorEntry[]): number {
  let end = 0;
  for (const tensor of tensors) {
    if (tensor.begin !== end) {
      const reason = tensor.begin < end ? "OVERLAP" : "HOLE";
      const where = `tensor ${show(tensor.name)}`;
      const expected = `a begin of ${end}, where the tensor before ends`;
      throw refusal(reason, "data_offsets", where, expected, `${tensor.begin}`);
    }
    end = tensor.end;
  }
  return end;
}
