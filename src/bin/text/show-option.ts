import { show } from "../../errors.ts";
import { fromBase64 } from "../../optimizers/checkpoint/base64.ts";
import type { OptionData } from "../../optimizers/checkpoint/option-data.ts";

// An option of a checkpoint as short text. Schedules are in their places (`inPlace`).

type Data = Readonly<Record<string, OptionData>>;

/** A short text: `0.01`, `cosineWithWarmup(peak 0.0005, ...)`, `dynamicLossScale(...)`. */
export function showOption(data: OptionData): string {
  if (Array.isArray(data)) return showList(data);
  if (typeof data !== "object" || data === null) return String(data);
  const record = data as Data;
  const [entry, ...more] = Object.entries(record);
  if (entry && more.length === 0 && /^\$[^$]/.test(entry[0])) return showTagged(...entry);
  if (isNamed(record)) return call(record.name, record.options);
  return `{ ${showFields(record)} }`;
}

function showTagged(tag: string, data: OptionData): string {
  const record = (typeof data === "object" && data !== null ? data : {}) as Data;
  switch (tag) {
    case "$number":
    case "$builtIn":
      return String(data);
    case "$schedule":
      return showOption(data);
    case "$float64":
      return showNumbers(String(data));
    case "$lossScale":
      return call(`${String(record.kind)}LossScale`, record.settings as Data);
    case "$layerDecay":
      return call("layerDecay", record);
    case "$function":
      return data === "" ? "a function" : `function ${String(data)}`;
    default:
      return show(JSON.stringify({ [tag]: data }));
  }
}

/** A schedule's data: a name and options. */
function isNamed(record: Data): record is { readonly name: string; readonly options: Data } {
  const { name, options } = record;
  return typeof name === "string" && typeof options === "object" && options !== null;
}

function call(name: string, options: Data | undefined): string {
  return `${name}(${showFields(options ?? {})})`;
}

const showFields = (record: Data) =>
  Object.entries(record)
    .map(([key, value]) => `${key} ${showOption(value)}`)
    .join(", ");

const MOST_LISTED = 4;

function showList(list: readonly OptionData[]): string {
  if (list.length <= MOST_LISTED) return `[${list.map(showOption).join(", ")}]`;
  return `[${showOption(list[0])}, ${list.length - 2} more, ${showOption(list.at(-1) ?? null)}]`;
}

function showNumbers(base64: string): string {
  try {
    return showList(fromBase64(base64));
  } catch {
    return "[damaged]";
  }
}
