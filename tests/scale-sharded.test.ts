import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinLocal, localRanks, ShardedAdamW } from "../src/sharded/index.ts";
import { CountingCollective } from "./harness/counting-collective.ts";
import { bytesOfStep, evenPlan, operationsOf } from "./scale/model.ts";

// The calls of a real step of ShardedAdamW beside those of docs/scale.md's model.

const test = suite("scale: ShardedAdamW");

const ELEMENTS = 50_001;
const SLICE = 8192;

/** What each rank counts in the second step. */
async function count(ranks: number, model: "float32" | "float16"): Promise<CountingCollective[]> {
  return Promise.all(
    localRanks(ranks).map(async (handle) => {
      const collective = new CountingCollective(await joinLocal(handle));
      const w = new Float32Array(ELEMENTS).fill(0.5);
      const options = { gradNorm: true, precision: { model }, bucketBytes: 4 * SLICE };
      const optimizer = await ShardedAdamW.create(collective, { w }, options);
      const gradient = { w: new Float32Array(ELEMENTS).fill(1 + collective.rank) };
      await optimizer.step(gradient);
      collective.reset();
      await optimizer.step(gradient);
      optimizer.dispose();
      await collective.close();
      return collective;
    }),
  );
}

for (const ranks of [1, 2, 3, 4]) {
  test(`${ranks} ranks: a step makes the calls of the model, and moves its bytes`, async () => {
    const plan = evenPlan({ ranks, elements: ELEMENTS, sliceElements: SLICE });
    const expected = operationsOf(plan).map(({ kind, parts }) => ({ kind, parts }));
    const counted = await count(ranks, "float32");
    for (const { calls } of counted) assert.equal(calls, expected);
    assert.equal(
      counted.map(({ sent, published, received }) => ({ sent, published, received })),
      bytesOfStep(plan),
    );
  });
}

test("16-bit weights are gathered in 16 bits; one sum more counts those that are infinite", async () => {
  const plan = evenPlan({ ranks: 3, elements: ELEMENTS, sliceElements: SLICE, weightBytes: 2 });
  const expected = operationsOf(plan).map(({ kind, parts }) => ({ kind, parts }));
  for (const { calls } of await count(3, "float16")) {
    assert.equal(calls, [...expected, { kind: "allReduce", parts: [8, 8, 8] }]);
  }
});

test.run();
