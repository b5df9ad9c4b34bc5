import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CountingCollective } from "../examples/data-parallel/counting-collective.ts";
import { readPlan } from "../examples/data-parallel/flags.ts";
import { trainLocal } from "../examples/data-parallel/local.ts";
import { gradientsOf, MicroBatches } from "../examples/data-parallel/micro-batches.ts";
import type { Outcome } from "../examples/data-parallel/outcome.ts";
import { linePoints } from "../examples/data-parallel/page/line.ts";
import { readParameters } from "../examples/data-parallel/page/parameters.ts";
import { readTask } from "../examples/data-parallel/read-task.ts";
import { FILES, type Plan } from "../examples/data-parallel/task.ts";
import { trainAlone } from "../examples/data-parallel/train-alone.ts";
import { trainRank } from "../examples/data-parallel/train-rank.ts";
import { mapLayers } from "../examples/language-detector/network.ts";
import { onAll, withRanks } from "./reference/ranks.ts";

// The example of several ranks: the ranks' micro-batches, and that they come to one process's bits.

const test = suite("examples/data-parallel");
const task = readTask();
const PLAN: Plan = { steps: 2, seed: 3, precision: "float32" };
const silent = () => {};

/** What is the same for all, however many ranks there are. */
const common = ({ digest, losses, newAccuracy, oldAccuracy }: Outcome) => ({
  ...{ digest, losses, newAccuracy, oldAccuracy },
});

test("micro-batches of the ranks are the sequence of one process, cut", () => {
  const alone = new MicroBatches(task, 5);
  const sequence = Array.from({ length: 6 }, () => alone.take());
  assert.is(sequence[0].length, FILES);
  for (const rank of [0, 1, 2]) {
    const own = new MicroBatches(task, 5);
    for (const step of [0, 1]) {
      own.leave(rank);
      assert.equal(own.take(), sequence[3 * step + rank]);
      own.leave(2 - rank);
    }
  }
});

test("threads of one process have the digest of one that sums their micro-batches", async () => {
  const alone = await trainAlone(task, PLAN, 3, silent);
  const seen: number[] = [];
  const local = await trainLocal(PLAN, 3, (step, loss) => {
    assert.is(loss, alone.losses[step - 1]);
    seen.push(step);
  });
  assert.equal(common(local), common(alone));
  assert.equal(seen, [1, 2]);
  assert.is(local.costs.length, 3);
  const other = await trainAlone(task, { ...PLAN, seed: 4 }, 3, silent);
  assert.is.not(other.digest, alone.digest);
});

test("a 16-bit model copy: the same bits, and half the weights to send", async () => {
  const plan: Plan = { ...PLAN, steps: 1, precision: "bfloat16" };
  const alone = await trainAlone(task, plan, 2, silent);
  const full = await trainLocal({ ...plan, precision: "float32" }, 2, silent);
  const outcomes = await withRanks(2, (ranks) =>
    // One network for both would mix their activations.
    onAll(ranks, (rank) => trainRank(rank, readTask(), plan, silent)),
  );
  for (const outcome of outcomes) assert.equal(common(outcome), common(alone));
  const sent = (outcome: Outcome) => outcome.costs[0].sentPerStep;
  assert.ok(sent(outcomes[0]) < 0.8 * sent(full), `${sent(outcomes[0])} ${sent(full)}`);
});

test("a micro-batch's gradients replace those of the one before", () => {
  const { network, start } = task;
  const zeros = () => mapLayers((name) => new Float32Array(start.weights[name].length));
  const microBatch = new MicroBatches(task, 1).take();
  const [once, again] = [zeros(), zeros()];
  const loss = gradientsOf(network, start.weights, once, microBatch);
  again["hidden1.weight"].fill(7);
  assert.is(gradientsOf(network, start.weights, again, microBatch), loss);
  assert.equal(again["hidden1.weight"], once["hidden1.weight"]);
  assert.ok(once["hidden1.weight"].some((value) => value !== 0));
});

test("counts what a rank gives to the others", async () => {
  const counts = await withRanks(3, (ranks) =>
    onAll(ranks, async (rank) => {
      const counting = new CountingCollective(rank);
      const counted: number[] = [];
      const count = async (call: Promise<void>) => {
        const before = counted.reduce((sum, bytes) => sum + bytes, 0);
        await call;
        counted.push(counting.bytes - before);
      };
      await count(counting.allGather([1, 2, 3].map((length) => new Uint8Array(length))));
      const parts = [10, 20, 30].map((length) => new Float32Array(length));
      await count(
        counting.reduceScatter(parts, new Float32Array(parts[rank.rank].length), "ordered"),
      );
      await count(counting.allReduce(new Float64Array(5), "ordered"));
      await count(counting.broadcast(new Uint8Array(7), 1));
      await count(counting.barrier());
      return counted;
    }),
  );
  assert.equal(counts, [
    [2, 200, 80, 0, 0],
    [4, 160, 80, 14, 0],
    [6, 120, 80, 0, 0],
  ]);
});

test("the page's address: defaults, and what is wrong", () => {
  assert.equal(readParameters("?rank=2&ranks=3&steps=60&server=ws://a:1"), {
    ...{ server: "ws://a:1", group: "language-detector", rank: 2, ranks: 3, timeout: 30_000 },
    ...{ seed: 1, steps: 60, precision: "float32" },
  });
  const wrong: [string, RegExp][] = [
    ["?rank=0", /\?ranks=: expected a whole number from 1 to 64, got nothing/],
    ["?ranks=3", /\?rank=: expected a whole number from 0 to 2, got nothing/],
    ["?rank=3&ranks=3", /\?rank=: expected a whole number from 0 to 2, got "3"/],
    ["?rank=0&ranks=3&steps=many", /\?steps=/],
    ["?rank=0&ranks=3&precision=int8", /\?precision=: expected float32, float16, bfloat16/],
  ];
  for (const [search, message] of wrong) assert.throws(() => readParameters(search), message);
});

test("flags of a plan", () => {
  const values = { seed: "1", steps: "9", precision: "float16", help: false };
  assert.equal(readPlan(values), {
    ...{ seed: 1, steps: 9, precision: "float16", json: undefined, help: false },
  });
  assert.throws(() => readPlan({ ...values, precision: "int8" }), /--precision: expected float32/);
  assert.throws(() => readPlan({ ...values, steps: "0" }), /--steps: expected a whole number/);
});

test("the page's curve", () => {
  assert.is(linePoints([2, 1, 0], 3), "0.0,0.0 300.0,60.0 600.0,120.0");
  assert.is(linePoints([0], 1), "0.0,120.0");
});

test.run();
