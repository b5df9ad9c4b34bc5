import { isLossScale, type LossScale } from "../../gradients/loss-scale.ts";
import { noDecayOnBiasAndNorm } from "../../parameters/decay-filter.ts";
import type { LayerDecay } from "../../parameters/layer-decay.ts";
import { dataIn, isSchedule, type Schedule, type ScheduleData } from "../../schedules/schedule.ts";
import { scheduleStates } from "../../schedules/schedule-states.ts";
import { isPlainRecord } from "../../validate.ts";
import { layerwiseLrDecay } from "../adamw-dl-layers.ts";
import { toBase64 } from "./base64.ts";

/**
 * An option as JSON holds it. What JSON has no word for is an object with one key that begins with
 * "$"; a key of the caller's that does so has another "$" in front.
 *
 *   {"$number": "NaN"}        a number that JSON lacks: NaN, Infinity, -Infinity, -0
 *   {"$float64": "..."}       a long list of numbers: base64 of float64, little-endian
 *   {"$schedule": 0}          a schedule of the table
 *   {"$lossScale": {...}}     its kind and settings; its state is apart
 *   {"$layerDecay": {...}}    its settings; layerOf is the name of one of families, or a $function
 *   {"$builtIn": "..."}       a function of this package
 *   {"$function": "..."}      a function of the caller's, of that name: it must be given again
 */
export type OptionData =
  | null
  | boolean
  | number
  | string
  | readonly OptionData[]
  | { readonly [key: string]: OptionData };

/** A schedule as saved: groups that share one share it again. */
export interface SavedSchedule {
  readonly data: OptionData;
  /** What it and the schedules inside of it were told, where they follow a metric. */
  readonly states: readonly unknown[];
}

/** Functions of this package that options may be. */
export const BUILT_IN: Readonly<Record<string, unknown>> = Object.freeze({
  noDecayOnBiasAndNorm,
  layerwiseLrDecay,
});

const LONG_LIST = 1_000;

/** Turns options into data; schedules go into one table, each once. */
export class OptionEncoder {
  readonly schedules: SavedSchedule[] = [];
  readonly #known = new Map<Schedule, number>();

  encode(value: unknown): OptionData {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number") return encodeNumber(value);
    if (typeof value === "function") return this.#encodeFunction(value);
    if (isLossScale(value)) return { $lossScale: encodeLossScale(value) };
    if (isLayerDecay(value)) return encodeLayerDecay(value);
    if (Array.isArray(value)) {
      const numbers = value.length > LONG_LIST && value.every((each) => typeof each === "number");
      return numbers ? { $float64: toBase64(value) } : value.map((each) => this.encode(each));
    }
    if (isPlainRecord(value)) return this.encodeRecord(value);
    return { $function: Object.prototype.toString.call(value) };
  }

  encodeRecord(record: object): { readonly [key: string]: OptionData } {
    const entries = Object.entries(record).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
      entries.map(([key, value]) => [key.startsWith("$") ? `$${key}` : key, this.encode(value)]),
    );
  }

  // biome-ignore lint/complexity/noBannedTypes: whatever function an option is
  #encodeFunction(value: Function): OptionData {
    const builtIn = Object.entries(BUILT_IN).find(([, known]) => known === value);
    if (builtIn) return { $builtIn: builtIn[0] };
    if (!isSchedule(value)) return { $function: value.name };
    if (holdsFunction(value.schedule)) return { $function: value.schedule.name };
    return { $schedule: this.#place(value) };
  }

  #place(schedule: Schedule): number {
    const known = this.#known.get(schedule);
    if (known !== undefined) return known;
    const data = this.encode(schedule.schedule);
    this.schedules.push({ data, states: scheduleStates(schedule) });
    this.#known.set(schedule, this.schedules.length - 1);
    return this.schedules.length - 1;
  }
}

function encodeNumber(value: number): OptionData {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { $number: Object.is(value, -0) ? "-0" : String(value) };
}

function encodeLossScale({ kind, settings }: LossScale): OptionData {
  return { kind, settings: settings as unknown as OptionData };
}

function isLayerDecay(value: unknown): value is LayerDecay {
  const rule = value as Partial<LayerDecay> | undefined;
  return typeof rule === "object" && typeof rule.resolve === "function";
}

function encodeLayerDecay({ kind, options }: LayerDecay): OptionData {
  // A rule that only looks like ours.
  if (kind !== "layerDecay") return { $function: "resolve" };
  const { layers, layerOf, ...rest } = options;
  const settings = {
    ...rest,
    ...(layers === null ? {} : { layers }),
    layerOf: layerOf === "custom" ? { $function: "layerOf" } : layerOf,
  };
  return { $layerDecay: settings as unknown as OptionData };
}

/** Of such a schedule the data only say "function". */
function holdsFunction({ name, options }: ScheduleData): boolean {
  if (name === "lambda" || name === "multiplicative") return true;
  return dataIn(options).some(holdsFunction);
}
