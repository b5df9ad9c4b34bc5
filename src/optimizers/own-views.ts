import type { Slabs } from "../core/slabs.ts";
import { mismatch, show } from "../errors.ts";
import type { Entry } from "./entry.ts";
import type { NamedGradient } from "./gradient-input.ts";

type Values = Float32Array | Uint16Array;

/** What a call copies into a plane of a parameter. */
export interface Copied {
  readonly entry: Entry;
  readonly from: Values;
  readonly plane: "param" | "grad" | "grad16";
  /** Whether it is copied out before its own parameter is written. */
  readonly apart?: boolean;
}

/**
 * Refuses what lies where the same call writes another parameter, or elsewhere in its own: they are
 * copied one after the other, and it would be overwritten before its turn. A parameter's own view is
 * fine, and so is whatever the call does not write.
 *
 * @param what how messages call it: "gradient"
 * @throws RangeError naming both parameters
 */
export function refuseOverlaps(slabs: Slabs, copied: readonly Copied[], what: string): void {
  for (const one of copied) {
    if (!slabs.owns(one.from.buffer) || isOwnView(slabs, one)) continue;
    const written = copied.find(
      (each) =>
        targetsOf(slabs, each).some((into) => overlap(one.from, into)) &&
        !isOwnView(slabs, each) &&
        !(each === one && one.apart),
    );
    if (!written) continue;
    const got = `memory of parameter ${show(written.entry.name)}, which the same call writes`;
    const where = `parameter ${show(one.entry.name)}`;
    const expected = "an array of the caller's, or the view of its own";
    throw new RangeError(mismatch(what, where, expected, got, "Give a copy"));
  }
}

/** What a step or a micro-batch copies. */
export function copiedGradients(named: readonly NamedGradient[]): Copied[] {
  return named.map(({ entry, gradient }) => {
    if (gradient.kind === "half") return { entry, from: gradient.bits, plane: "grad16" };
    if (gradient.kind === "dense") return { entry, from: gradient.values, plane: "grad" };
    return { entry, from: gradient.rows.values, plane: "grad", apart: true };
  });
}

function targetsOf(slabs: Slabs, { entry: { index }, plane }: Copied): Values[] {
  return slabs
    .partsOf(index)
    .map((part) => (plane === "grad16" ? slabs.gradient16(part) : slabs.floats(part, plane)));
}

/** Copying it where it is changes nothing. */
function isOwnView(slabs: Slabs, one: Copied): boolean {
  const { buffer, byteOffset, byteLength } = one.from;
  return targetsOf(slabs, one).some(
    (into) =>
      into.buffer === buffer && into.byteOffset === byteOffset && into.byteLength === byteLength,
  );
}

function overlap(a: Values, b: Values): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  );
}
