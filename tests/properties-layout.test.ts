import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, clipByGlobalNorm, type StepReport } from "../src/index.ts";
import { anyShape, training } from "./reference/arbitraries.ts";
import type { GradientCase, TrainingCase } from "./reference/cases.ts";
import { leastSlabBytes } from "./reference/least-slab.ts";
import { holds, shuffled } from "./reference/property.ts";
import {
  apply,
  filled,
  groupsOf,
  type Layout,
  lengthOf,
  type Outcome,
  openOptimizer,
  sumsUndisturbed,
} from "./reference/training-case.ts";

const test = suite("properties: what leaves no trace in the state");

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data?: Float32Array;
}

/** With the norm in every report: it shows the order of a sum to the last bit. */
const measured = training(anyShape, 5, 3).map((run): TrainingCase => {
  return { ...run, options: { ...run.options, gradNorm: true } };
});

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const order = seeds.map((seed): Layout => ({ order: (all) => shuffled(all, seed) }));
const groupOrder = seeds.map((seed): Layout => ({ groupOrder: (all) => shuffled(all, seed) }));
/** Every way in which the same training can be laid out but for the groups themselves. */
const layout = fc
  .tuple(order, groupOrder, fc.constantFrom("least", "least", "whole", "large"))
  .map(([a, b, slabs]) => (run: TrainingCase): Layout => {
    const least = { slabBytes: leastSlabBytes(run) };
    const whole = { slabBytes: 2 ** 21, splitParameters: false };
    return { ...a, ...b, ...{ least, whole, large: {} }[slabs] };
  });

/** What reports must agree on, whatever groups are called and wherever parameters stand. */
function essence(outcome: Outcome<StepReport>) {
  if (outcome === null || outcome === "refused") return outcome;
  const { lr: _, overflowed, ...rest } = outcome;
  const counts = overflowed.map(({ parameter, count }) => `${parameter} ${count}`);
  return { ...rest, overflowed: counts.sort() };
}

interface Variant {
  readonly layout?: Layout;
  readonly metrics?: boolean;
  /** What else is done to the second optimizer before each operation. */
  readonly meddle?: (optimizer: AdamW) => void;
}

/** Runs the same training twice and compares digests after each operation. */
function agree(run: TrainingCase, { layout: other, metrics, meddle }: Variant): void {
  const [a, b] = [openOptimizer(run), openOptimizer(run, other)];
  const same = () => {
    assert.is(b.digest(), a.digest());
    assert.is(b.weightsDigest(), a.weightsDigest());
    if (!other?.apart) assert.is(b.configDigest(), a.configDigest());
  };
  same();
  for (const operation of sumsUndisturbed(run.operations)) {
    meddle?.(b);
    const expected = essence(apply(a, run, operation));
    assert.equal(essence(apply(b, run, operation, metrics)), expected, operation.do);
    same();
  }
  for (const optimizer of [a, b]) optimizer.dispose();
}

/** A group's own clip by global norm counts the group: there, grouping is meant to matter. */
function withoutGroupNorms(run: TrainingCase): TrainingCase {
  const groups = run.groups.map((group) =>
    group.clip?.kind === "globalNorm" ? { ...group, clip: null } : group,
  );
  return { ...run, groups };
}

test("the order of parameters and groups, the size of slabs, splitting", () => {
  holds(
    fc.property(measured, layout, (run, other) => agree(run, { layout: other(run) })),
    22,
  );
});

test("grouping: each parameter in a group of its own, with the same settings", () => {
  holds(
    fc.property(measured, layout, (run, other) =>
      agree(withoutGroupNorms(run), { layout: { ...other(run), apart: true } }),
    ),
    22,
  );
});

test("the norm of gradients of like size, where slabs end within parameters", () => {
  const shapes = fc.constantFrom([5], [700], [13_000], [3, 3000]);
  const like = fc.tuple(training(shapes, 1, 3), seeds).map(([run, seed]): TrainingCase => {
    const gradients = [0, 1, 2, 3, 4].map((i): GradientCase => {
      return { kind: "dense", filling: { pattern: "realistic", seed: seed + i } };
    });
    const groups = run.groups.map((group) => ({ ...group, clip: null }));
    const options = { ...run.options, gradNorm: true, clip: clipByGlobalNorm(1) };
    return { ...run, groups, options, operations: [{ do: "step", gradients }] };
  });
  holds(
    fc.property(like, order, groupOrder, fc.boolean(), (run, a, b, apart) =>
      agree(run, { layout: { ...a, ...b, apart, slabBytes: leastSlabBytes(run) } }),
    ),
    25,
  );
});

/** Reads everything that can be read. */
function readAll(optimizer: AdamW): void {
  optimizer.describe().toString();
  optimizer.configDigest();
  optimizer.metrics();
  for (const name of optimizer.parameterNames) {
    const view = optimizer.parameter(name);
    const { length, parts } = view;
    optimizer.copyTo({ [name]: new Float32Array(lengthOf(view.shape)) });
    if (parts.length < 2) {
      assert.is(
        [view.master, view.expAvg, view.expAvgSq].every((plane) => plane.length === length),
        true,
      );
    }
    for (const { model, gradient, gradient16, maxExpAvgSq } of parts) {
      for (const plane of [model, gradient, gradient16, maxExpAvgSq]) plane?.slice();
    }
  }
}

test("reading and measuring between steps", () => {
  holds(
    fc.property(measured, fc.boolean(), (run, metrics) => agree(run, { metrics, meddle: readAll })),
    22,
  );
});

test("weights given at construction, or by setWeights afterwards", () => {
  holds(
    fc.property(measured, (run) => {
      const weights = Object.fromEntries(
        run.parameters.map(({ name, shape, weights }) => [name, filled(lengthOf(shape), weights)]),
      );
      const specs = (withData: boolean) =>
        groupsOf(run).map(({ params, ...rest }) => ({
          ...rest,
          params: [...(params as Iterable<Spec>)].map(({ name, shape }): Spec => {
            return withData ? { name, shape, data: weights[name] } : { name, shape };
          }),
        }));
      const { precision } = run.options;
      const a = new AdamW(specs(true), { precision });
      const b = new AdamW(specs(false), { precision });
      b.setWeights(weights);
      assert.is(b.digest(), a.digest());
      for (const optimizer of [a, b]) optimizer.dispose();
    }),
    22,
  );
});

test.run();
