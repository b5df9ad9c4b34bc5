import type { SavedRun } from "../saved-run.ts";

/** Something that two files say differently; undefined where one does not say it. */
export interface Difference {
  /** What it is said of: "optimizer", "group body", "parameter head.bias", "metadata". */
  readonly where: string;
  readonly what: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** What a file says of one thing. */
export interface Facts {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export function stateDifferences(a: SavedRun, b: SavedRun): Difference[] {
  return differences(runFacts(a), runFacts(b));
}

export function metadataDifferences(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): Difference[] {
  return differences([{ where: "metadata", values: a }], [{ where: "metadata", values: b }]);
}

function runFacts(run: SavedRun): Facts[] {
  const { class: className, core, steps, model, order, options } = run;
  const { lossScale, accumulation, groups, parameters } = run;
  // Schedules themselves are where they are used.
  const scheduleStates = run.schedules.map(({ states }) => states);
  const facts: Facts[] = [
    { where: "optimizer", values: { class: className, core, steps, model, order, scheduleStates } },
    { where: "options", values: options },
    { where: "loss scale", values: { ...lossScale } },
    { where: "accumulation", values: { ...accumulation } },
  ];
  for (const { name, options, nextLr, nextWeightDecay, ...values } of groups) {
    facts.push({ where: `group ${name}`, values: { ...values, ...options } });
  }
  for (const { name, ...values } of parameters) {
    facts.push({ where: `parameter ${name}`, values });
  }
  return facts;
}

export function differences(a: readonly Facts[], b: readonly Facts[]): Difference[] {
  const others = new Map(b.map(({ where, values }) => [where, values]));
  const found = a.flatMap(({ where, values }) => {
    const other = others.get(where) ?? {};
    others.delete(where);
    return between(where, values, other);
  });
  return [...found, ...[...others].flatMap(([where, values]) => between(where, {}, values))];
}

function between(where: string, a: Facts["values"], b: Facts["values"]): Difference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((what) => ({ where, what, a: own(a, what), b: own(b, what) }))
    .filter((each) => JSON.stringify(each.a) !== JSON.stringify(each.b));
}

/** Not what an object inherits: keys of metadata are anybody's. */
const own = (values: Facts["values"], key: string) =>
  Object.hasOwn(values, key) ? values[key] : undefined;
