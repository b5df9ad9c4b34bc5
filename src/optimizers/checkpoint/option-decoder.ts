import { mismatch, show } from "../../errors.ts";
import { dynamicLossScale, staticLossScale } from "../../gradients/loss-scale.ts";
import { families } from "../../parameters/families.ts";
import { type LayerDecayOptions, layerDecay } from "../../parameters/layer-decay.ts";
import { scheduleFromData } from "../../schedules/from-data.ts";
import type { Schedule } from "../../schedules/schedule.ts";
import { restoreStates } from "../../schedules/schedule-states.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { isPlainRecord, oneOf, optionObject } from "../../validate.ts";
import { fromBase64 } from "./base64.ts";
import { BUILT_IN, type OptionData, type SavedSchedule } from "./option-data.ts";

const WHERE = "the checkpoint's options";

/** Turns data back into options. What two of them shared they share again. */
export class OptionDecoder {
  readonly #saved: readonly SavedSchedule[];
  readonly #made = new Map<number, Schedule>();

  constructor(schedules: readonly SavedSchedule[]) {
    this.#saved = schedules;
  }

  /** @throws CheckpointError BAD_STATE for data that no option is of */
  decode(data: OptionData): unknown {
    return this.#guarded(() => this.#decode(data));
  }

  /** As decode, of each value; keys that were escaped are themselves again. */
  decodeRecord(data: object): Record<string, unknown> {
    return this.#guarded(() => this.#decodeRecord(data));
  }

  #guarded<Result>(decode: () => Result): Result {
    try {
      return decode();
    } catch (cause) {
      const { message } = cause as Error;
      throw new CheckpointError("BAD_STATE", `the checkpoint's options: ${message}`, { cause });
    }
  }

  #decode(data: OptionData): unknown {
    if (Array.isArray(data)) return data.map((each) => this.#decode(each));
    if (typeof data !== "object" || data === null) return data;
    const tagged = tagOf(data);
    return tagged ? this.#decodeTagged(...tagged) : this.#decodeRecord(data);
  }

  #decodeRecord(data: object): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        key.startsWith("$$") ? key.slice(1) : key,
        this.#decode(value),
      ]),
    );
  }

  #decodeTagged(tag: string, data: OptionData): unknown {
    switch (tag) {
      case "$number":
        return Number(data);
      case "$float64":
        return fromBase64(String(data));
      case "$schedule":
        return this.#schedule(data);
      case "$lossScale":
        return this.#lossScale(data);
      case "$layerDecay":
        return this.#layerDecay(data);
      case "$builtIn":
        if (Object.hasOwn(BUILT_IN, String(data))) return BUILT_IN[String(data)];
    }
    throw new RangeError(mismatch(tag, WHERE, "a kind of option that is known", show(data)));
  }

  #schedule(index: OptionData): Schedule {
    const known = this.#made.get(Number(index));
    if (known) return known;
    const saved = this.#saved[Number(index)];
    if (!saved) {
      const expected = `an index below ${this.#saved.length}`;
      throw new RangeError(mismatch("$schedule", WHERE, expected, show(index)));
    }
    const schedule = scheduleFromData(this.#decode(saved.data));
    restoreStates(schedule, saved.states, `the schedule ${schedule.schedule.name}`);
    this.#made.set(Number(index), schedule);
    return schedule;
  }

  #lossScale(data: OptionData): unknown {
    const { kind, settings } = optionObject(this.#decode(data), "$lossScale", WHERE);
    const given = optionObject(settings, "settings", "$lossScale");
    return oneOf(kind, ["static", "dynamic"], "kind", "$lossScale") === "static"
      ? staticLossScale(given.scale as number)
      : dynamicLossScale(given);
  }

  #layerDecay(data: OptionData): unknown {
    const { layerOf, ...settings } = optionObject(this.#decode(data), "$layerDecay", WHERE);
    const names = Object.keys(families) as (keyof typeof families)[];
    const family = families[oneOf(layerOf, names, "layerOf", "$layerDecay")];
    return layerDecay({ ...settings, layerOf: family } as LayerDecayOptions);
  }
}

/** The key and the data of an object that stands for something else. */
function tagOf(data: object): [string, OptionData] | null {
  const [entry, ...more] = Object.entries(data);
  return more.length === 0 && entry && /^\$[^$]/.test(entry[0]) ? entry : null;
}

/** Whether the data stand for a function of the caller's. */
export function isFunction(data: OptionData): boolean {
  return typeof data === "object" && data !== null && tagOf(data)?.[0] === "$function";
}

/** The name of a caller's function in the data, "" where it had none; null without one. */
export function functionIn(data: OptionData): string | null {
  if (typeof data !== "object" || data === null) return null;
  if (isFunction(data)) return String((data as { $function: OptionData }).$function);
  for (const each of Object.values(data)) {
    const found = functionIn(each as OptionData);
    if (found !== null) return found;
  }
  return null;
}

/** The data with its schedules in place, so that data of two tables can be compared. */
export function inPlace(data: OptionData, schedules: readonly SavedSchedule[]): OptionData {
  if (Array.isArray(data)) return data.map((each) => inPlace(each, schedules));
  if (!isPlainRecord(data)) return data;
  const tagged = tagOf(data);
  if (tagged?.[0] === "$schedule") {
    return { $schedule: inPlace(schedules[Number(tagged[1])]?.data ?? null, schedules) };
  }
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, inPlace(value as OptionData, schedules)]),
  );
}
