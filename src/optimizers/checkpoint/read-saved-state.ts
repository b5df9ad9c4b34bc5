import { mismatch, show } from "../../errors.ts";
import { DTYPES } from "../../parameters/named.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { isPlainRecord } from "../../validate.ts";
import type { SavedState } from "./saved-state.ts";

// The text of a checkpoint's state has a CRC; this is for files that others wrote, or that were made
// to mislead. The options inside are checked by the constructor that takes them.

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const finite: Check = (value) => typeof value === "number" && Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const any: Check = (value) => value !== undefined;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isPlainRecord(value) && Object.entries(fields).every(([key, check]) => check(value[key]));

const FIELDS: Readonly<Record<keyof SavedState, Check>> = {
  class: text,
  core: text,
  steps: count,
  model: (value) => (DTYPES as readonly unknown[]).includes(value),
  options: isPlainRecord,
  groups: listOf(
    record({
      name: text,
      options: isPlainRecord,
      own: listOf(text),
      amsgrad: flag,
      lr: any,
      weightDecay: any,
      betas: (value) => Array.isArray(value) && value.length === 2 && value.every(finite),
      eps: finite,
      initialLr: orNull(finite),
    }),
  ),
  parameters: listOf(
    record({
      name: text,
      group: text,
      shape: listOf(count),
      step: count,
      lrScale: finite,
      decays: flag,
    }),
  ),
  order: orNull(listOf(text)),
  schedules: listOf(record({ data: isPlainRecord, states: Array.isArray })),
  lossScale: orNull(isPlainRecord),
  accumulation: orNull(
    record({
      microBatches: count,
      average: flag,
      parameters: listOf(record({ name: text, count, sparse: flag })),
    }),
  ),
};

/** @throws CheckpointError BAD_STATE for a text that no optimizer wrote */
export function readSavedState(json: string): SavedState {
  let state: unknown;
  try {
    state = JSON.parse(json);
  } catch (cause) {
    throw bad("ashlar.state", "JSON", (cause as Error).message);
  }
  if (!isPlainRecord(state)) throw bad("ashlar.state", "an object", show(state));
  for (const [key, check] of Object.entries(FIELDS)) {
    if (!check(state[key])) throw bad(key, "what docs/checkpoint.md says of it", show(state[key]));
  }
  const saved = state as unknown as SavedState;
  const groups = new Set(saved.groups.map(({ name }) => name));
  for (const { name, group } of saved.parameters) {
    if (!groups.has(group)) throw bad(`group of ${show(name)}`, "one of the groups", show(group));
  }
  return saved;
}

function bad(what: string, expected: string, got: string): CheckpointError {
  return new CheckpointError("BAD_STATE", mismatch(what, "the checkpoint", expected, got));
}
