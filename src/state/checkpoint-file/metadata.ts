import { show } from "../../errors.ts";
import { refusal } from "../checkpoint-error.ts";
import { hexOfCrc } from "../crc32.ts";
import { parseJson } from "../safetensors/json.ts";
import type { TensorEntry } from "../safetensors/tensor.ts";

// The `__metadata__` that makes a safetensors file a checkpoint.

export const FORMAT = "ashlar";
/** Files of this version and older ones can be read. */
export const VERSION = 1;

export const KEYS = {
  format: "format",
  version: "ashlar.version",
  headerCrc: "ashlar.header_crc32",
  tensorCrcs: "ashlar.tensor_crc32",
  state: "ashlar.state",
} as const;

/** In place of the header's own CRC while that is computed. */
export const NO_CRC = "00000000";

/** Of all keys but "format". */
const PREFIX = `${FORMAT}.`;
export const DAMAGED = "The file is damaged: load an earlier one";

const CRC_FORM = "8 hex digits in lower case";
const WHERE = "the checkpoint";

export function makeMetadata(
  state: string,
  crcs: Iterable<readonly [name: string, crc: number]>,
): Record<string, string> {
  const table = Array.from(crcs, ([name, crc]) => `${JSON.stringify(name)}:"${hexOfCrc(crc)}"`);
  return {
    [KEYS.format]: FORMAT,
    [KEYS.version]: `${VERSION}`,
    [KEYS.headerCrc]: NO_CRC,
    [KEYS.tensorCrcs]: `{${table.join()}}`,
    [KEYS.state]: state,
  };
}

/** Whether anything says that an optimizer of ashlar saved the file: what does may be damaged. */
export function isOurs(metadata: Readonly<Record<string, string>>): boolean {
  return Object.keys(metadata).some(
    (key) => key.startsWith(PREFIX) || (key === KEYS.format && metadata[key] === FORMAT),
  );
}

/** Throws unless the metadata say that the file is a checkpoint of a version that can be read. */
export function readVersion(metadata: Readonly<Record<string, string>>): number {
  const format = metadata[KEYS.format];
  if (format !== FORMAT) {
    const remedy = isOurs(metadata)
      ? DAMAGED
      : "It is a safetensors file of others: readWeights() reads its weights";
    const got = format === undefined ? "none" : show(format);
    throw refusal("NOT_A_CHECKPOINT", KEYS.format, "the metadata", show(FORMAT), got, remedy);
  }
  const text = required(metadata, KEYS.version);
  const version = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  if (version > VERSION) {
    const remedy = "A newer ashlar wrote it: update ashlar to load it";
    throw refusal("NEWER_VERSION", KEYS.version, WHERE, `at most ${VERSION}`, text, remedy);
  }
  if (version === 0) {
    throw refusal("UNKNOWN_VERSION", KEYS.version, WHERE, `1 to ${VERSION}`, show(text));
  }
  return version;
}

export function required(metadata: Readonly<Record<string, string>>, key: string): string {
  const value = metadata[key];
  if (value !== undefined) return value;
  throw refusal("MISSING_METADATA", key, WHERE, "a string", "none");
}

export function readCrc(hex: unknown, what: string, where = WHERE): number {
  if (typeof hex === "string" && /^[0-9a-f]{8}$/.test(hex)) return Number.parseInt(hex, 16);
  const got = hex instanceof Map ? "an object" : show(hex);
  throw refusal("BAD_CRC", what, where, CRC_FORM, got);
}

/** The CRC of each tensor, in the order of the tensors. */
export function readTensorCrcs(text: string, tensors: readonly TensorEntry[]): readonly number[] {
  const { value: table, end } = parseJson(text, KEYS.tensorCrcs);
  if (!(table instanceof Map) || end !== text.length) {
    throw refusal("BAD_CRC", KEYS.tensorCrcs, WHERE, "one JSON object", show(text));
  }
  const crcs = tensors.map(({ name }) => {
    const hex: unknown = table.get(name);
    const where = `tensor ${show(name)}`;
    if (hex === undefined) throw refusal("MISSING_CRC", "CRC-32", where, CRC_FORM, "none");
    return readCrc(hex, "CRC-32", where);
  });
  if (table.size > tensors.length) {
    const names = new Set(tensors.map(({ name }) => name));
    const extra = [...table.keys()].find((name) => !names.has(name));
    throw refusal("EXTRA_CRC", KEYS.tensorCrcs, WHERE, "names of its tensors", show(extra));
  }
  return crcs;
}
