import * as names from "./names.ts";
import { type Case, NANOSECONDS, type Place, type SuiteResult } from "./result.ts";
import { fastestOf, medianOf, ratioOf, type Spread } from "./statistics.ts";

// What the benchmarks are for: each row is one promise about a ratio of times within one run.

/** A figure of one case, and how far its rounds lie apart. */
export interface Finding {
  readonly value: number;
  readonly spread?: Spread;
  /** The case that it is of. */
  readonly where: string;
}

export interface Target {
  readonly title: string;
  readonly suite: string;
  readonly place: Place;
  /** null: no promise, but the figure belongs into the table. */
  readonly bound: { readonly kind: "at least" | "at most"; readonly value: number } | null;
  readonly format: (value: number) => string;
  /** The figure of one case; undefined where a contender didn't run. */
  readonly measure: (one: Case) => Finding | undefined;
}

const times = (value: number) => `${value.toFixed(2)}x`;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const kilobytes = (value: number) => `${(value / 1000).toFixed(1)} kB`;

/** The time of one contender, or of the fastest of several, over another's. */
const timeOver =
  (numerator: string | readonly string[], denominator: string) =>
  (one: Case): Finding | undefined => {
    const above = fastestOf(one, typeof numerator === "string" ? [numerator] : numerator);
    const below = fastestOf(one, [denominator]);
    if (!above || !below) return undefined;
    const spread = ratioOf(above, below);
    return { value: spread.median, spread, where: one.name };
  };

/** The slowest contender's time over the fastest's. */
function slowestOverFastest(one: Case): Finding {
  const medians = one.measured.map(({ rounds }) => medianOf(rounds));
  return { value: Math.max(...medians) / Math.min(...medians), where: one.name };
}

function largest(one: Case): Finding {
  return { value: Math.max(...one.measured.map(({ rounds }) => rounds[0])), where: one.name };
}

type Measure = Target["measure"];
type Bound = Target["bound"];
const atLeast = (value: number): Bound => ({ kind: "at least", value });
const atMost = (value: number): Bound => ({ kind: "at most", value });

/** One promise with a bound for each place; undefined: none there. */
function row(
  title: string,
  suite: string,
  measure: Measure,
  cache: Bound | undefined,
  dram: Bound | undefined,
  format = times,
): Target[] {
  const bounds: [Place, Bound | undefined][] = [
    ["cache", cache],
    ["DRAM", dram],
  ];
  return bounds.flatMap(([place, bound]) =>
    bound === undefined ? [] : [{ title, suite, place, bound, format, measure }],
  );
}

const PLAIN_FORMS = [names.PLAIN, names.PLAIN_BY_TWO];

export const TARGETS: readonly Target[] = [
  ...row(
    "one thread: speed of C at 128 bits",
    "step",
    timeOver(names.C_BASE, names.KERNEL),
    atLeast(1.03),
    atLeast(1),
  ),
  ...row(
    "one thread: speed of the update-shaped stream, wasm",
    "step",
    timeOver(names.STREAM_WASM, names.KERNEL),
    atLeast(0.5),
    atLeast(0.88),
  ),
  ...row(
    "two threads: speed of one",
    "threads",
    timeOver(names.ONE_THREAD, names.TWO_THREADS),
    atLeast(1.8),
    atLeast(1.35),
  ),
  ...row(
    "two threads: speed of C with AVX2 on two",
    "threads",
    timeOver(names.C_AVX2_TWO, names.TWO_THREADS),
    null,
    atLeast(0.95),
  ),
  ...row(
    "scan for non-finite gradients: time",
    "clip",
    timeOver(names.ASHLAR, names.KERNEL),
    atMost(1.2),
    atMost(1.17),
  ),
  ...row(
    "bfloat16 model copy: time",
    "precision",
    timeOver(names.BFLOAT16_COPY, names.KERNEL),
    atMost(1.3),
    atMost(1.25),
  ),
  ...row(
    "float16 model copy: time",
    "precision",
    timeOver(names.FLOAT16_COPY, names.KERNEL),
    atMost(1.5),
    atMost(1.45),
  ),
  ...row(
    "global norm clip: time",
    "clip",
    timeOver(names.CLIP, names.KERNEL),
    atMost(1.25),
    atMost(1.22),
  ),
  ...row(
    "amsgrad: time",
    "amsgrad",
    timeOver(names.AMSGRAD, names.KERNEL),
    atMost(1.17),
    atMost(1.15),
  ),
  ...row(
    "speed of plain JS, the faster form",
    "step",
    timeOver(PLAIN_FORMS, names.ASHLAR),
    atLeast(9),
    atLeast(8),
  ),
  ...row(
    "speed of TensorFlow.js wasm",
    "step",
    timeOver(names.TFJS_WASM, names.ASHLAR),
    atLeast(14),
    atLeast(13),
  ),
  ...row(
    "speed of jax-js wasm",
    "step",
    timeOver(names.JAX_JS, names.ASHLAR),
    atLeast(18),
    atLeast(15),
  ),
  ...row(
    "512 of 30,522 rows: share of the dense step",
    "sparse",
    timeOver(names.SPARSE, names.DENSE),
    undefined,
    atMost(0.025),
    percent,
  ),
  ...row(
    "199 tensors: time of one as large",
    "many",
    timeOver(names.MANY, names.ONE_TENSOR),
    atMost(1.02),
    atMost(1.02),
  ),
  ...row(
    "planes 2^24 .. 2^28 bytes apart: slowest over fastest",
    "spacing",
    slowestOverFastest,
    undefined,
    atMost(1.1),
  ),
  ...row("each core binary, brotli", "size", largest, atMost(6000), undefined, kilobytes),
  ...row(
    "first step of a 690k model, touchPages: time of the hundredth",
    "startup",
    timeOver(names.FIRST_STEP_TOUCHED, names.HUNDREDTH_STEP),
    atMost(1.3),
    undefined,
  ),
];

export type TargetTable = readonly {
  readonly target: Target;
  readonly finding: Finding | undefined;
  /** "met", "missed by 3.1 %", "reported", or "not run: ..." */
  readonly verdict: string;
}[];

/** Smaller models are in the tables, but no promise is about them: a step's fixed cost is seen. */
const SMALLEST_PROMISED = 65_536;

/** Measures every target by its worst case of the place, and judges it. */
export function judgeTargets(results: readonly SuiteResult[]): TargetTable {
  return TARGETS.map((target) => {
    const result = results.find(({ suite }) => suite === target.suite);
    if (!result) return { target, finding: undefined, verdict: "not run: its suite was left out" };
    const cases = result.cases.filter(
      ({ place, unit, parameters }) =>
        place === target.place && (unit !== NANOSECONDS || parameters >= SMALLEST_PROMISED),
    );
    const finding = worst(
      cases.flatMap((one) => target.measure(one) ?? []),
      target.bound,
    );
    const verdict = finding ? verdictOf(finding.value, target.bound) : whyNot(cases);
    return { target, finding, verdict };
  });
}

function worst(findings: readonly Finding[], bound: Bound): Finding | undefined {
  const sorted = [...findings].sort((a, b) => a.value - b.value);
  return bound?.kind === "at most" ? sorted.at(-1) : sorted[0];
}

/** Exactly on the bound is met. */
export function verdictOf(value: number, bound: Bound): string {
  if (!bound) return "reported";
  const excess = bound.kind === "at least" ? bound.value - value : value - bound.value;
  if (excess <= 0) return "met";
  return `missed by ${((100 * excess) / bound.value).toFixed(1)} %`;
}

function whyNot(cases: readonly Case[]): string {
  const [first] = cases.flatMap(({ notRun }) => notRun);
  return first ? `not run: ${first.name}: ${first.why}` : "not run";
}
