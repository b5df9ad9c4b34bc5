import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { anyShape, shape, telling, training, valuesOf } from "./reference/arbitraries.ts";
import type { Operation, TrainingCase } from "./reference/cases.ts";
import { comparePlain } from "./reference/compare-plain.ts";
import { leastSlabBytes } from "./reference/least-slab.ts";
import { PlainTraining } from "./reference/plain-training.ts";
import { holds } from "./reference/property.ts";
import { apply, openOptimizer, sumsUndisturbed } from "./reference/training-case.ts";

const test = suite("properties: the optimizer equals its plain reference");

function equalsPlain(run: TrainingCase, slabBytes: number): void {
  const optimizer = openOptimizer(run, { slabBytes });
  const plain = new PlainTraining(run);
  for (const operation of sumsUndisturbed(run.operations)) {
    const report = apply(optimizer, run, operation);
    assert.equal(report, plain.apply(operation), operation.do);
    comparePlain(optimizer, plain);
  }
  optimizer.dispose();
}

test("bit for bit, report for report, over any operations with any options", () => {
  holds(
    fc.property(training(shape), (run) => equalsPlain(run, 2 ** 32)),
    110,
  );
});

test("the same with parameters of more than a block, over several slabs", () => {
  holds(
    fc.property(training(anyShape, 4), (run) => equalsPlain(run, leastSlabBytes(run))),
    25,
  );
});

test("the same past the 64th update, which flushes subnormal moments", () => {
  const long: fc.Arbitrary<Operation> = fc.record({
    do: fc.constant("stepAll"),
    times: fc.constantFrom(63, 64, 65),
  });
  const flushed = fc
    .tuple(training(shape, 3), fc.array(long, { minLength: 1, maxLength: 2 }))
    .map(([run, steps]) => ({ ...run, operations: [...run.operations, ...steps] }));
  holds(
    fc.property(flushed, (run) => equalsPlain(run, 2 ** 32)),
    30,
  );
});

test("the same where large elements cancel, which shows the order of a row's sum", () => {
  const matrix = fc.constantFrom([2, 9], [3, 20], [1, 100]);
  const steps = fc.array(
    valuesOf(telling).map((filling): Operation => {
      return { do: "step", gradients: [{ kind: "dense", filling }] };
    }),
    { minLength: 1, maxLength: 3 },
  );
  const cancelling = fc.tuple(training(matrix), steps).map(([run, operations]): TrainingCase => {
    const groups = run.groups.map((group) => ({ ...group, centralize: true }));
    return { ...run, groups, operations };
  });
  holds(
    fc.property(cancelling, (run) => equalsPlain(run, 2 ** 32)),
    40,
  );
});

test.run();
