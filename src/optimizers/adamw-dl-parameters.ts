import { mismatch, show, wrongKind } from "../errors.ts";
import { readGroups } from "../parameters/groups.ts";
import { isIterable, type NamedParameter, type ParameterSpec } from "../parameters/named.ts";
import { finiteAtLeast, isPlainRecord, knownKeys, optionObject } from "../validate.ts";

/** A parameter's own multiplier of the learning rate, as Paddle's ParamAttr has it. Default 1. */
export interface AdamWDLParameterSpec extends ParameterSpec {
  /** As Paddle's ParamAttr has it. */
  readonly optimizeAttr?: {
    /** Multiplies the learning rate. Default 1. */
    readonly learningRate?: number;
  };
}

/** Parameters by name: a record, or an iterable of named specs. No groups, as in the original. */
export type AdamWDLParameters =
  | Readonly<Record<string, Float32Array | AdamWDLParameterSpec>>
  | Iterable<
      AdamWDLParameterSpec & {
        /** The parameter's name. */
        readonly name: string;
      }
    >;

export interface ReadParameters {
  readonly parameters: readonly NamedParameter[];
  readonly multiplierOf: (name: string) => number;
}

/** @throws TypeError where there are none, or groups; TypeError, RangeError for a bad parameter */
export function readParameters(input: unknown): ReadParameters {
  if (input === undefined || input === null) {
    const expected = "a record of name to Float32Array, or an iterable of { name, shape, data }";
    throw wrongKind("parameters", "AdamWDL", expected, input);
  }
  const multipliers = new Map<string, number>();
  const plain = withoutAttributes(input, multipliers);
  const [group] = readGroups(plain);
  return {
    parameters: group.parameters,
    multiplierOf: (name) => multipliers.get(name) ?? 1,
  };
}

/** The same parameters as the other classes take them; their multipliers go into the map. */
function withoutAttributes(input: unknown, multipliers: Map<string, number>): unknown {
  const strip = (name: unknown, spec: unknown): unknown => {
    if (!isPlainRecord(spec) || typeof name !== "string") return spec;
    const { optimizeAttr, ...rest } = spec;
    if (optimizeAttr !== undefined) multipliers.set(name, readMultiplier(optimizeAttr, name));
    return rest;
  };
  if (isIterable(input) && !ArrayBuffer.isView(input)) {
    return Array.from(input, (entry) => {
      if (!isPlainRecord(entry)) return entry;
      if (Object.hasOwn(entry, "params")) throw groupsRefused();
      return strip(entry.name, entry);
    });
  }
  if (!isPlainRecord(input)) return input;
  return Object.fromEntries(Object.entries(input).map(([name, spec]) => [name, strip(name, spec)]));
}

function readMultiplier(attribute: unknown, name: string): number {
  const where = `parameter ${show(name)}`;
  const options = optionObject(attribute, "optimizeAttr", where);
  knownKeys(options, ["learningRate"], `optimizeAttr of ${where}`);
  const { learningRate = 1 } = options;
  return finiteAtLeast(learningRate, 0, "optimizeAttr.learningRate", where);
}

function groupsRefused(): TypeError {
  const remedy = "Layers have their rates by setParamLrFun; AdamW takes groups";
  return new TypeError(mismatch("parameters", "AdamWDL", "parameters", "param groups", remedy));
}
