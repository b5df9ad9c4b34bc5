import { show, wrongKind, wrongValue } from "../errors.ts";
import { ipow } from "../numbers/ipow.ts";
import type { LrScaleFunction, ParameterInfo } from "../parameters/parameter.ts";
import { finiteAtLeast } from "../validate.ts";

/** Dynamic name of a parameter -> its static name, such as "encoder.layers.3.linear1.weight". */
export type NameDict = Readonly<Record<string, string>>;

/** A parameter as AdamWDL's layer functions see it. */
export interface AdamWDLParameter extends ParameterInfo {
  /** `learningRate` multiplies the learning rate; a function may assign it instead of returning. */
  readonly optimizeAttr: {
    /** The parameter's own multiplier, then what the layer rule makes of it. */
    learningRate: number;
  };
}

/**
 * Says by how much a parameter's learning rate is multiplied: returns the ratio, or assigns
 * `param.optimizeAttr.learningRate` and returns nothing. Asked once, at construction.
 */
export type SetParamLrFunction = (
  decayRate: number,
  nameDict: NameDict,
  nLayers: number,
  param: AdamWDLParameter,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that only assigns returns void
) => number | void;

const LAYERS = "encoder.layers";
const EMBEDDING = "embedding";

/**
 * AdamWDL's own layer rule: with d the decayRate and n the nLayers, d^(n - i) for
 * "encoder.layers.i", d^(n + 1) for embeddings, 1 for everything else.
 *
 * Its documentation counts one power less (the top layer keeps the full rate): that is
 * `layerDecay({ convention: "paddle-doc" })` of AdamW.
 *
 * @throws RangeError for a name that nameDict lacks, "encoder.layers" without an index, and a layer
 *   index >= nLayers, which the original would give a rate above the head's
 * Source: layerwise_lr_decay in paddlenlp/ops/optimizer/adamwdl.py.
 */
export function layerwiseLrDecay(
  decayRate: number,
  nameDict: NameDict,
  nLayers: number,
  param: { readonly name: string },
): number {
  const staticName: unknown = Object.hasOwn(nameDict, param.name)
    ? nameDict[param.name]
    : undefined;
  const where = `parameter ${show(param.name)}`;
  if (staticName === undefined) {
    throw wrongValue("nameDict", where, "its static name", staticName, "Add it to nameDict");
  }
  if (typeof staticName !== "string") {
    throw wrongKind("nameDict", where, "its static name, a string", staticName);
  }
  if (staticName.includes(LAYERS)) {
    const index = /encoder\.layers\.(\d+)(?=\.|$)/.exec(staticName)?.[1];
    const expected = "a layer index after encoder.layers";
    if (index === undefined) throw wrongValue("static name", where, expected, staticName);
    const layer = Number(index);
    if (layer >= nLayers) {
      throw wrongValue("layer", where, `an index below nLayers, ${nLayers}`, layer);
    }
    return ipow(decayRate, nLayers - layer);
  }
  return staticName.includes(EMBEDDING) ? ipow(decayRate, nLayers + 1) : 1;
}

/** What AdamWDL's options say about layers, validated. */
export interface LayerRule {
  readonly layerwiseDecay: number;
  readonly nLayers: number;
  readonly setParamLrFun: SetParamLrFunction | null;
  readonly nameDict: NameDict;
  /** Whether each name is its own static name, as no nameDict was given. */
  readonly ownNames: boolean;
  /** A parameter's own multiplier, 1 where it has none. */
  readonly multiplierOf: (name: string) => number;
}

/** Turns the layer rule into a factor of each parameter's learning rate. */
export function layerScale(rule: LayerRule): LrScaleFunction {
  const { layerwiseDecay, nameDict, nLayers, setParamLrFun, multiplierOf } = rule;
  return (info) => {
    const multiplier = multiplierOf(info.name);
    if (setParamLrFun === null) return multiplier;
    if (rule.ownNames) addOwnName(nameDict, info.name);
    const attribute = new AssignedRate(multiplier);
    const param = { ...info, optimizeAttr: attribute };
    const ratio: unknown = setParamLrFun(layerwiseDecay, nameDict, nLayers, param);
    const where = `parameter ${show(info.name)}`;
    const own = finiteAtLeast(attribute.learningRate, 0, "optimizeAttr.learningRate", where);
    if (ratio !== undefined && ratio !== null) {
      return own * finiteAtLeast(ratio, 0, "setParamLrFun", where);
    }
    if (attribute.assigned) return own;
    const expected = "a ratio, or optimizeAttr.learningRate to be assigned";
    throw wrongKind("setParamLrFun", where, expected, ratio);
  };
}

/** A parameter that came later is its own static name too. */
function addOwnName(nameDict: NameDict, name: string): void {
  if (Object.hasOwn(nameDict, name)) return;
  Object.defineProperty(nameDict, name, { value: name, enumerable: true, writable: true });
}

/**
 * Warns of a layer decay that finds no layer: the names of most models are not those that the rule
 * knows, and embeddings alone would get a rate of their own. A rule of the caller's knows better.
 */
export function warnOfNoLayers(rule: LayerRule, names: readonly string[]): void {
  const { layerwiseDecay, setParamLrFun, nameDict } = rule;
  if (layerwiseDecay === 1 || setParamLrFun !== layerwiseLrDecay) return;
  const staticNames = names.map((name) => nameDict[name]);
  if (staticNames.some((name) => name.includes(LAYERS))) return;
  const example = staticNames.find((name) => !name.includes(EMBEDDING)) ?? staticNames[0];
  console.warn(
    `ashlar: "layerwiseDecay" of the options is ${layerwiseDecay}, but its rule finds no layer: it ` +
      `looks for "${LAYERS}.N" in names such as ${show(example)}. Give nameDict or setParamLrFun, ` +
      "or use AdamW with lrScale: layerDecay({ rate, layerOf: families.bert }) or another family",
  );
}

/** Knows whether it was assigned: a function may well assign 1 times what there was. */
class AssignedRate {
  assigned = false;
  #learningRate: number;

  constructor(learningRate: number) {
    this.#learningRate = learningRate;
  }

  get learningRate(): number {
    return this.#learningRate;
  }
  set learningRate(learningRate: number) {
    this.#learningRate = learningRate;
    this.assigned = true;
  }
}
