import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipAdaptive } from "../src/gradients/clip.ts";
import { clipAdaptively } from "../src/gradients/clip-adaptively.ts";
import { differingBits } from "./reference/bits.ts";
import { gradientOf, joined, orderedSum, partsOf, randomCuts } from "./reference/gradient-parts.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: clip adaptively");

type Convention = "timm" | "composer";

function clipped(
  weights: number[],
  values: number[],
  shape: number[],
  clip: ReturnType<typeof clipAdaptive>,
): Float32Array {
  const gradient = gradientOf(values, shape);
  clipAdaptively(gradient, partsOf(Float32Array.from(weights)), clip);
  return joined(gradient.parts);
}

interface Case {
  readonly why: string;
  readonly shape: number[];
  readonly weights: number[];
  readonly gradient: number[];
  readonly expected: number[];
  readonly only?: Convention;
}

// The first four are Composer's own cases; lambda is 0.5 in all.
const CASES: Case[] = [
  {
    why: "a vector is one unit",
    shape: [2],
    weights: [3, 4],
    gradient: [7, 24],
    expected: [0.7, 2.4],
  },
  { why: "a zero gradient stays", shape: [2], weights: [3, 4], gradient: [0, 0], expected: [0, 0] },
  {
    why: "without a floor zero weights get no gradient",
    shape: [2],
    weights: [0, 0],
    gradient: [3, 4],
    expected: [0, 0],
    only: "composer",
  },
  {
    why: "each row of a matrix is a unit",
    shape: [2, 2],
    weights: [3, 4, 9, 40],
    gradient: [7, 24, 5, 12],
    expected: [0.7, 2.4, 5, 12],
  },
  {
    why: "with the floor zero weights still learn: 0.5 * 1e-3 is the largest norm",
    shape: [2],
    weights: [0, 0],
    gradient: [3, 4],
    expected: [3 * (0.0005 / 5), 4 * (0.0005 / 5)],
    only: "timm",
  },
  {
    why: "zero weights and a zero gradient",
    shape: [2],
    weights: [0, 0],
    gradient: [0, -0],
    expected: [0, -0],
  },
  { why: "a scalar is one unit", shape: [], weights: [-2], gradient: [4], expected: [1] },
  {
    why: "a row of a three-dimensional tensor spans both other dimensions",
    shape: [2, 1, 2],
    weights: [3, 4, 30, 40],
    gradient: [7, 24, 7, 24],
    expected: [0.7, 2.4, 7, 24],
  },
  {
    why: "exactly at the bound nothing changes",
    shape: [2],
    weights: [6, 8],
    gradient: [3, 4],
    expected: [3, 4],
  },
  {
    why: "an infinite norm",
    shape: [2],
    weights: [3, 4],
    gradient: [Infinity, 1],
    expected: [Number.NaN, 0],
  },
  {
    why: "timm: NaN spreads over its row only",
    shape: [2, 2],
    weights: [3, 4, 3, 4],
    gradient: [Number.NaN, 1, 7, 24],
    expected: [Number.NaN, Number.NaN, 0.7, 2.4],
    only: "timm",
  },
  {
    why: "Composer: a row with NaN is left as it is",
    shape: [2, 2],
    weights: [3, 4, 3, 4],
    gradient: [Number.NaN, 100, 7, 24],
    expected: [Number.NaN, 100, 0.7, 2.4],
    only: "composer",
  },
  { why: "no rows", shape: [0, 2], weights: [], gradient: [], expected: [] },
  { why: "rows without elements", shape: [2, 0], weights: [], gradient: [], expected: [] },
];

for (const convention of ["timm", "composer"] as const) {
  test(`cases of ${convention}`, () => {
    for (const { why, shape, weights, gradient, expected, only } of CASES) {
      if (only && only !== convention) continue;
      const actual = clipped(weights, gradient, shape, clipAdaptive(0.5, { convention }));
      const at = differingBits(actual, Float32Array.from(expected));
      assert.is(at, -1, `${why}: element ${at} is ${actual[at]}, expected ${expected[at]}`);
    }
  });
}

test("the floor is an option of both conventions", () => {
  for (const convention of ["timm", "composer"] as const) {
    const clip = clipAdaptive(0.5, { convention, floor: 2 });
    assert.equal([...clipped([0, 0], [3, 4], [2], clip)], [3 * 0.2, 4 * 0.2].map(Math.fround));
    assert.equal([...clipped([0, 10], [3, 4], [2], clip)], [3, 4], "a larger weight norm counts");
  }
});

test("timm divides by no gradient norm below 1e-6", () => {
  // A norm of exactly the largest, 2^-21, is not below it: timm shrinks it by 2^-21 / 1e-6.
  const edge = clipAdaptive(0.5, { floor: 2 ** -20 });
  const shrunk = Math.fround(2 ** -21 * (2 ** -21 / 1e-6));
  assert.equal([...clipped([0], [2 ** -21], [1], edge)], [shrunk]);
  // largest = 1e-4 * 1e-3 = 1e-7; the norm 5e-7 counts as 1e-6.
  const clip = clipAdaptive(1e-4);
  const actual = clipped([0, 0], [3e-7, 4e-7], [2], clip);
  const coefficient = (1e-4 * 1e-3) / 1e-6;
  const expected = [3e-7, 4e-7].map((g) => Math.fround(Math.fround(g) * coefficient));
  assert.equal([...actual], expected);
});

/** A row clipped by the plain formulas over ordered sums; each element is rounded once. */
function reference(
  w: number[],
  g: number[],
  factor: number,
  floor: number,
  convention: Convention,
) {
  const norm = (x: number[]) => Math.sqrt(orderedSum(x.map((value) => value * value)));
  const largest = factor * Math.max(norm(w), floor);
  const own = norm(g);
  if (convention === "timm" ? own < largest : own === 0) return g;
  const ratio = largest / (convention === "timm" ? Math.max(own, 1e-6) : own);
  return g.map((x) => Math.fround(x * (ratio > 1 ? 1 : ratio)));
}

test("rows are clipped in the specified order whatever the split, bit for bit", () => {
  const next = xorshift32(0x9e3779b9);
  const shapes = [
    [13, 1001],
    [3, 5, 997],
    [12289],
    [20001],
    [5000, 3],
    [2, 8192],
    [4097, 1],
    [1, 9000],
  ];
  for (const [round, shape] of [...shapes, ...shapes].entries()) {
    const length = shape.reduce((a, b) => a * b, 1);
    const w = realistic(length, round + 1);
    const g = realistic(length, round + 100);
    const convention = round % 2 ? "timm" : "composer";
    // Half of the rows are clipped or so.
    const clip = clipAdaptive(0.95 + (next() % 16) / 100, { convention });
    const rowLength = shape.length > 1 ? length / shape[0] : length;
    const expected: number[] = [];
    for (let start = 0; start < length; start += rowLength) {
      const [row, weights] = [g, w].map((x) => [...x.subarray(start, start + rowLength)]);
      for (const x of reference(weights, row, clip.factor, clip.floor, convention))
        expected.push(x);
    }
    for (const cuts of [[], randomCuts(length, next), randomCuts(length, next)]) {
      const gradient = gradientOf(g, shape, cuts);
      clipAdaptively(gradient, partsOf(w, randomCuts(length, next)), clip);
      const at = differingBits(joined(gradient.parts), Float32Array.from(expected));
      assert.is(at, -1, `shape [${shape}], cuts [${cuts}], element ${at}`);
    }
  }
});

test.run();
