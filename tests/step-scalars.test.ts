import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  clipByNorm,
  families,
  layerDecay,
  type StepReport,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";

// Neighbours share their scalars where nothing tells them apart. Here one thing does, each time
// another one: both must end as if each had been trained alone.

const test = suite("scalars of neighbours");

const A = "encoder.layer.0.a.weight";
const B = "encoder.layer.1.b.weight";
const LENGTH = 21;
const weights = (name: string) => realistic(LENGTH, name === A ? 1 : 2);
const gradient = (name: string, k: number) => realistic(LENGTH, 10 * k + (name === A ? 3 : 4));

type Step = (optimizer: AdamW, names: readonly string[], k: number) => void;

const stepAll: Step = (optimizer, names, k) => {
  optimizer.step(Object.fromEntries(names.map((name) => [name, gradient(name, k)])));
};

const CASES: readonly (readonly [what: string, options: AdamWOptions, step?: Step])[] = [
  ["nothing", {}],
  ["the lr scale", { lrScale: ({ name }) => (name === A ? 1 : 0.25) }],
  ["the layer", { lrScale: layerDecay({ rate: 0.5, layerOf: families.bert, layers: 2 }) }],
  ["the decay filter", { weightDecay: 0.5, decays: ({ name }) => name === A }],
  ["the clip", { clip: clipByNorm(0.5), clips: ({ name }) => name === B }],
  [
    "the count of updates",
    {},
    (optimizer, names, k) => {
      const present = names.filter((name) => name === A || k % 2 === 0);
      if (present.length > 0) stepAll(optimizer, present, k);
    },
  ],
];

for (const [what, options, step = stepAll] of CASES) {
  test(`apart in ${what}`, () => {
    const make = (names: readonly string[]) =>
      new AdamW(Object.fromEntries(names.map((name) => [name, weights(name)])), {
        lr: 0.01,
        ...options,
      });
    const orders = [[A, B], [B, A], [A], [B]];
    const trained = orders.map((names) => {
      const optimizer = make(names);
      for (let k = 0; k < 4; k++) step(optimizer, names, k);
      return new Map(names.map((name) => [name, optimizer.parameter(name)]));
    });
    for (const [name, alone] of [
      [A, trained[2]],
      [B, trained[3]],
    ] as const) {
      const own = alone.get(name);
      assert.ok(own);
      for (const both of trained.slice(0, 2)) {
        const other = both.get(name);
        assert.is(other?.step, own.step);
        for (const plane of ["master", "expAvg", "expAvgSq"] as const) {
          assert.is(differingBits(other?.[plane] as Float32Array, own[plane]), -1, plane);
        }
      }
    }
  });
}

test("rates of groups, and the report of each", () => {
  const groups = [
    { name: "a", params: { [A]: weights(A) }, lr: 0.01 },
    { name: "b", params: { [B]: weights(B) }, lr: 0.02, weightDecay: 0.5 },
  ];
  const both = new AdamW(groups, {});
  const alone = groups.map((group) => new AdamW([group], {}));
  let report: StepReport | undefined;
  for (let k = 0; k < 3; k++) {
    report = both.step({ [A]: gradient(A, k), [B]: gradient(B, k) });
    alone.forEach((optimizer, i) => {
      const name = [A, B][i];
      optimizer.step({ [name]: gradient(name, k) });
    });
  }
  assert.equal(report?.lr, { a: 0.01, b: 0.02 });
  for (const [i, name] of [A, B].entries()) {
    const { master } = both.parameter(name);
    assert.is(differingBits(master, alone[i].parameter(name).master), -1);
  }
});

test.run();
