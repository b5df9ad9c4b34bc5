import type { Slabs } from "../core/slabs.ts";
import { show, wrongKind, wrongValue } from "../errors.ts";
import { isFloat32Array, isPlainRecord } from "../validate.ts";
import type { Entry } from "./entry.ts";

/** A gradient for each named parameter; null, like absence, leaves the parameter as it is. */
export type NamedGradients = Readonly<Record<string, Float32Array | null>>;

interface NamedGradient {
  readonly entry: Entry;
  readonly gradient: Float32Array;
}

/**
 * Checks all gradients before any is written; gives them in the order of the parameters.
 *
 * @throws TypeError for a wrong kind; RangeError for an unknown name or a wrong length
 */
export function readGradients(
  gradients: NamedGradients,
  byName: ReadonlyMap<string, Entry>,
): NamedGradient[] {
  if (!isPlainRecord(gradients)) {
    throw wrongKind("gradients", "step", "a record of name to Float32Array", gradients);
  }
  const named: NamedGradient[] = [];
  for (const [name, gradient] of Object.entries(gradients)) {
    const entry = byName.get(name);
    if (!entry) throw wrongValue("gradients", "step", "names of parameters", name);
    if (gradient === null) continue;
    if (!isFloat32Array(gradient)) {
      const expected = "a Float32Array, or null to leave it as it is";
      throw wrongKind("gradient", `parameter ${show(name)}`, expected, gradient);
    }
    if (gradient.length !== entry.length) {
      const expected = `${entry.length} elements`;
      throw wrongValue("gradient", `parameter ${show(name)}`, expected, gradient.length);
    }
    named.push({ entry, gradient });
  }
  return named.sort((a, b) => a.entry.index - b.entry.index);
}

/** Copies a gradient into the planes of its parameter. */
export function writeGradient(slabs: Slabs, { entry, gradient }: NamedGradient): void {
  for (const part of slabs.partsOf(entry.index)) {
    const { first, length } = part.segment;
    const whole = length === gradient.length;
    slabs.setGradient(part, whole ? gradient : gradient.subarray(first, first + length));
  }
}
