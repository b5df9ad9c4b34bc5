import { show } from "../../errors.ts";
import { type CheckpointReason, refusal } from "../checkpoint-error.ts";
import type { Json } from "./json.ts";
import { sizeOf } from "./size.ts";
import { isTensorDtype, type TensorDtype, type TensorEntry } from "./tensor.ts";

const FIELDS = ["dtype", "shape", "data_offsets"];

/** What the header says of a tensor, checked but for its neighbours. */
export function readEntry(name: string, json: Json): TensorEntry {
  const where = `tensor ${show(name)}`;
  if (!(json instanceof Map)) {
    throw refusal("BAD_ENTRY", "entry", where, `an object of ${FIELDS.join(", ")}`, describe(json));
  }
  for (const field of FIELDS) {
    if (json.has(field)) continue;
    throw refusal("BAD_ENTRY", field, where, "a value", "none");
  }
  for (const field of json.keys()) {
    if (FIELDS.includes(field)) continue;
    throw refusal("BAD_ENTRY", "entry", where, `only ${FIELDS.join(", ")}`, show(field));
  }
  const dtype = readDtype(json.get("dtype"), where);
  const shape = readNumbers(json.get("shape"), "BAD_SHAPE", "shape", where);
  const offsets = readNumbers(json.get("data_offsets"), "BAD_OFFSETS", "data_offsets", where);
  if (offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw refusal(
      "BAD_OFFSETS",
      "data_offsets",
      where,
      "[begin, end], begin <= end",
      show(offsets),
    );
  }
  const [begin, end] = offsets;
  const size = sizeOf(name, dtype, shape);
  if (end - begin !== size) {
    const what = `${show(shape)} of ${dtype}`;
    throw refusal("WRONG_SIZE", "data_offsets", where, `${size} bytes, ${what}`, `${end - begin}`);
  }
  return Object.freeze({ name, dtype, shape, begin, end });
}

function readDtype(json: Json | undefined, where: string): TensorDtype {
  if (typeof json === "string" && isTensorDtype(json)) return json;
  throw refusal(
    "UNKNOWN_DTYPE",
    "dtype",
    where,
    "one of the format's, as F32 or BF16",
    describe(json),
  );
}

function readNumbers(
  json: Json | undefined,
  reason: CheckpointReason,
  what: string,
  where: string,
): readonly number[] {
  if (Array.isArray(json) && json.every((number) => typeof number === "number")) {
    return Object.freeze(json);
  }
  throw refusal(reason, what, where, "an array of whole numbers", describe(json));
}

function describe(json: Json | undefined): string {
  return json instanceof Map ? "an object" : show(json);
}
