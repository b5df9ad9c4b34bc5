import { isPlainRecord } from "../../validate.ts";
import type { Difference } from "./load-options.ts";
import type { OptionData } from "./option-data.ts";
import { isFunction } from "./option-decoder.ts";

/** What the classes take for an option that is missing, where that is something. */
const DEFAULTS: Readonly<Record<string, OptionData>> = {
  amsgrad: false,
  arithmetic: "intended",
  centralize: false,
  gradCentralization: false,
  gradNorm: false,
  layerwiseDecay: 1,
  lazy: false,
  lazyMode: false,
  lrScale: 1,
  maximize: false,
  multiPrecision: false,
  nLayers: 12,
  nonFinite: "throw",
  setParamLrFun: { $builtIn: "layerwiseLrDecay" },
  useFused: false,
  zeroGradients: false,
};

/** The rule of the class's own is the default of an option whose null says something else. */
const NULL_SAYS_MORE = "setParamLrFun";

/** An option in force: its own value, or the default where it is missing. null: it has none. */
export function optionIn(
  options: Readonly<Record<string, OptionData>>,
  option: string,
): OptionData {
  const own = Object.hasOwn(options, option) ? options[option] : undefined;
  if (option === "precision") return wholePrecision(own ?? {});
  if (own === undefined || (own === null && option !== NULL_SAYS_MORE)) {
    // lrScale is 1 of a group; of all parameters it is a rule.
    return option === "lrScale" ? null : defaultOf(option);
  }
  return own;
}

export function defaultOf(option: string): OptionData {
  return Object.hasOwn(DEFAULTS, option) ? DEFAULTS[option] : null;
}

function wholePrecision(precision: OptionData): OptionData {
  if (!isPlainRecord(precision)) return precision;
  const { model = "float32", gradients = "float32", master = true } = precision;
  return { model, gradients, ...(master === true ? {} : { master }) } as OptionData;
}

/** One difference, or none where the two say the same. */
export function difference(
  where: string,
  option: string,
  file: OptionData,
  given: OptionData,
): Difference[] {
  // Two functions cannot be compared; what they answer can.
  const same = isFunction(file) && isFunction(given);
  if (same || canonical(file) === canonical(given)) return [];
  return [{ where, option, file, given }];
}

/** The order of keys says nothing, and a null no more than a key that is missing. */
function canonical(data: OptionData): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (!isPlainRecord(value)) return value;
    const entries = Object.entries(value).filter(([, each]) => each !== null);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
