import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinLocal, localRanks } from "../src/collectives/index.ts";
import { LocalLink } from "../src/collectives/local/local-link.ts";
import { HEADER as FRAME_HEADER } from "../src/collectives/messages/frame.ts";
import { MessageCollective } from "../src/collectives/messages/message-collective.ts";
import { CountingCollective } from "./harness/counting-collective.ts";
import { CountingLink } from "./harness/counting-link.ts";
import {
  bytesOfStep,
  evenPlan,
  HEADER,
  messagesOfStep,
  operationsOf,
  simulateStep,
} from "./scale/model.ts";
import { takeStep } from "./scale/take-step.ts";

// The byte counts of docs/scale.md's model beside those of the real engine of messages.

const test = suite("scale: bytes");

/** Uneven shards, one bucket and several, 16-bit weights. */
const PLANS = [1, 2, 3, 4].flatMap((ranks) =>
  [
    { elements: 50_001, sliceElements: 9000, weightBytes: 4 as const },
    { elements: 12_288, sliceElements: 1_000_000, weightBytes: 2 as const },
    // Fewer blocks than ranks: some own nothing.
    { elements: 5000, sliceElements: 5000, weightBytes: 4 as const },
  ].map((options) => evenPlan({ ranks, ...options })),
);
const nameOf = ({ ranks, elements }: { ranks: number; elements: number }) =>
  `${elements} elements on ${ranks} ranks`;

for (const plan of PLANS) {
  test(`${nameOf(plan)}: a step moves as many bytes as the model says`, async () => {
    const inner = await Promise.all(localRanks(plan.ranks).map(joinLocal));
    const ranks = inner.map((one) => new CountingCollective(one));
    await Promise.all(ranks.map((one) => takeStep(one, operationsOf(plan))));
    const counted = ranks.map(({ sent, published, received }) => ({ sent, published, received }));
    assert.equal(counted, bytesOfStep(plan));
    const calls = operationsOf(plan).map(({ kind, parts }) => ({ kind, parts }));
    for (const one of ranks) assert.equal(one.calls, calls);
    await Promise.all(ranks.map((one) => one.close()));
  });
}

for (const plan of PLANS.filter(({ ranks }) => ranks > 1)) {
  for (const largest of [1 << 20, 4099]) {
    test(`${nameOf(plan)}, messages of ${largest} bytes: links carry what the model says`, async () => {
      const links = localRanks(plan.ranks).map(
        ({ rank, ports }) => new CountingLink(new LocalLink(rank, ports), largest),
      );
      const ranks = links.map((link) => new MessageCollective(link));
      await Promise.all(ranks.map((one) => takeStep(one, operationsOf(plan))));
      const framing = { header: FRAME_HEADER, largest };
      assert.equal(
        links.map(({ counted }) => counted),
        messagesOfStep(plan, framing),
      );
      const costs = { update: 1e-9, add: 1e-9, message: 1e-5, passing: 1e-6 };
      const simulated = simulateStep({
        plan,
        engine: "mesh",
        links: links.map(() => ({ up: 1e6, down: 1e6, latency: 0.01 })),
        costs,
        framing,
      });
      const others = plan.ranks - 1;
      const { counted: first } = links[0];
      assert.is(simulated[0].messages, first.toOne + others * first.toAll);
      assert.equal(
        simulated.map(({ sent, received }) => ({ sent, received })),
        links.map(({ counted: { bytesToOne, bytesToAll }, received }) => {
          return { sent: bytesToOne + others * bytesToAll, received };
        }),
      );
      await Promise.all(ranks.map((one) => one.close()));
    });
  }
}

test("the model frames messages as the engine does", () => {
  assert.is(HEADER, FRAME_HEADER);
});

test("a counting collective counts sums and broadcasts too", async () => {
  const inner = await Promise.all(localRanks(3).map(joinLocal));
  const ranks = inner.map((one) => new CountingCollective(one));
  await Promise.all(
    ranks.map(async (one) => {
      await one.allReduce(new Float64Array(2), "ordered");
      await one.broadcast(new Uint8Array(5), 1);
    }),
  );
  const counted = ranks.map(({ sent, published, received }) => [sent, published, received]);
  assert.equal(counted, [
    [32, 16, 37],
    [42, 21, 32],
    [32, 16, 37],
  ]);
  assert.equal(
    ranks[0].calls.map(({ parts }) => parts),
    [
      [16, 16, 16],
      [0, 5, 0],
    ],
  );
  ranks[0].reset();
  assert.equal([ranks[0].sent, ranks[0].received, ranks[0].calls], [0, 0, []]);
  await Promise.all(ranks.map((one) => one.close()));
});

test.run();
