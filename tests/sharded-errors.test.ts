import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Collective } from "../src/collectives/collective.ts";
import {
  AdamW,
  type AdamWOptions,
  AshlarError,
  clipAdaptive,
  dynamicLossScale,
  ready,
} from "../src/index.ts";
import {
  RankError,
  ShardedAdamW,
  type ShardedAdamWOptions,
  soloCollective,
} from "../src/sharded/index.ts";
import { onAll, rejections, withRanks } from "./reference/ranks.ts";
import { assertRefused, type ErrorClass } from "./reference/refused.ts";
import { rejection } from "./reference/rejection.ts";
import { gradientsOf, initial } from "./reference/sharded-model.ts";

const test = suite("sharded: errors");
test.before(() => ready());

const w = (value = 1) => ({ w: new Float32Array(10).fill(value) });
const solo = (options: ShardedAdamWOptions = {}) =>
  ShardedAdamW.create(soloCollective(), w(), options);

async function refused(act: Promise<unknown>, kind: ErrorClass, message: string): Promise<void> {
  const error = await rejection(act);
  assertRefused(
    () => {
      throw error;
    },
    kind,
    message,
  );
}

test("options that a rank can't keep are refused, naming them", async () => {
  const rows: readonly (readonly [options: object, kind: ErrorClass, message: string])[] = [
    [
      { reduction: "sorted" },
      RangeError,
      '"reduction" of the options: expected "ordered" or "fast", got "sorted"',
    ],
    [{ average: 1 }, TypeError, '"average" of the options: expected true or false, got 1'],
    [
      { bucketBytes: 16_383 },
      RangeError,
      '"bucketBytes" of the options: expected a whole number from 16384 to 1073741824, got 16383',
    ],
    [
      { threads: 2 },
      RangeError,
      '"threads" of the options: expected 1 where ranks share the work, got 2. Start a rank for each core',
    ],
    [
      { lazy: true },
      RangeError,
      '"lazy" of the options: expected false: rows are made dense before ranks sum them, got true',
    ],
    [
      { centralize: true },
      RangeError,
      '"centralize" of parameter "w": expected what works element by element or by norms of whole ' +
        "gradients, got true. Rows may lie on several ranks",
    ],
    [
      { clip: clipAdaptive(0.1) },
      RangeError,
      '"clip" of parameter "w": expected what works element by element or by norms of whole ' +
        "gradients, got an adaptive one. Rows may lie on several ranks",
    ],
    [{ lrs: 1 }, TypeError, ""],
  ];
  for (const [options, kind, message] of rows) {
    const error = await rejection(solo(options as ShardedAdamWOptions));
    if (message !== "") assert.is(error.message, message);
    assert.is(error.constructor, kind);
  }
  await refused(
    ShardedAdamW.create(soloCollective(), w(), 3 as never),
    TypeError,
    '"options" of ShardedAdamW.create: expected an object of options, got 3',
  );
  await refused(
    ShardedAdamW.create(soloCollective(), { w: new Float32Array(100_000) }, { slabBytes: 262_144 }),
    RangeError,
    '"length" of parameter "w": expected at most 65536 elements, what a memory of slabBytes holds, got ' +
      "100000",
  );
});

test("what is no Collective is refused", async () => {
  const methods = Object.fromEntries(METHODS.map((name) => [name, () => Promise.resolve()]));
  for (const collective of [
    null,
    {},
    { rank: 0, size: 1 },
    { ...methods, rank: 1, size: 1 },
    { ...methods, rank: -1, size: 1 },
    { ...methods, rank: 0.5, size: 1 },
    { ...methods, rank: 0, size: 1.5 },
    { ...methods, rank: 0, size: 1, barrier: 3 },
  ]) {
    const error = await rejection(ShardedAdamW.create(collective as never, w()));
    assert.match(error.message, /^"collective" of a sharded optimizer: expected a Collective: /);
    assert.is(error.constructor, TypeError);
  }
});

test("a loss scale is one optimizer's, and free again once it could not be made", async () => {
  const lossScale = dynamicLossScale();
  const options = { lossScale, centralize: true };
  await rejection(solo(options));
  const optimizer = await solo({ lossScale });
  assert.is(optimizer.lossScale, lossScale);
  assert.match((await rejection(solo({ lossScale }))).message, "one that another optimizer has");
  optimizer.dispose();
  (await solo({ lossScale })).dispose();
});

test("ranks that were given other things are told so, all of them alike", async () => {
  const rows: readonly (readonly [
    options: readonly ShardedAdamWOptions[],
    data: readonly object[],
    message: string,
  ])[] = [
    [
      [{}, {}, { lr: 0.5 }],
      [w(), w(), w()],
      "the sharded AdamW: expected the same options on all ranks, got others on rank 2 than on rank 0",
    ],
    [
      [{}, { average: true }, {}],
      [w(), w(), w()],
      "the sharded AdamW: expected the same reduction, average, bucketBytes and slabBytes on all " +
        "ranks, got others on rank 1 than on rank 0",
    ],
    [
      [{}, {}, {}],
      [w(), { v: new Float32Array(10) }, w()],
      "the sharded AdamW: expected the same parameters, in their order on all ranks, got others on " +
        "rank 1 than on rank 0",
    ],
    [
      [{}, {}, {}],
      [w(), w(), w(2)],
      '"data" of parameter "w": expected the same on all ranks, got other values on rank 2 than on ' +
        "rank 0",
    ],
  ];
  for (const [options, data, message] of rows) {
    await withRanks(3, async (all) => {
      const errors = await rejections(
        all.map((collective, rank) =>
          ShardedAdamW.create(collective, data[rank] as never, options[rank]),
        ),
      );
      for (const error of errors) {
        assert.is(error.message, message);
        assert.is((error as RankError).code, "RANKS_DIFFER");
      }
    });
  }
});

const makeAll = (all: readonly Collective[], options: AdamWOptions = {}) =>
  onAll(all, (collective) => ShardedAdamW.create(collective, initial(), options));

test("bad gradients on one rank: its own error there, and the step is off for all", async () => {
  await withRanks(3, async (all) => {
    const optimizers = await makeAll(all);
    const before = await onAll(optimizers, (one) => one.digest());
    const errors = await rejections(
      optimizers.map((one, rank) =>
        one.step(rank === 1 ? { "a.bias": new Float32Array(4) } : gradientsOf(0, rank)),
      ),
    );
    assert.is(errors[1].message, '"gradient" of parameter "a.bias": expected 3 elements, got 4');
    for (const rank of [0, 2]) {
      assert.is((errors[rank] as RankError).rank, 1);
      assert.is(
        errors[rank].message,
        "step 1: expected every rank to take it, got an error on rank 1 in what it was given: " +
          "it says there which. Nothing was changed, and the step can be tried again",
      );
    }
    assert.equal(await onAll(optimizers, (one) => one.digest()), before);
    // Two that refuse: each has its own error.
    const both = await rejections(optimizers.map((one) => one.step({ x: new Float32Array(1) })));
    for (const error of both) assert.match(error.message, 'expected names of parameters, got "x"');
    await onAll(optimizers, (one, rank) => one.step(gradientsOf(0, rank)));
    assert.is(optimizers[0].steps, 1);
  });
});

test("bad options on one rank: its own error there, and nobody waits for it", async () => {
  await withRanks(3, async (all) => {
    const errors = await rejections(
      all.map((collective, rank) =>
        ShardedAdamW.create(collective, w(), rank === 2 ? { lr: -1 } : {}),
      ),
    );
    assert.match(errors[2].message, /^"lr" of the options: .*got -1$/);
    for (const rank of [0, 1]) {
      assert.is(
        errors[rank].message,
        "ShardedAdamW.create: expected every rank to do its part, got an error on rank 2: it says there " +
          "which",
      );
    }
    const optimizers = await makeAll(all);
    const steps = await rejections(
      optimizers.map((one, rank) => one.step({}, rank === 1 ? ({ metric: 1 } as never) : {})),
    );
    assert.match(steps[1].message, '"metric" of step');
    for (const rank of [0, 2]) assert.match(steps[rank].message, "got an error on rank 1");
    await onAll(optimizers, (one) => one.step({}));
  });
});

test("what fails on one rank alone in the middle of a step ends it for all", async () => {
  for (const [method, from] of [
    ["reduceScatter", 0],
    ["allGather", 6],
  ] as const) {
    await withRanks(3, async (all) => {
      const broken = all.map((collective, rank) =>
        rank === 1 ? failing(collective, method, from, new Error("no memory")) : collective,
      );
      const optimizers = await makeAll(broken);
      const errors = await rejections(optimizers.map((one) => one.step(gradientsOf(0, 0))));
      assert.is(errors[1].message, "no memory");
      for (const rank of [0, 2]) assert.is((errors[rank] as RankError).rank, 1);
    });
  }
});

test("rates that differ, and a step that only some measure", async () => {
  await withRanks(3, async (all) => {
    const optimizers = await makeAll(all, { lr: 0.25 });
    optimizers[2].groups[0].lr = 0.5;
    const errors = await rejections(optimizers.map((one) => one.step()));
    for (const error of errors) {
      assert.is((error as RankError).rank, 2);
      assert.match(
        error.message,
        "expected the same lr of the options on all ranks, got 0.25 on rank 0 and 0.5 on rank 2. Nothing",
      );
    }
    optimizers[2].groups[0].lr = 0.25;
    const measured = await rejections(
      optimizers.map((one, rank) => one.step(undefined, { metrics: rank === 1 })),
    );
    for (const error of measured) assert.match(error.message, "option metrics of the step");
    await onAll(optimizers, (one) => one.step());
    assert.is(new Set(await onAll(optimizers, (one) => one.digest())).size, 1);
  });
});

test("a schedule that fails on one rank", async () => {
  await withRanks(2, async (all) => {
    const optimizers = await onAll(all, (collective, rank) =>
      ShardedAdamW.create(collective, initial(), { lr: (k) => (k === 1 && rank === 1 ? -1 : 0.1) }),
    );
    await onAll(optimizers, (one) => one.step());
    const errors = await rejections(optimizers.map((one) => one.step()));
    assert.match(errors[0].message, "got an error on rank 1");
    assert.match(errors[1].message, /^"lr.*got -1/);
  });
});

test("a non-finite gradient is an error on all ranks, and changes nothing", async () => {
  await withRanks(3, async (all) => {
    const optimizers = await makeAll(all);
    const one = new AdamW(initial());
    const gradients = gradientsOf(0, 0);
    gradients["c.weight"] = new Float32Array(14_400);
    gradients["c.weight"][14_000] = Number.NaN;
    gradients["b.weight"] = new Float32Array(8194).fill(2 ** 64, 8193);
    for (let rank = 0; rank < 3; rank++)
      one.accumulate(rank === 0 ? gradients : gradientsOf(0, rank));
    const expected = await rejection((async () => one.step())());
    const before = await onAll(optimizers, (each) => each.digest());
    const errors = await rejections(
      optimizers.map((each, rank) => each.step(rank === 0 ? gradients : gradientsOf(0, rank))),
    );
    for (const error of errors) {
      assert.is(error.message, expected.message);
      assert.is((error as AshlarError).code, "NON_FINITE");
    }
    assert.equal(await onAll(optimizers, (each) => each.digest()), before);
  });
});

test("scalars beyond float32 are an error on all ranks, before anything is written", async () => {
  await withRanks(2, async (all) => {
    const optimizers = await makeAll(all, { lr: 1e45 });
    const errors = await rejections(optimizers.map((one) => one.step()));
    for (const error of errors) assert.match(error.message, "finite as float32");
    assert.is(optimizers[0].steps, 0);
  });
});

const METHODS = [
  ...(["allGather", "reduceScatter", "allReduce"] as const),
  ...(["broadcast", "barrier", "close"] as const),
];

/** A rank's collective, one method of which stops working at a call. */
function failing(collective: Collective, method: keyof Collective, from: number, error: Error) {
  let calls = 0;
  const own = collective[method] as (...args: unknown[]) => unknown;
  const bound = METHODS.map((name) => [name, collective[name].bind(collective)]);
  return {
    ...Object.fromEntries(bound),
    rank: collective.rank,
    size: collective.size,
    [method]: (...args: unknown[]) =>
      ++calls > from ? Promise.reject(error) : own.apply(collective, args),
  } as Collective;
}

const lostRank = () => new RankError("RANK_LOST", 3, "rank 3 is lost");

test("a rank that is lost before the update: nothing was changed", async () => {
  for (const [method, from] of [
    ["reduceScatter", 0],
    ["allGather", 6],
    ["barrier", 0],
  ] as const) {
    const collective = failing(soloCollective(), method, from, lostRank());
    const optimizer = await ShardedAdamW.create(collective, w(), { gradNorm: true });
    const before = [...optimizer.weights("w")];
    const error = (await rejection(optimizer.step(w()))) as RankError;
    assert.is(error.message, "step 1: rank 3 is lost. Nothing was changed on this rank");
    assert.is(error.rank, 3);
    assert.is(error.code, "RANK_LOST");
    assert.is(optimizer.steps, 0);
    assert.equal([...optimizer.weights("w")], before);
  }
});

test("a rank that is lost while weights are exchanged: the step is done on this one", async () => {
  // In the agreement two, for the weights one, in a step the header, the scan's and then the weights.
  const collective = failing(soloCollective(), "allGather", 6, lostRank());
  const optimizer = await ShardedAdamW.create(collective, w());
  const error = await rejection(optimizer.step(w()));
  assert.is(
    error.message,
    "step 1: rank 3 is lost. This rank's shard has taken it, but the lost rank's weights may be those of " +
      "the step before",
  );
  assert.is(optimizer.steps, 1);
});

test("an engine that gives up in the middle of the update poisons the optimizer", async () => {
  const collective = failing(soloCollective(), "allGather", 6, new Error("no memory"));
  const optimizer = await ShardedAdamW.create(collective, w());
  assert.is((await rejection(optimizer.step(w()))).message, "no memory");
  for (const call of [() => optimizer.step(w()), () => optimizer.digest()]) {
    const error = (await rejection(call())) as AshlarError;
    assert.is(error.code, "POISONED");
  }
  assertRefused(
    () => optimizer.zeroGradients(),
    AshlarError,
    "zeroGradients: expected whole state, got a failure inside step 1. Load the last checkpoint",
  );
  optimizer.dispose();
});

test("a later allReduce that fails says that the step was applied", async () => {
  const collective = failing(soloCollective(), "allReduce", 0, lostRank());
  const optimizer = await ShardedAdamW.create(collective, w(), { precision: { model: "float16" } });
  assert.match((await rejection(optimizer.step(w()))).message, "This rank's shard has taken it");
  assert.is(optimizer.steps, 1);
});

test("gradients of a step that was applied are spent, also where a rank is lost after it", async () => {
  const collective = failing(soloCollective(), "allReduce", 0, lostRank());
  const precision = { model: "float16" } as const;
  const optimizer = await ShardedAdamW.create(collective, w(), { precision, zeroGradients: true });
  optimizer.accumulate(w());
  assert.is(((await rejection(optimizer.step())) as RankError).code, "RANK_LOST");
  assert.is(optimizer.steps, 1);
  assert.equal([...optimizer.gradient("w")], new Array(10).fill(0));
  // No sums wait: gradients by name are taken.
  assert.is(((await rejection(optimizer.step(w()))) as RankError).code, "RANK_LOST");
  assert.is(optimizer.steps, 2);
});

test("an infinite model copy is reported on all ranks", async () => {
  await withRanks(2, async (all) => {
    const data = () => ({ a: new Float32Array(4096).fill(65_000), b: new Float32Array(4096) });
    const reports = await onAll(all, async (collective) => {
      const options = { lr: 1000, weightDecay: 0, precision: { model: "float16" } } as const;
      const optimizer = await ShardedAdamW.create(collective, data(), options);
      return optimizer.step({ a: new Float32Array(4096).fill(-1) });
    });
    for (const { overflowed } of reports)
      assert.equal(overflowed, [{ parameter: "a", count: 4096 }]);
  });
});

test("calls while a step is under way are BUSY, and after dispose DISPOSED", async () => {
  const optimizer = await solo();
  const step = optimizer.step(w());
  const busy = (what: string) =>
    `${what}: expected nothing to run, got a call before step was done. Await it first`;
  await refused(optimizer.step(w()), AshlarError, busy("step"));
  await refused(optimizer.digest(), AshlarError, busy("digest"));
  assertRefused(() => optimizer.accumulate(w()), AshlarError, busy("accumulate"));
  assertRefused(() => optimizer.copyTo(w()), AshlarError, busy("copyTo"));
  assertRefused(() => optimizer.dispose(), AshlarError, busy("dispose"));
  await step;
  optimizer.dispose();
  optimizer.dispose();
  const gone = "the sharded AdamW optimizer: expected to be in use, got disposed";
  for (const call of [
    () => optimizer.gradient("w"),
    () => optimizer.weights("w"),
    () => optimizer.bytes,
    () => optimizer.zeroGradients(),
    () => optimizer.accumulate(w()),
    () => optimizer.metrics(),
    () => optimizer.configDigest(),
    () => optimizer.copyTo(w()),
  ]) {
    assertRefused(call, AshlarError, gone);
  }
  for (const call of [
    () => optimizer.step(),
    () => optimizer.digest(),
    () => optimizer.weightsDigest(),
  ]) {
    await refused(call(), AshlarError, gone);
  }
});

test("names, targets and views", async () => {
  const optimizer = await ShardedAdamW.create(soloCollective(), initial());
  const half = await solo({ precision: { model: "float16" } });
  assertRefused(
    () => optimizer.gradient("v"),
    RangeError,
    '"name" of the parameters: expected the name of one, got "v"',
  );
  for (const [act, kind, message] of [
    [
      () => optimizer.copyTo([] as never),
      TypeError,
      '"targets" of copyTo: expected a record of name to array, got []',
    ],
    [
      () => optimizer.copyTo({ v: new Float32Array(1) }),
      RangeError,
      '"targets" of copyTo: expected names of parameters, got "v"',
    ],
    [
      () => optimizer.copyTo({ scale: new Uint16Array(1) }),
      TypeError,
      '"target" of parameter "scale": expected a Float32Array, got Uint16Array of length 1',
    ],
    [
      () => half.copyTo({ w: new Float32Array(10) }),
      TypeError,
      '"target" of parameter "w": expected a Uint16Array for its model copy, got Float32Array of length 10',
    ],
    [
      () => optimizer.accumulate({ scale: optimizer.gradient("scale") }),
      RangeError,
      `"gradient" of parameter "scale": expected an array of the caller's, got memory of the ` +
        "optimizer's. Give a copy",
    ],
  ] as const) {
    assertRefused(act, kind, message);
  }
  await refused(
    optimizer.step({ scale: optimizer.gradient("a.bias").subarray(0, 1) }),
    RangeError,
    `"gradient" of parameter "scale": expected an array of the caller's, or the view of its own, got ` +
      "memory of the optimizer's. Give a copy",
  );
  optimizer.accumulate({ scale: new Float32Array(1) });
  await refused(
    optimizer.step({ scale: new Float32Array(1) }),
    AshlarError,
    "step: expected no gradients while the sums of micro-batches wait, got them after 1 of accumulate. " +
      "step() moves by the sums, zeroGradients() forgets them",
  );
  await refused(
    optimizer.step(undefined, { metric: true } as never),
    TypeError,
    '"metric" of step: expected one of metrics, report, got an unknown key',
  );
});

test("a lost rank, for real: all others are told which", async () => {
  await withRanks(3, async (all) => {
    const optimizers = await makeAll(all);
    await onAll(optimizers, (one, rank) => one.step(gradientsOf(0, rank)));
    const errors = rejections([0, 2].map((rank) => optimizers[rank].step(gradientsOf(1, rank))));
    await all[1].close();
    for (const error of (await errors) as RankError[]) {
      assert.is(error.code, "RANK_LOST");
      assert.is(error.rank, 1);
      assert.match(error.message, /^step 2: .*Nothing was changed on this rank$/s);
    }
    assert.equal([optimizers[0].steps, optimizers[2].steps], [1, 1]);
  });
});

test.run();
