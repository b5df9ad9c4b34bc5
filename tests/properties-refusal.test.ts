import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AdamW } from "../src/index.ts";
import { dense, gradients, training } from "./reference/arbitraries.ts";
import type { GradientsCase, Operation, TrainingCase } from "./reference/cases.ts";
import { holds } from "./reference/property.ts";
import {
  BETWEEN_SUMS,
  LATE,
  NAMED,
  OTHERS,
  type Refusal,
  type Where,
} from "./reference/refusals.ts";
import { apply, openOptimizer } from "./reference/training-case.ts";

const test = suite("properties: what is refused changes nothing");

const everything = { ...NAMED, ...BETWEEN_SUMS, ...LATE, ...OTHERS };

const where: fc.Arbitrary<Where> = fc.record({
  parameter: fc.nat(4),
  at: fc.nat(5000),
  group: fc.nat(2),
});

/** Some of the refusals, each with a place to go wrong. */
const refusals = (from: Readonly<Record<string, Refusal>>) =>
  fc.array(fc.tuple(fc.constantFrom(...Object.keys(from)), where), { minLength: 1, maxLength: 4 });

/** Makes one refused call, and sees that nothing else came of it. */
function refuse(optimizer: AdamW, run: TrainingCase, refusal: Refusal, at: Where): void {
  const call = refusal(optimizer, run, at);
  if (!call) return;
  const facts = () => [optimizer.steps, optimizer.digest(), optimizer.configDigest()];
  const before = facts();
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, Error, "expected to be refused");
  assert.equal(facts(), before);
}

/** Trains with and without refused calls before each operation. */
function agree(
  run: TrainingCase,
  operations: readonly Operation[],
  chosen: readonly (readonly [why: string, at: Where])[],
): void {
  const [undisturbed, disturbed] = [openOptimizer(run), openOptimizer(run)];
  operations.forEach((operation, i) => {
    const [why, at] = chosen[i % chosen.length];
    refuse(disturbed, run, everything[why as keyof typeof everything], at);
    const expected = apply(undisturbed, run, operation);
    assert.equal(apply(disturbed, run, operation), expected, `${operation.do} after: ${why}`);
    assert.is(disturbed.digest(), undisturbed.digest(), `${operation.do} after: ${why}`);
  });
  for (const optimizer of [undisturbed, disturbed]) optimizer.dispose();
}

/** Steps with gradients of their own only: a refused step may write the gradient views. */
const byName = ({ operations }: TrainingCase) =>
  operations.filter(({ do: what }) => ["step", "assign", "setWeights"].includes(what));

const throwing = training().map((run): TrainingCase => {
  return { ...run, options: { ...run.options, nonFinite: "throw" } };
});

test("between steps: bad gradients, rates, schedules, weights, options", () => {
  holds(
    fc.property(throwing, refusals({ ...NAMED, ...BETWEEN_SUMS, ...OTHERS }), (run, chosen) =>
      agree(run, byName(run), chosen),
    ),
    120,
  );
});

const summing = fc.array(gradients, { minLength: 1, maxLength: 3 }).map((batches): Operation[] => [
  ...batches.map((each: GradientsCase): Operation => {
    return { do: "accumulate", gradients: each, average: true };
  }),
  { do: "stepAll", times: 1 },
]);

test("between micro-batches: bad gradients for accumulate, weights, options", () => {
  holds(fc.property(throwing, summing, refusals(OTHERS), agree), 60);
});

test("between micro-batches: a step of the sums whose rate is refused", () => {
  holds(fc.property(throwing, summing, refusals(BETWEEN_SUMS), agree), 60);
});

test("between micro-batches: a step with bad gradients of its own", () => {
  holds(fc.property(throwing, summing, refusals(NAMED), agree), 60);
});

test("between micro-batches: a step whose rate float32 cannot hold, noticed late", () => {
  const moving = training().map((run): TrainingCase => {
    const parameters = run.parameters.map((one) => ({ ...one, lrScale: 1 }));
    const groups = run.groups.map((one) => ({ ...one, lrScale: 1 }));
    return { ...run, parameters, groups, options: { ...run.options, nonFinite: "throw" } };
  });
  const batch = dense.map((each): Operation[] => [
    { do: "accumulate", gradients: [each], average: false },
    { do: "stepAll", times: 1 },
  ]);
  holds(fc.property(moving, batch, refusals(LATE), agree), 60);
});

test.run();
