import { suite } from "uvu";
import * as assert from "uvu/assert";
import { distReduceMetrics, type Metrics } from "../src/optimizers/decoupled-adamw-metrics.ts";

const test = suite("reducing metrics over ranks");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

async function refusal(metrics: Wrong, allReduce: Wrong): Promise<unknown> {
  try {
    await distReduceMetrics(metrics, allReduce);
  } catch (error) {
    return error;
  }
  return null;
}

test("what is no record of numbers is refused before the other ranks wait for it", async () => {
  let calls = 0;
  const allReduce = (metrics: Metrics) => {
    calls++;
    return metrics;
  };
  const rows = [
    [null, "null"],
    [undefined, "undefined"],
    [[1], "[1]"],
    [new Map([["l2_norm/grad/w", 3]]), "a Map"],
  ];
  for (const [metrics, shown] of rows) {
    const error = (await refusal(metrics, allReduce)) as Error;
    assert.instance(error, TypeError);
    const expected = "expected a record of key to number";
    assert.is(error.message, `"metrics" of distReduceMetrics: ${expected}, got ${shown}`);
  }
  assert.is(calls, 0);
});

test("so is what allReduce gives", async () => {
  const error = (await refusal({ "l2_norm/grad/w": 1 }, () => undefined)) as Error;
  assert.instance(error, TypeError);
  assert.is(
    error.message,
    '"metrics" of allReduce: expected a record of key to number, got undefined',
  );
});

test('a metric "ranks" would be lost among the counts', async () => {
  const error = (await refusal({ ranks: 5 }, (metrics: Metrics) => metrics)) as Error;
  assert.instance(error, RangeError);
  assert.is(
    error.message,
    '"metrics" of distReduceMetrics: expected keys other than "ranks", which counts them, got "ranks"',
  );
});

test("what cannot reduce, and sums that count no ranks", async () => {
  const none = (await refusal({}, "sum")) as Error;
  assert.instance(none, TypeError);
  assert.is(
    none.message,
    '"allReduce" of distReduceMetrics: expected a function (metrics) => their sums, got "sum"',
  );
  for (const [ranks, shown] of [
    [0, "0"],
    [Number.NaN, "NaN"],
    [undefined, "undefined"],
  ] as const) {
    const sums = ranks === undefined ? {} : { ranks };
    const error = (await refusal({ "l2_norm/grad/w": 1 }, () => sums)) as Error;
    assert.match(error.message, `expected a count of at least 1, got ${shown}`);
  }
});

test.run();
