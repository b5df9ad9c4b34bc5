import { show, wrongKind, wrongValue } from "../../errors.ts";
import { flag, knownKeys, optionObject } from "../../validate.ts";
import type { TensorEntry } from "../safetensors/tensor.ts";
import type { ReadWeightsOptions } from "./weights.ts";

const WHERE = "the options of readWeights";

/** The options, checked. */
export interface Selection {
  /** Whether it is wanted, by its name in the file. */
  wants(name: string): boolean;
  rename(name: string): string;
  /** Whether a wanted tensor that no parameter can hold is an error. */
  readonly strict: boolean;
}

export function readOptions(options: ReadWeightsOptions = {}): Selection {
  optionObject(options, "options", "readWeights");
  knownKeys(options, ["names", "rename", "strict"], WHERE);
  const { names, rename, strict = names !== undefined } = options;
  checkFunction(names, "names");
  checkFunction(rename, "rename");
  return {
    wants(name) {
      if (names === undefined) return true;
      const wanted: unknown = names(name);
      if (typeof wanted === "boolean") return wanted;
      throw wrongKind(`names(${show(name)})`, WHERE, "true or false", wanted);
    },
    rename(name) {
      if (rename === undefined) return name;
      const renamed: unknown = rename(name);
      if (typeof renamed === "string") return renamed;
      throw wrongKind(`rename(${show(name)})`, WHERE, "a string", renamed);
    },
    strict: flag(strict, "strict", WHERE),
  };
}

function checkFunction(value: unknown, what: string): void {
  if (value === undefined || typeof value === "function") return;
  throw wrongKind(what, WHERE, "a function", value);
}

/** Throws if two tensors would become one parameter. */
export function checkNames(names: ReadonlyMap<TensorEntry, string>): void {
  const seen = new Map<string, string>();
  for (const [tensor, name] of names) {
    const other = seen.get(name);
    if (other !== undefined) {
      const what = `rename(${show(tensor.name)})`;
      throw wrongValue(what, WHERE, `another name than that of ${show(other)}`, name);
    }
    seen.set(name, tensor.name);
  }
}
