import { mismatch } from "../../errors.ts";
import type { Operations } from "./tensorflow.ts";

const known = new WeakMap<Operations, Map<string, unknown>>();

function valuesOf(tf: Operations): Map<string, unknown> {
  const values = known.get(tf) ?? new Map<string, unknown>();
  known.set(tf, values);
  return values;
}

/** Names values that a config cannot hold, so that it can refer to them. */
export function nameValues(tf: Operations, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) valuesOf(tf).set(name, value);
}

/** The name that a value was given; null without one. */
export function nameOf(tf: Operations, value: unknown): string | null {
  for (const [name, each] of valuesOf(tf)) if (each === value) return name;
  return null;
}

/** @throws TypeError where no value has that name */
export function valueNamed(tf: Operations, name: string, where: string): unknown {
  const values = valuesOf(tf);
  if (values.has(name)) return values.get(name);
  const remedy = `A config cannot hold functions: call register(tf, { "${name}": ... }) before`;
  throw new TypeError(mismatch(name, where, "what it was made with", "none", remedy));
}
