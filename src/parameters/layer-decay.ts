import { mismatch, show, wrongValue } from "../errors.ts";
import { ipow } from "../numbers/ipow.ts";
import { conventions } from "./conventions.ts";
import { countBlocks, declareBlocks, type Located } from "./families/blocks.ts";
import { locate, stackNames } from "./families/family.ts";
import { rankLayers } from "./families/ids.ts";
import { locationOf } from "./families/location.ts";
import { bestFamily, type LayerFamily, type LayerOf } from "./families.ts";
import {
  checkOptions,
  type LayerDecayOptions,
  type LayerDecaySettings,
} from "./layer-decay-options.ts";
import type { ParameterInfo } from "./parameter.ts";

export type { LayerDecayOptions, LayerDecaySettings } from "./layer-decay-options.ts";

/** A learning-rate scale for every parameter, by the layer that it lies in. */
export interface LayerDecay {
  /** Tells it from a function of the caller's. */
  readonly kind: "layerDecay";
  /** The options in force. */
  readonly options: LayerDecaySettings;
  /**
   * Places the parameters of an optimizer, all of them, and computes their scales.
   *
   * @throws RangeError the rule does not fit the names, a block lies beyond `layers`, a
   *   name is unmatched and `unmatched` is "throw", a scale is not finite
   * @throws TypeError  a function given as `layerOf` returned something else than a place
   */
  resolve(parameters: readonly ParameterInfo[]): LayerDecayTable;
}

/** The scales of an optimizer's parameters. Asking for another name is a RangeError. */
export interface LayerDecayTable {
  /** Number of blocks, those of all stacks together. */
  readonly layers: number;
  /** The factor of a parameter's learning rate: finite and >= 0. */
  scaleOf(name: string): number;
  /** The layer id: 0 for embeddings, i + 1 for block i, n + 1 for the head; null if unmatched. */
  layerOf(name: string): number | null;
  /** Names that the rule doesn't know, in the order given; their scale is 1. */
  readonly unmatched: readonly string[];
}

const WHERE = "layerDecay";
const SHOWN = 3;

/**
 * Gives every layer its share of the learning rate: the head the whole of it, and each layer below
 * `rate` times that of the one above. `layerOf` says which parameter lies where:
 *
 * ```ts
 * layerDecay({ rate: 0.8, layerOf: families.bert });
 * layerDecay({ rate: 0.8, layerOf: (name) => blockIndexOf[name] ?? "head" });
 * ```
 *
 * Source of the schemes: see `conventions`.
 *
 * @throws TypeError  an option that doesn't exist or is of the wrong kind
 * @throws RangeError an option out of range
 */
export function layerDecay(options: LayerDecayOptions): LayerDecay {
  const settings = checkOptions(options);
  const { layerOf } = options;
  const resolve = (parameters: readonly ParameterInfo[]): LayerDecayTable => {
    const names = parameters.map(({ name }) => name);
    return tabulate(names, layerOf, settings);
  };
  return Object.freeze({ kind: "layerDecay", options: settings, resolve });
}

function tabulate(
  names: readonly string[],
  layerOf: LayerFamily | LayerOf,
  settings: LayerDecaySettings,
): LayerDecayTable {
  const { located, unmatched } = place(names, layerOf);
  checkPlaced(located, unmatched, settings);

  const family = typeof layerOf === "function" ? undefined : layerOf;
  const known = family ? stackNames(family) : namedStacks(located);
  const counted = countBlocks(located);
  const { layers: declared } = settings;
  const stacks = declared === null ? counted : declareBlocks(counted, declared, located, known);
  const { normWithLastBlock, exponent } = conventions[settings.convention];
  const { ranks, layers } = rankLayers(located, stacks, family?.chain, normWithLastBlock);

  const ids = new Map<string, number | null>(unmatched.map((name) => [name, null]));
  const scales = new Map(unmatched.map((name) => [name, 1]));
  for (const [name, rank] of ranks) {
    ids.set(name, rank.id);
    scales.set(name, scaleAt(exponent(rank), settings));
  }
  return Object.freeze({
    layers,
    scaleOf: (name: string) => lookUp(scales, name),
    layerOf: (name: string) => lookUp(ids, name),
    unmatched: Object.freeze(unmatched),
  });
}

function place(names: readonly string[], layerOf: LayerFamily | LayerOf) {
  const located: Located[] = [];
  const unmatched: string[] = [];
  for (const name of names) {
    const found = typeof layerOf === "function" ? layerOf(name) : locate(layerOf, name);
    const location = locationOf(name, found);
    if (location === undefined) unmatched.push(name);
    else located.push({ name, location });
  }
  return { located, unmatched };
}

function namedStacks(located: readonly Located[]): string[] {
  const stacks = located.flatMap(({ location: { stack } }) => (stack === undefined ? [] : [stack]));
  return [...new Set(stacks)];
}

function scaleAt(exponent: number, { rate, minScale }: LayerDecaySettings): number {
  const scale = ipow(rate, exponent);
  if (scale === Infinity) {
    throw wrongValue("rate", WHERE, `a number whose power ${exponent} is finite`, rate);
  }
  return Math.max(minScale, scale);
}

function lookUp<T>(table: ReadonlyMap<string, T>, name: string): T {
  const value = table.get(name);
  if (value !== undefined) return value;
  throw wrongValue("name", "the layer table", "the name of a resolved parameter", name);
}

/**
 * Refuses a rule that doesn't fit the names. Fitting only embeddings and head is the usual symptom
 * of the wrong family (`encoder.layer` where Paddle says `encoder.layers`), and would silently let
 * every block learn at the full rate.
 */
function checkPlaced(
  located: readonly Located[],
  unmatched: readonly string[],
  { layerOf, layers, unmatched: onUnmatched }: LayerDecaySettings,
): void {
  const parts = new Set(located.map(({ location }) => location.part));
  let wanted: string | undefined;
  if (located.length === 0) wanted = "a parameter";
  else if (unmatched.length > 0 && !parts.has("block")) wanted = "a block";
  else if (unmatched.length > 0 && onUnmatched === "throw") wanted = "every parameter";
  if (wanted !== undefined) {
    const rule = layerOf === "custom" ? "the function" : `families.${layerOf}`;
    const got = `${unmatched.length} unmatched of ${located.length + unmatched.length}`;
    const remedy = hint(located, unmatched, layerOf);
    throw new RangeError(
      mismatch("layerOf", WHERE, `${rule} to match ${wanted}`, got + listing(unmatched), remedy),
    );
  }
  if (layers === null && parts.has("embedding") && !parts.has("block")) {
    const remedy = "There are embeddings among the parameters, but no block to count";
    throw new RangeError(mismatch("layers", WHERE, "the number of blocks", "none", remedy));
  }
}

function listing(names: readonly string[]): string {
  if (names.length === 0) return "";
  const rest = names.length > SHOWN ? ", ..." : "";
  return ` (${names.slice(0, SHOWN).map(show).join(", ")}${rest})`;
}

function hint(located: readonly Located[], unmatched: readonly string[], layerOf: string): string {
  const names = [...located.map(({ name }) => name), ...unmatched];
  const best = bestFamily(names);
  if (best !== undefined && best.matched > located.length) {
    return `families.${best.family.name} would match ${best.matched} of ${names.length}`;
  }
  return layerOf === "custom" ? "" : "Where no family fits, give a function of the name";
}
