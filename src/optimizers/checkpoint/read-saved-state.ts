import { mismatch, show } from "../../errors.ts";
import { DTYPES } from "../../parameters/named.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { isPlainRecord } from "../../validate.ts";
import { requireConsistent } from "./consistent-state.ts";
import { type Check, count, finite, flag, listOf, orNull, record, text } from "./field-checks.ts";
import type { SavedState } from "./saved-state.ts";

// The text of a checkpoint's state has a CRC; this is for files that others wrote, or that were made
// to mislead. The options inside are checked by the constructor that takes them.

const atLeast0: Check = (value) => finite(value) && (value as number) >= 0;
const rate: Check = (value) => atLeast0(value) || isPlainRecord(value);

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
      lr: rate,
      weightDecay: rate,
      betas: (value) => Array.isArray(value) && value.length === 2 && value.every(finite),
      eps: atLeast0,
      initialLr: orNull(atLeast0),
    }),
  ),
  parameters: listOf(
    record({
      name: text,
      group: text,
      shape: listOf(count),
      step: count,
      lrScale: atLeast0,
      decays: flag,
      clips: (value) => value === undefined || flag(value),
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

/** Options are a few levels deep; schedules inside of schedules at most 100 of two each. */
const MOST_LEVELS = 250;

/**
 * @throws CheckpointError BAD_STATE for a text that no optimizer wrote, SHARDED for one of a run over
 *   several ranks
 */
export function readSavedState(json: string): SavedState {
  const state = parseState(json);
  const part = partOf(state);
  if (part === null) return checkState(state);
  const remedy =
    "Load the index with ShardedAdamW.load, which takes soloCollective() for one process, or make " +
    "an ordinary checkpoint of it with mergeShards";
  const got = part === "index" ? "the index of shards" : "one shard of several";
  const message = mismatch("ashlar.state", "the checkpoint", "all of a state", got, remedy);
  throw new CheckpointError("SHARDED", message);
}

/** What of a sharded checkpoint a state is of; null for that of a whole optimizer. */
export type Part = "index" | "shard" | null;

export function partOf(state: Readonly<Record<string, unknown>>): Part {
  if (Object.hasOwn(state, "shard")) return "shard";
  return Object.hasOwn(state, "sharded") ? "index" : null;
}

/** @throws CheckpointError BAD_STATE for what is no JSON object, or too deep */
export function parseState(json: string): Record<string, unknown> {
  let state: unknown;
  try {
    state = JSON.parse(json);
  } catch (cause) {
    throw badState("ashlar.state", "JSON", (cause as Error).message);
  }
  if (!isPlainRecord(state)) throw badState("ashlar.state", "an object", show(state));
  if (isDeeper(state, MOST_LEVELS)) {
    throw badState("ashlar.state", `at most ${MOST_LEVELS} levels`, "more");
  }
  return state;
}

/** @throws CheckpointError BAD_STATE */
export function checkState(state: Record<string, unknown>): SavedState {
  for (const [key, check] of Object.entries(FIELDS)) {
    if (check(state[key])) continue;
    throw badState(key, "what docs/checkpoint.md says of it", show(state[key]));
  }
  const saved = state as unknown as SavedState;
  requireConsistent(saved, badState);
  return saved;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

export function badState(what: string, expected: string, got: string): CheckpointError {
  return new CheckpointError("BAD_STATE", mismatch(what, "the checkpoint", expected, got));
}
