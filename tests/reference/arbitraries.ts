import * as fc from "fast-check";
import {
  type Clip,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
} from "../../src/index.ts";
import type {
  Filling,
  GradientCase,
  GradientsCase,
  GroupCase,
  Operation,
  OptionsCase,
  Precision,
  Rate,
  TrainingCase,
} from "./cases.ts";
import { scheduleData } from "./schedule-arbitraries.ts";

// Random models, options and training runs.

/** Any code point but surrogates; half of them ASCII. fast-check's own units take a second to load. */
const character: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0x7f), fc.nat(0x10ffff - 0x800))
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));

/** Names that records, prototypes, sorting and encoding could trip over, and any others. */
export const parameterName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...["w", "layers.0.weight", "encoder.layer.11.output.LayerNorm.bias", "é", "ß", "日本", "😀"],
    ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "length"],
    ...["0", "10", "2", "-1", " ", "a b", "\u0000", "\n", '"', "\\", "\u202e", "params", "shape"],
  ),
  fc.string({ unit: character, minLength: 1, maxLength: 6 }),
);

/** Scalars, empty tensors, vectors around the kernel's widths, matrices and more. */
export const shape: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom([], [0], [1], [3, 0], [0, 4], [1, 1, 1]) },
  { weight: 5, arbitrary: fc.tuple(fc.integer({ min: 0, max: 35 })) },
  {
    weight: 5,
    arbitrary: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 3 }),
  },
);

/** The same, and now and then more than a block of the reductions. */
export const anyShape: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 9, arbitrary: shape },
  { weight: 1, arbitrary: fc.constantFrom([4097], [13_000], [3, 3000], [5000, 2]) },
);

const LARGE = 2 ** 58;

/** An even spread over -1 .. 1: fc.float draws bits, and so mostly tiny numbers. */
const uniform = fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((n) => n / 2 ** 24);

/** Finite float32 values of every magnitude up to 2^58; -0 and subnormals among them. */
export const float32: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: uniform },
  { weight: 2, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.float({ min: -LARGE, max: LARGE, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, -0, 1, -1, 2 ** -149, -(2 ** -149), 2 ** -126, 2 ** 24, -LARGE),
  },
);

/** Float32 values that a weight may have, also in 16 bits. */
export const weight: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: uniform },
  { weight: 1, arbitrary: fc.float({ min: -1000, max: 1000, noNaN: true }) },
);

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });
export const valuesOf = (each: fc.Arbitrary<number>) =>
  fc.array(each, { minLength: 1, maxLength: 9 }).map((values): Filling => ({ values }));
const patternOf = (...patterns: ("realistic" | "anyMagnitude" | "tiny")[]) =>
  fc.record({ pattern: fc.constantFrom(...patterns), seed });

/** The order of a sum shows where large numbers cancel, and a flush where moments are subnormal. */
export const telling = fc.constantFrom(LARGE, -LARGE, 1, 3, 2 ** -120, 2 ** -130, 1e-21, -1e-21);

export const gradientFilling: fc.Arbitrary<Filling> = fc.oneof(
  { weight: 3, arbitrary: valuesOf(uniform) },
  { weight: 2, arbitrary: valuesOf(float32) },
  { weight: 2, arbitrary: valuesOf(telling) },
  { weight: 3, arbitrary: patternOf("realistic") },
  { weight: 2, arbitrary: patternOf("anyMagnitude", "tiny") },
);
export const weightFilling: fc.Arbitrary<Filling> = fc.oneof(
  valuesOf(weight),
  patternOf("realistic", "realistic", "tiny"),
);

export const parameters = (of: fc.Arbitrary<readonly number[]> = shape, least = 1) =>
  fc.uniqueArray(
    fc.record({
      name: parameterName,
      shape: of,
      weights: weightFilling,
      group: fc.nat(2),
      decays: fc.boolean(),
      lrScale: fc.constantFrom(1, 1, 0, 0.5, 0.8 ** 5, 3),
      clips: fc.constantFrom(true, true, false),
    }),
    { minLength: least, maxLength: 5, selector: ({ name }) => name },
  );

/** Rates that a float32 step can take, 0 and the very small among them. */
export const rate: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1e-3, 0.1, 1, 1e-30),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

export const beta: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 0.9999999),
  fc.double({ min: 0, max: 0.9999, noNaN: true }),
);

export const clip: fc.Arbitrary<Clip> = fc
  .record({
    max: fc.oneof(fc.constantFrom(1, 1e-3, 1e6), fc.double({ min: 1e-6, max: 1e3, noNaN: true })),
    make: fc.constantFrom<(max: number) => Clip>(
      (max) => clipByGlobalNorm(max),
      (max) => clipByGlobalNorm(max, { formula: "paddle" }),
      (max) => clipByGlobalNorm(max, { formula: "mindformers" }),
      clipByNorm,
      clipByValue,
      (max) => clipByValue(max, { min: -max / 3 }),
      (max) => clipAdaptive(max),
      (max) => clipAdaptive(max, { convention: "composer" }),
    ),
  })
  .map(({ max, make }) => make(max));

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 2 });
const rateOrSchedule: fc.Arbitrary<Rate> = fc.oneof(
  { weight: 2, arbitrary: rate },
  { weight: 1, arbitrary: scheduleData },
);

export const group: fc.Arbitrary<GroupCase> = fc.record({
  lr: rateOrSchedule,
  weightDecay: rateOrSchedule,
  betas: fc.tuple(beta, beta),
  eps: fc.constantFrom(1e-8, 1e-6, 1e-20, 0.1),
  amsgrad: fc.boolean(),
  centralize: fc.constantFrom(false, false, true),
  lrScale: fc.constantFrom(1, 1, 0.5, 0),
  clip: fc.option(clip, { nil: null, freq: 4 }),
});

const half = fc.constantFrom("float32", "float32", "float16", "bfloat16");

export const options: fc.Arbitrary<OptionsCase> = fc.record({
  maximize: fc.boolean(),
  clip: maybe(clip),
  lossScale: fc.constantFrom(null, null, 1, 65536, 3, 0.5),
  lazy: fc.boolean(),
  zeroGradients: fc.boolean(),
  gradNorm: fc.boolean(),
  nonFinite: fc.constantFrom("throw", "skip", "allow"),
  precision: fc
    .record({ model: half, gradients: half, master: fc.boolean() })
    .map(({ model, gradients, master }): Precision => {
      return { model, gradients, master: master || model === "float32" };
    }),
});

export const dense: fc.Arbitrary<GradientCase> = gradientFilling.map((filling) => {
  return { kind: "dense", filling };
});
export const rows: fc.Arbitrary<GradientCase> = fc.record({
  kind: fc.constant("rows"),
  rows: fc.array(fc.nat(7), { maxLength: 6 }),
  list: fc.constantFrom("array", "Int32Array", "Uint32Array"),
  filling: gradientFilling,
});

/** For up to five parameters; most have one. */
export const gradients: fc.Arbitrary<GradientsCase> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: dense },
    { weight: 3, arbitrary: rows },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  ),
  { minLength: 5, maxLength: 5 },
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("step"), gradients }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("stepAll"),
      times: fc.constantFrom(1, 1, 1, 1, 2, 2, 3, 65),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("write"),
      parameter: fc.nat(4),
      filling: gradientFilling,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("accumulate"), gradients, average: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "zeroGradients" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("assign"),
      group: fc.nat(2),
      changed: fc.record(
        { lr: rateOrSchedule, weightDecay: rate, betas: fc.tuple(beta, beta) },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("spoil"),
      parameter: fc.nat(4),
      at: fc.nat(5000),
      bad: fc.constantFrom(Number.NaN, Infinity, -Infinity, 2 ** 90, -(2 ** 90)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("setWeights"),
      parameter: fc.nat(4),
      weights: weightFilling,
    }),
  },
);

/** A whole training run; `of` gives the shapes, `most` operations are in it. */
export const training = (
  of: fc.Arbitrary<readonly number[]> = shape,
  most = 12,
  leastParameters = 1,
): fc.Arbitrary<TrainingCase> =>
  fc.record({
    options,
    groups: fc.array(group, { minLength: 3, maxLength: 3 }),
    parameters: parameters(of, leastParameters),
    operations: fc.array(operation, { minLength: 1, maxLength: most }),
  });
