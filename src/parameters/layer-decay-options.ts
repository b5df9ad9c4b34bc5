import { wrongKind, wrongValue } from "../errors.ts";
import { knownKeys, oneOf, optionObject } from "../validate.ts";
import { conventions, type DecayConvention } from "./conventions.ts";
import type { BlockCounts } from "./families/blocks.ts";
import { isFamily, type LayerFamily, type LayerOf } from "./families/family.ts";

/** What `layerDecay` takes. */
export interface LayerDecayOptions {
  /** Factor from one layer to the one below it: finite and > 0, usually from 0.65 to 0.95. */
  readonly rate: number;
  /** One of `families`, or a function of the parameter's name. */
  readonly layerOf: LayerFamily | LayerOf;
  /** Blocks: of the network, of each stage, or of each stack by name. Default: as the names show. */
  readonly layers?: BlockCounts | undefined;
  /** Which published scheme to follow. Default "beit". */
  readonly convention?: DecayConvention | undefined;
  /** No scale is smaller; from 0 to 1. Default 0. */
  readonly minScale?: number | undefined;
  /** What to do with a name that the rule doesn't know. Default "scale-one": scale 1, and listed. */
  readonly unmatched?: "scale-one" | "throw" | undefined;
}

/** The options in force, as frozen plain data. */
export interface LayerDecaySettings {
  /** Factor from one layer to the one below it. */
  readonly rate: number;
  /** Name of the family, or "custom" for a function. */
  readonly layerOf: string;
  /** null: counted from the names. */
  readonly layers: BlockCounts | null;
  /** Which published scheme is followed. */
  readonly convention: DecayConvention;
  /** No scale is smaller. */
  readonly minScale: number;
  /** What a name leads to that the rule doesn't know. */
  readonly unmatched: "scale-one" | "throw";
}

const WHERE = "layerDecay";
const KEYS: readonly string[] = [
  "rate",
  "layerOf",
  "layers",
  "convention",
  "minScale",
  "unmatched",
] satisfies (keyof LayerDecayOptions)[];

/**
 * Checks the options of `layerDecay` and fills in the defaults.
 *
 * @throws TypeError  an option that doesn't exist or is of the wrong kind
 * @throws RangeError an option out of range
 */
export function checkOptions(options: LayerDecayOptions): LayerDecaySettings {
  knownKeys(optionObject(options, "options", WHERE), KEYS, WHERE);
  const { rate, layerOf, layers, convention = "beit" } = options;
  const { minScale = 0, unmatched = "scale-one" } = options;
  checkNumber("rate", rate, "a finite number > 0", (rate) => rate > 0 && rate < Infinity);
  if (typeof layerOf !== "function" && !isFamily(layerOf)) {
    throw wrongKind("layerOf", WHERE, "one of families, or a function of the name", layerOf);
  }
  oneOf(convention, Object.keys(conventions), "convention", WHERE);
  checkNumber("minScale", minScale, "a number from 0 to 1", (scale) => scale >= 0 && scale <= 1);
  oneOf(unmatched, ["scale-one", "throw"], "unmatched", WHERE);
  return Object.freeze({
    rate,
    layerOf: typeof layerOf === "function" ? "custom" : layerOf.name,
    layers: layers === undefined ? null : blockCounts(layers),
    convention,
    minScale,
    unmatched,
  });
}

function checkNumber(
  what: string,
  value: unknown,
  expected: string,
  fits: (value: number) => boolean,
): void {
  if (typeof value !== "number") throw wrongKind(what, WHERE, expected, value);
  if (!fits(value)) throw wrongValue(what, WHERE, expected, value);
}

/** A frozen copy of `layers`, with every count checked. */
function blockCounts(layers: BlockCounts): BlockCounts {
  if (typeof layers === "number") return blockCount("layers", layers);
  if (Array.isArray(layers) && layers.length > 0) {
    return Object.freeze(
      Array.from(layers, (count: unknown, stage) => blockCount(`layers[${stage}]`, count)),
    );
  }
  if (typeof layers !== "object" || layers === null || Object.keys(layers).length === 0) {
    const expected = "a number, a list of counts by stage, or an object of counts by stack";
    throw wrongKind("layers", WHERE, expected, layers);
  }
  const counts = Object.entries(layers).map(([stack, count]) => {
    return [stack, blockCount(`layers.${stack}`, count)] as const;
  });
  return Object.freeze(Object.fromEntries(counts));
}

function blockCount(what: string, count: unknown): number {
  checkNumber(what, count, "an integer >= 1", (n) => Number.isSafeInteger(n) && n >= 1);
  return count as number;
}
