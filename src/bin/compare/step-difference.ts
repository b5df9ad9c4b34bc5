import type { Checksums, LedgerParameter, StepRecord } from "../../ledger/format.ts";

/** Something of a step that A and B say differently. */
export interface Value {
  readonly what: string;
  /** Null where it is of the step as a whole. */
  readonly parameter: string | null;
  /** Undefined where one does not say it. */
  readonly a: string | number | boolean | null | undefined;
  readonly b: string | number | boolean | null | undefined;
}

/** All in which a step of A and one of B are not the same, what comes first in a step first. */
export interface StepDifference {
  /** The step that was applied or skipped, from 1. */
  readonly step: number;
  readonly lines: { readonly a: number; readonly b: number };
  /** Learning rates and the loss scale. */
  readonly settings: readonly Value[];
  /** Checksums of gradients, 16 hex digits; undefined of a parameter that took no part. */
  readonly gradients: readonly Value[];
  /** What the step made of them: the norm, whether it was applied. */
  readonly outcome: readonly Value[];
  /** Checksums of weights and moments. */
  readonly states: readonly Value[];
}

/** Where a step parted, as far as the two lines tell. */
export type Side = "settings" | "gradients" | "optimizer";

export function sideOf({ settings, gradients }: StepDifference): Side {
  if (settings.length > 0) return "settings";
  return gradients.length > 0 ? "gradients" : "optimizer";
}

/**
 * Null where both say the same.
 *
 * @param parameters of both, in the order of their names
 * @param states     whether both check the same blocks
 */
export function stepDifference(
  a: StepRecord,
  b: StepRecord,
  parameters: readonly LedgerParameter[],
  states: boolean,
): StepDifference | null {
  const taking = { a: partOf(a, parameters.length), b: partOf(b, parameters.length) };
  const found: StepDifference = {
    step: numberOf(a),
    lines: { a: a.line, b: b.line },
    settings: settingsOf(a, b),
    gradients: checksumDifferences("gradient", a.gradient, b.gradient, parameters, taking),
    outcome: outcomeOf(a, b),
    states: states ? checksumDifferences("state", a.state, b.state, parameters, taking) : [],
  };
  const { settings, gradients, outcome } = found;
  return [settings, gradients, outcome, found.states].some(({ length }) => length > 0)
    ? found
    : null;
}

/** The number of a step, also of one that was skipped, from 1. */
export const numberOf = ({ step, applied }: StepRecord) => step + (applied ? 0 : 1);

/** Undefined where all took part. */
function partOf({ absent }: StepRecord, count: number): Uint8Array | undefined {
  if (absent.length === 0) return undefined;
  const part = new Uint8Array(count).fill(1);
  for (const index of absent) part[index] = 0;
  return part;
}

function settingsOf(a: StepRecord, b: StepRecord): Value[] {
  const found: Value[] = [];
  for (const group of new Set([...Object.keys(a.lr), ...Object.keys(b.lr)])) {
    add(found, `lr of ${group}`, a.lr[group], b.lr[group]);
  }
  add(found, "loss scale", a.scale, b.scale);
  return found;
}

function outcomeOf(a: StepRecord, b: StepRecord): Value[] {
  const found: Value[] = [];
  add(found, "applied", a.applied, b.applied);
  // Of two that were recorded with other options, one may not have asked for it.
  if (a.norm !== null && b.norm !== null) add(found, "gradient norm", a.norm, b.norm);
  add(found, "non-finite", badOf(a), badOf(b));
  return found;
}

function badOf({ nonFinite }: StepRecord): string {
  return nonFinite ? `${nonFinite.value} at ${nonFinite.index} of ${nonFinite.parameter}` : "none";
}

function add(to: Value[], what: string, a: Value["a"], b: Value["b"]): void {
  if (!Object.is(a, b)) to.push({ what, parameter: null, a, b });
}

interface Taking {
  readonly a: Uint8Array | undefined;
  readonly b: Uint8Array | undefined;
}

/** Names of those whose checksums differ, by their order. */
export function checksumDifferences(
  what: string,
  a: Checksums,
  b: Checksums,
  parameters: readonly LedgerParameter[],
  taking: Taking = { a: undefined, b: undefined },
): Value[] {
  if (a.total === b.total && !taking.a && !taking.b) return [];
  const found: Value[] = [];
  parameters.forEach(({ name }, index) => {
    const inA = taking.a?.[index] !== 0;
    const inB = taking.b?.[index] !== 0;
    if (inA === inB && a.each[index] === b.each[index]) return;
    found.push({
      what,
      parameter: name,
      a: inA ? hex(a.each[index]) : undefined,
      b: inB ? hex(b.each[index]) : undefined,
    });
  });
  return found;
}

const hex = (checksum: bigint) => checksum.toString(16).padStart(16, "0");
