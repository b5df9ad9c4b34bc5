import { mismatch, show, wrongKind } from "../../errors.ts";
import {
  type OptionData,
  OptionEncoder,
  type SavedSchedule,
} from "../../optimizers/checkpoint/option-data.ts";
import { functionIn, OptionDecoder } from "../../optimizers/checkpoint/option-decoder.ts";
import { isPlainRecord } from "../../validate.ts";
import type { Match, ReadGroup } from "../groups.ts";
import type { ReadOptions } from "./members.ts";
import { nameOf, valueNamed } from "./registry.ts";
import type { Operations } from "./tensorflow.ts";

// A config is one string of JSON. On the way through a file TensorFlow.js rewrites keys and strings
// to snake case and back to camel case, so that its text has neither "_" nor capitals.

type Data = Readonly<Record<string, OptionData>>;

interface Config {
  readonly options: Data;
  readonly groups: readonly { name: string; match: OptionData; options: Data }[];
  readonly schedules: readonly SavedSchedule[];
}

/** The options as text that `readConfig` reads. */
export function writeConfig(tf: Operations, { options, groups }: ReadOptions): string {
  const encoder = new OptionEncoder();
  const encode = (record: object, path: string): Data =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => {
        const name = nameOf(tf, value);
        const data = name === null ? encoder.encode(value) : null;
        // What holds a function is registered as a whole.
        if (data !== null && functionIn(data) === null) return [key, data];
        return [key, { $function: name ?? `${path}${key}` }];
      }),
    );
  const config: Config = {
    options: encode(options, ""),
    groups: groups.map((group) => ({
      name: group.name,
      match: encodeMatch(tf, group),
      options: encode(group.options, `${group.name}.`),
    })),
    schedules: encoder.schedules,
  };
  return JSON.stringify(config).replace(
    /[A-Z_]|[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** @throws TypeError, RangeError for a text that no optimizer wrote, or whose functions are not known */
export function readConfig(tf: Operations, text: unknown, where: string): Record<string, unknown> {
  const { options, groups, schedules } = parse(text, where);
  const decoder = new OptionDecoder(schedules);
  const decode = (data: Data) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => {
        const name = functionIn(value);
        return [key, name === null ? decoder.decode(value) : valueNamed(tf, name, where)];
      }),
    );
  const own = decode(options);
  const decoded = groups.map(({ name, match, options }) => {
    return { ...decode(options), name, match: decodeMatch(tf, match, where) };
  });
  return { ...own, ...(groups.length === 0 ? {} : { groups: decoded }) };
}

function parse(text: unknown, where: string): Config {
  if (typeof text !== "string") throw wrongKind("ashlar", where, "a string", text);
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(mismatch("ashlar", where, "JSON", show(text)), { cause });
  }
  const { options, groups, schedules } = (config ?? {}) as Partial<Config>;
  if (isPlainRecord(options) && Array.isArray(groups) && Array.isArray(schedules)) {
    return config as Config;
  }
  throw new RangeError(mismatch("ashlar", where, "options, groups and schedules", show(text)));
}

function encodeMatch(tf: Operations, { name, match }: ReadGroup): OptionData {
  if (match instanceof RegExp) return { $regexp: [match.source, match.flags] };
  if (typeof match !== "function") return [...match];
  return { $function: nameOf(tf, match) ?? `${name}.match` };
}

function decodeMatch(tf: Operations, data: OptionData, where: string): Match {
  if (Array.isArray(data)) return data as string[];
  const { $regexp } = data as { $regexp?: [string, string] };
  if ($regexp) return new RegExp(...$regexp);
  return valueNamed(tf, functionIn(data) ?? "match", where) as Match;
}

/** Those of some options that a file cannot hold. */
export function heldByFunctions(options: object): Record<string, unknown> {
  const encoder = new OptionEncoder();
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => functionIn(encoder.encode(value)) !== null),
  );
}
