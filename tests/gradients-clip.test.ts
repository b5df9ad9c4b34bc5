import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Clip,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  readClip,
} from "../src/gradients/clip.ts";
import { clipValues } from "../src/gradients/clip-values.ts";
import { globalNormCoefficient, normCoefficient } from "../src/gradients/norm-coefficients.ts";
import { sumSquares } from "../src/gradients/reduce.ts";
import { unscale } from "../src/gradients/unscale.ts";
import { differingBits } from "./reference/bits.ts";
import { gradientOf, joined } from "./reference/gradient-parts.ts";

const test = suite("gradients: clip");

test("each maker gives plain frozen data with its defaults", () => {
  const rows: [Clip, object][] = [
    [clipByGlobalNorm(2), { kind: "globalNorm", max: 2, formula: null }],
    [clipByGlobalNorm(2, { formula: "paddle" }), { kind: "globalNorm", max: 2, formula: "paddle" }],
    [clipByNorm(0.5), { kind: "norm", max: 0.5 }],
    [clipByValue(3), { kind: "value", min: -3, max: 3 }],
    [clipByValue(-1, { min: -2 }), { kind: "value", min: -2, max: -1 }],
    [clipByValue(0, { min: 0 }), { kind: "value", min: 0, max: 0 }],
    [clipAdaptive(0.01), { kind: "adaptive", factor: 0.01, floor: 1e-3, convention: "timm" }],
    [
      clipAdaptive(0.01, { convention: "composer" }),
      { kind: "adaptive", factor: 0.01, floor: 0, convention: "composer" },
    ],
    [
      clipAdaptive(1, { convention: "composer", floor: 0.5 }),
      { kind: "adaptive", factor: 1, floor: 0.5, convention: "composer" },
    ],
  ];
  for (const [clip, expected] of rows) {
    assert.equal({ ...clip }, expected);
    assert.ok(Object.isFrozen(clip), clip.kind);
    const read = readClip(JSON.parse(JSON.stringify(clip)), "clip", "the options");
    assert.equal(read, clip, "read back from JSON");
    assert.ok(Object.isFrozen(read), "read back");
  }
});

// Values that torch 2.13 gave for clip_grad_norm_ in float64, to 8 digits.
const TORCH: [why: string, gradient: number[], norm: number, max: number, expected: number[]][] = [
  ["norm 5 to 1", [3, 4], 5, 1, [0.59999988, 0.79999984]],
  ["L1 norm 8 to 2", [3, -4, 1], 8, 2, [0.74999991, -0.99999988, 0.24999997]],
  ["largest magnitude 4 to 2", [3, -4], 4, 2, [1.49999963, -1.9999995]],
  ["exactly max: the 1e-6 counts", [3, 4], 5, 5, [2.9999994, 3.9999992]],
  ["below max", [0.3, 0.4], 0.5, 1, [0.3, 0.4]],
  ["zeros", [0, 0], 0, 1, [0, 0]],
];

test("torch's formula gives torch's values", () => {
  for (const [why, gradient, norm, max, expected] of TORCH) {
    const coefficient = globalNormCoefficient(norm, clipByGlobalNorm(max));
    const digits = (x: number) => Math.round(x * 1e8) / 1e8;
    assert.equal(
      gradient.map((g) => digits(g * coefficient)),
      expected,
      why,
    );
  }
});

test("a gradient split over two tensors is clipped as in one", () => {
  const clip = clipByGlobalNorm(1);
  const [whole, first, second] = [[3, 4], [3], [4]].map((values) => gradientOf(values));
  const one = globalNormCoefficient(Math.sqrt(sumSquares(whole)), clip);
  const two = globalNormCoefficient(Math.sqrt(sumSquares(second, sumSquares(first))), clip);
  assert.is(two, one);
  assert.is(one, 1 / (5 + 1e-6));
  for (const gradient of [whole, first, second]) unscale(gradient, one);
  assert.equal([...joined(whole.parts)], [...joined(first.parts), ...joined(second.parts)]);
  assert.equal([...joined(whole.parts)], [Math.fround(3 * one), Math.fround(4 * one)]);
});

test("non-finite norms act as in torch: NaN makes all NaN, infinity makes the rest 0", () => {
  const clip = clipByGlobalNorm(1);
  const clipped = (values: number[]) => {
    const gradient = gradientOf(values);
    unscale(gradient, globalNormCoefficient(Math.sqrt(sumSquares(gradient)), clip));
    return [...joined(gradient.parts)];
  };
  assert.equal(clipped([Number.NaN, 1]), [Number.NaN, Number.NaN]);
  assert.equal(clipped([Infinity, 1]), [Number.NaN, 0]);
});

test("the three formulas for a global norm differ as their sources do", () => {
  const rows: [norm: number, max: number, torch: number, paddle: number, mindformers: number][] = [
    [5, 1, 1 / (5 + 1e-6), 1 / 5, 1 / (5 + 1e-6)],
    [5, 5, 5 / (5 + 1e-6), 1, 5 / (5 + 1e-6)],
    [0.5, 2, 1, 1, 2 / (2 + 1e-6)],
    [0, 2, 1, 1, 2 / (2 + 1e-6)],
    // Just below max, where torch's 1e-6 already counts.
    [1 - 5e-7, 1, 1 / (1 - 5e-7 + 1e-6), 1, 1 / (1 + 1e-6)],
    [Infinity, 2, 0, 0, 0],
    [Number.NaN, 2, Number.NaN, Number.NaN, Number.NaN],
  ];
  for (const [norm, max, ...expected] of rows) {
    const actual = (["torch", "paddle", "mindformers"] as const).map((formula) =>
      globalNormCoefficient(norm, clipByGlobalNorm(max, { formula })),
    );
    assert.equal(actual, expected, `norm ${norm}, max ${max}`);
    assert.ok(!(actual[1] > 1 || actual[0] > 1 || actual[2] > 1));
  }
});

test("a clip that names no formula takes the optimizer's own; one that does keeps it", () => {
  assert.is(globalNormCoefficient(4, clipByGlobalNorm(1)), 1 / (4 + 1e-6));
  assert.is(globalNormCoefficient(4, clipByGlobalNorm(1), "paddle"), 0.25);
  assert.is(globalNormCoefficient(0, clipByGlobalNorm(1), "mindformers"), 1 / (1 + 1e-6));
  const named = clipByGlobalNorm(1, { formula: "torch" });
  assert.is(globalNormCoefficient(4, named, "paddle"), 1 / (4 + 1e-6));
});

test("clip by norm leaves a tensor whose norm is at most max untouched", () => {
  const clip = clipByNorm(2);
  const rows = [
    [0, 1],
    [1, 1],
    [2, 1],
    [2.5, 0.8],
    [8, 0.25],
    [Infinity, 0],
    [Number.NaN, Number.NaN],
  ];
  for (const [norm, coefficient] of rows) {
    assert.is(Object.is(normCoefficient(norm, clip), coefficient), true, `norm ${norm}`);
  }
});

test("clip by value clamps to bounds rounded to float32 and keeps NaN and signed zeros", () => {
  const rows: [Parameters<typeof clipByValue>, number[], number[]][] = [
    [[1], [-3, -1, -0.5, -0, 0, 0.5, 1, 3], [-1, -1, -0.5, -0, 0, 0.5, 1, 1]],
    [[0.1], [0.2, -0.2, 0.05], [0.1, -0.1, 0.05]],
    [
      [2, { min: -0.5 }],
      [-3, -0.5, 3],
      [-0.5, -0.5, 2],
    ],
    [
      [2, { min: 1 }],
      [-3, 0, 1.5, 3],
      [1, 1, 1.5, 2],
    ],
    [
      [-1, { min: -2 }],
      [-3, 0],
      [-2, -1],
    ],
    [
      [1, { min: 0 }],
      [-0, -1],
      [-0, 0],
    ],
    [[1], [Infinity, -Infinity, Number.NaN], [1, -1, Number.NaN]],
    [[1e39], [3e38, -3e38], [3e38, -3e38]],
  ];
  for (const [args, values, expected] of rows) {
    const gradient = gradientOf(values);
    clipValues(gradient, clipByValue(...args));
    const actual = joined(gradient.parts);
    const at = differingBits(actual, Float32Array.from(expected));
    assert.is(at, -1, `clipByValue(${JSON.stringify(args)}), element ${at}: ${actual[at]}`);
  }
});

test.run();
