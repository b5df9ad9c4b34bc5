import { wrongKind, wrongValue } from "../errors.ts";
import type { DecayFilter } from "./parameter.ts";

// "norm" or one of its abbreviations as the last word of a module's name ("input_layernorm", "ln",
// "bn1"), or followed by nothing but a short tag ("ln_f", "norm_pre", "layernorm_before"). Whole
// words only: "normalizer_projection" and "abnormal" are no norms. "layrnorm" is CLIP's spelling.
const NORM =
  /(?:^|_)(?:(?:layer|layr|rms|batch|group|instance)?norm|(?:layer|batch|group)_?normali[sz]ation|[lbg]n|grn)(?:_?\d+d?)?(?:_(?:[a-z]|\d+|pre|post|in|out|before|after|first|last|final|embedding))?$/;
const GAIN_OR_SHIFT = /^(?:gamma|beta)(?:_?\d+)?$/;

/**
 * The usual rule for fine-tuning: weight decay for matrices, none for biases and norms.
 *
 * A parameter does not decay when it has fewer than two dimensions, when the last part of its name
 * ends with "bias" or is "gamma" or "beta", or when that part or the module that holds it is a
 * norm. Case doesn't matter; parts are separated by "." or "/".
 *
 * Source: what the trainers of transformers, timm, MindFormers and BEiT each do in their own way.
 */
export const noDecayOnBiasAndNorm: DecayFilter = ({ name, shape }) => {
  if (shape.length < 2) return false;
  const parts = name.replace(/:\d+$/, "").split(/[./]/).map(inWords);
  const last = parts[parts.length - 1];
  if (last.endsWith("bias") || GAIN_OR_SHIFT.test(last)) return false;
  // A list index is not a module's name: "norm.0.weight".
  const named = parts.filter((part) => !/^\d+$/.test(part));
  return !named.slice(-2).some((part) => NORM.test(part));
};

/** "preLayerNorm1" and "RMSNorm" as "pre_layer_norm1" and "rms_norm". */
function inWords(part: string): string {
  return part
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}

/**
 * Makes a filter that keeps weight decay off every parameter whose name contains one of the
 * strings or fits one of the regular expressions; all others decay.
 *
 * @throws TypeError  not a list of strings and regular expressions
 * @throws RangeError an empty list, or an empty string, which would fit every name
 */
export function noDecayOn(patterns: readonly (string | RegExp)[]): DecayFilter {
  const where = "noDecayOn";
  if (!Array.isArray(patterns)) {
    throw wrongKind("patterns", where, "a list of strings and regular expressions", patterns);
  }
  if (patterns.length === 0) throw wrongValue("patterns", where, "at least one pattern", patterns);
  // from() visits the holes of a sparse list too, as undefined.
  const tests = Array.from(patterns, (pattern: unknown, i) => {
    if (typeof pattern === "string") {
      if (pattern !== "") return (name: string) => name.includes(pattern);
      throw wrongValue(`patterns[${i}]`, where, "a string that is not empty", pattern);
    }
    if (!(pattern instanceof RegExp)) {
      throw wrongKind(`patterns[${i}]`, where, "a string or a regular expression", pattern);
    }
    // search() ignores lastIndex, which would make /.../g answer differently every other time.
    const own = new RegExp(pattern);
    return (name: string) => name.search(own) >= 0;
  });
  return ({ name }) => !tests.some((fits) => fits(name));
}
