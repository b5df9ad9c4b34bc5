import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  type Clip,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  staticLossScale,
} from "../src/index.ts";
import { anyShape, gradientFilling, parameters } from "./reference/arbitraries.ts";
import { differingBits } from "./reference/bits.ts";
import type { Filling } from "./reference/cases.ts";
import { holds } from "./reference/property.ts";
import { filled, lengthOf } from "./reference/training-case.ts";

const test = suite("properties: clipping");

/** A model and one gradient for each of its parameters. */
interface Case {
  readonly parameters: readonly { name: string; shape: readonly number[]; weights: Filling }[];
  readonly fillings: readonly Filling[];
  readonly max: number;
  readonly lossScale: number;
}

const given: fc.Arbitrary<Case> = fc.record({
  parameters: parameters(anyShape),
  fillings: fc.array(gradientFilling, { minLength: 5, maxLength: 5 }),
  max: fc.oneof(fc.constantFrom(1, 1e-3, 1e6), fc.double({ min: 1e-6, max: 1e6, noNaN: true })),
  lossScale: fc.constantFrom(1, 1, 1024, 3),
});

const specs = (one: Case) =>
  one.parameters.map(({ name, shape, weights }) => {
    return { name, shape, data: filled(lengthOf(shape), weights) };
  });
const gradientsOf = (one: Case): Record<string, Float32Array<ArrayBuffer>> =>
  Object.fromEntries(
    one.parameters.map(({ name, shape }, i) => [name, filled(lengthOf(shape), one.fillings[i])]),
  );

/** Without a first moment to mix it with, expAvg is the gradient as it enters the update. */
const bare: AdamWOptions = { betas: [0, 0.9] };

/** Steps once; gives the optimizer and each parameter's gradient after all passes. */
function stepped(one: Case, options: AdamWOptions) {
  const optimizer = new AdamW(specs(one), {
    ...bare,
    lossScale: staticLossScale(one.lossScale),
    ...options,
  });
  optimizer.step(gradientsOf(one));
  const entries = one.parameters.map(
    ({ name }) => [name, optimizer.parameter(name).expAvg] as const,
  );
  return { optimizer, clipped: new Map(entries) };
}

const sumOfSquares = (values: Float32Array) => values.reduce((sum, x) => sum + x * x, 0);
const normOf = (arrays: Iterable<Float32Array>) =>
  Math.sqrt([...arrays].reduce((sum, values) => sum + sumOfSquares(values), 0));

/**
 * At most max: the coefficient and each product round to float32, by 2^-24 of themselves, or by
 * 2^-150 where they are subnormal.
 */
function assertAtMost(norm: number, max: number, elements: number): void {
  const slack = max * 2 ** -22 + elements * 2 ** -149;
  assert.ok(norm <= max + slack, `${norm} is above ${max}`);
}

/** The same with a max next to what the norm is, where coefficients begin to differ from 1. */
function nextToNorm(one: Case, share: number, of = Object.values(gradientsOf(one))): Case {
  const max = (normOf(of) / one.lossScale) * share;
  return max > 1e-15 && max < 1e30 ? { ...one, max } : one;
}
const shares = fc.constantFrom(0, 0.5, 0.99999, 1 - 2 ** -20, 1, 1 + 2 ** -20, 1.00001);

const formulas = fc.constantFrom<"torch" | "paddle" | "mindformers">(
  "torch",
  "paddle",
  "mindformers",
);

test("by global norm: the common norm is at most max", () => {
  holds(
    fc.property(given, shares, formulas, (drawn, share, formula) => {
      const one = nextToNorm(drawn, share);
      const { clipped } = stepped(one, { clip: clipByGlobalNorm(one.max, { formula }) });
      const elements = [...clipped.values()].reduce((sum, { length }) => sum + length, 0);
      assertAtMost(normOf(clipped.values()), one.max, elements);
    }),
    80,
  );
});

test("by norm: each parameter's norm is at most max", () => {
  holds(
    fc.property(given, shares, (drawn, share) => {
      const one = nextToNorm(drawn, share, Object.values(gradientsOf(drawn)).slice(0, 1));
      for (const values of stepped(one, { clip: clipByNorm(one.max) }).clipped.values()) {
        assertAtMost(normOf([values]), one.max, values.length);
      }
    }),
    80,
  );
});

test("by value: every element is between min and max, and the nearest there to what it was", () => {
  holds(
    fc.property(given, fc.double({ min: -1, max: 1, noNaN: true }), (one, share) => {
      const [min, max] = [one.max * share, one.max];
      const { clipped } = stepped(one, { clip: clipByValue(max, { min }) });
      for (const [name, gradient] of Object.entries(gradientsOf(one))) {
        const expected = gradient.map((g) => {
          const unscaled = Math.fround(g * (1 / one.lossScale));
          return Math.min(Math.max(unscaled, min), max);
        });
        const actual = clipped.get(name) ?? new Float32Array(0);
        // -0 becomes 0 in m = m * 0 + g.
        const positive = (values: Float32Array) => values.map((x) => x + 0);
        assert.is(differingBits(positive(actual), positive(expected)), -1);
      }
    }),
    80,
  );
});

test("adaptively: each row's norm is at most the factor times the row's weights or the floor", () => {
  const conventions = fc.constantFrom<"timm" | "composer">("timm", "composer");
  holds(
    fc.property(given, conventions, fc.constantFrom(0.001, 0.02), (one, convention, floor) => {
      const factor = Math.min(one.max, 10);
      const clip = clipAdaptive(factor, { convention, floor });
      const { clipped } = stepped(one, { clip });
      for (const { name, shape, data } of specs(one)) {
        const values = clipped.get(name) ?? new Float32Array(0);
        const count = shape.length < 2 ? 1 : shape[0];
        const size = count === 0 ? 0 : values.length / count;
        for (let row = 0; row < count; row++) {
          const own = (all: Float32Array) => normOf([all.subarray(row * size, (row + 1) * size)]);
          assertAtMost(own(values), factor * Math.max(own(data), floor), size);
        }
      }
    }),
    80,
  );
});

const large = 2 ** 100;
/** Clips that are too wide to touch what float32 holds here. */
const wide = fc.constantFrom<Clip>(
  clipByGlobalNorm(large),
  clipByGlobalNorm(large, { formula: "paddle" }),
  clipByNorm(large),
  clipByValue(large),
  clipAdaptive(2 ** 120),
);

test("what is wide enough changes no bit", () => {
  holds(
    fc.property(given, wide, (one, clip) => {
      // A loss scale that is no power of two rounds at another place where a pass of its own is made.
      const exact = { ...one, lossScale: 1024 };
      const clipped = stepped(exact, { clip });
      assert.is(clipped.optimizer.digest(), stepped(exact, {}).optimizer.digest());
    }),
    80,
  );
});

test("one group or many, in whatever order: the same common norm, and the same bits", () => {
  const kinds = fc.constantFrom<(max: number) => Clip>(
    clipByGlobalNorm,
    clipByNorm,
    clipByValue,
    clipAdaptive,
  );
  holds(
    fc.property(given, kinds, (one, make) => {
      const options = { ...bare, clip: make(one.max), gradNorm: true };
      const apart = specs(one).map((spec) => ({ params: [spec] }));
      const all = [specs(one), [...specs(one)].reverse(), apart, [...apart].reverse()];
      const optimizers = all.map((given) => new AdamW(given, options));
      const reports = optimizers.map((optimizer) => optimizer.step(gradientsOf(one)));
      for (const [i, optimizer] of optimizers.entries()) {
        assert.is(reports[i].gradNorm, reports[0].gradNorm);
        assert.is(optimizer.digest(), optimizers[0].digest());
      }
    }),
    80,
  );
});

test("any loss scale that is taken leaves finite weights, or the step is refused", () => {
  const scales = fc
    .tuple(fc.integer({ min: 1, max: 0x7f7fffff }), fc.constantFrom(0, 1, 1e-6))
    .map(([bits, most]) => {
      const [scale] = new Float32Array(Uint32Array.of(bits).buffer);
      return { scale, clip: most === 0 ? {} : { clip: clipByGlobalNorm(most) } };
    });
  holds(
    fc.property(given, scales, fc.boolean(), (one, { scale, clip }, zero) => {
      let lossScale: ReturnType<typeof staticLossScale>;
      try {
        lossScale = staticLossScale(scale);
      } catch (error) {
        assert.instance(error, RangeError);
        return;
      }
      const optimizer = new AdamW(specs(one), { ...bare, ...clip, lossScale, nonFinite: "skip" });
      const gradients = gradientsOf(one);
      if (zero) for (const gradient of Object.values(gradients)) gradient.fill(0);
      optimizer.step(gradients);
      for (const { name } of one.parameters) {
        const { master, expAvg, expAvgSq } = optimizer.parameter(name);
        assert.ok(
          [master, expAvg, expAvgSq].every((plane) => plane.every(Number.isFinite)),
          name,
        );
      }
    }),
    80,
  );
});

test.run();
