import type { HeaderRecord, LedgerConfiguration, LedgerParameter } from "../../ledger/format.ts";
import { isPlainRecord } from "../../validate.ts";
import { type Difference, differences, type Facts } from "../diff/state-differences.ts";

// What two ledgers say of their runs before the first step.

/** Parameters that cannot be held beside each other. */
export interface ParameterDifferences {
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  readonly shapes: readonly Difference[];
}

/** Null where names and shapes are the same. */
export function parameterDifferences(
  a: readonly LedgerParameter[],
  b: readonly LedgerParameter[],
): ParameterDifferences | null {
  const inA = new Map(a.map((parameter) => [parameter.name, parameter]));
  const inB = new Map(b.map((parameter) => [parameter.name, parameter]));
  const onlyInA = [...inA.keys()].filter((name) => !inB.has(name));
  const onlyInB = [...inB.keys()].filter((name) => !inA.has(name));
  const shapeFacts = (parameters: ReadonlyMap<string, LedgerParameter>, missing: string[]) =>
    [...parameters.values()]
      .filter(({ name }) => !missing.includes(name))
      .map(({ name, shape }): Facts => ({ where: `parameter ${name}`, values: { shape } }));
  const shapes = differences(shapeFacts(inA, onlyInA), shapeFacts(inB, onlyInB));
  const found = onlyInA.length + onlyInB.length + shapes.length;
  return found > 0 ? { onlyInA, onlyInB, shapes } : null;
}

/** The class, the options, and what groups and rules give each parameter. */
export function optionDifferences(
  a: Configured,
  b: Configured,
  /** Whether both begin at the same step: what moves with the steps counts only then. */
  together: boolean,
): Difference[] {
  const names = (of: Configured) => new Set(of.parameters.map(({ name }) => name));
  // What only one has is told by itself.
  return differences(optionFacts(a, names(b), together), optionFacts(b, names(a), together));
}

type Configured = LedgerConfiguration & Pick<HeaderRecord, "class">;

function optionFacts(
  { class: className, options, parameters }: Configured,
  inBoth: ReadonlySet<string>,
  together: boolean,
): Facts[] {
  const { groups, lossScale, ...more } = options;
  const facts: Facts[] = [
    { where: "optimizer", values: { class: className } },
    { where: "options", values: more },
    { where: "loss scale", values: lossScaleFacts(lossScale, together) },
  ];
  for (const group of Array.isArray(groups) ? groups : []) {
    if (!isPlainRecord(group)) continue;
    const { name, ...values } = group;
    facts.push({ where: `group ${name}`, values });
  }
  for (const { name, shape, ...values } of parameters) {
    if (inBoth.has(name)) facts.push({ where: `parameter ${name}`, values });
  }
  return facts;
}

function lossScaleFacts(lossScale: unknown, together: boolean): Facts["values"] {
  if (!isPlainRecord(lossScale)) return { kind: "none" };
  const { kind, settings, state } = lossScale;
  return {
    kind,
    ...(isPlainRecord(settings) ? settings : {}),
    ...(isPlainRecord(state) && together ? { state } : {}),
  };
}

/** What recorded them. It does not make runs other ones: the bits are to be the same everywhere. */
export function recorderDifferences(a: HeaderRecord, b: HeaderRecord): Difference[] {
  return differences([recorderFacts(a)], [recorderFacts(b)]);
}

function recorderFacts(header: HeaderRecord): Facts {
  const { engine, core, threads, stride, step, note } = header;
  const { kernel, sha256, abi } = core;
  const values = {
    engine,
    ashlar: header.package,
    kernel,
    core: sha256.slice(0, 16),
    abi,
    threads,
    stride,
    "first step": step + 1,
    note,
  };
  return { where: "recorder", values };
}
