import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  CheckpointError,
  dynamicLossScale,
  type LossScale,
  ready,
} from "../src/index.ts";
import {
  type Collective,
  mergeShards,
  RankError,
  ShardedAdamW,
  type ShardedAdamWLoadOptions,
  type ShardSource,
  type ShardTarget,
  soloCollective,
} from "../src/sharded/index.ts";
import { plainCheckpoint, readPlain } from "./reference/plain-checkpoint.ts";
import { onAll, rejections, withRanks } from "./reference/ranks.ts";
import { rejection } from "./reference/rejection.ts";
import { ShardFiles } from "./reference/shard-files.ts";

// What is refused, with which words, and that no rank waits for one that has failed.

const test = suite("sharded checkpoints: errors");
test.before(() => ready());

const INDEX = "index.safetensors";
const LENGTH = 3 * 4096;
const weights = (value = 1) => ({
  w: new Float32Array(LENGTH).fill(value),
  b: new Float32Array(3),
});
const gradients = () => weights(0.5);

type Two = readonly ShardedAdamW[];

function inTwo<Result>(act: (two: Two) => Promise<Result>): Promise<Result> {
  return withRanks(2, async (all) =>
    act(await onAll(all, (each) => ShardedAdamW.create(each, weights()))),
  );
}

/** Files of two ranks after a step. */
const twoFiles = (steps = 1) =>
  inTwo(async (two) => {
    const files = new ShardFiles();
    await onAll(two, async (each) => {
      for (let step = 0; step < steps; step++) await each.step(gradients());
      await each.save(files.target);
    });
    return files;
  });

const shards = (files: ShardFiles) => files.names.filter((name) => name.startsWith("shard"));
const bytesOf = (files: ShardFiles, name: string) => files.files.get(name) as Uint8Array;

/** What two ranks that load it are rejected with. */
const refusals = (
  source: ShardSource | readonly ShardSource[],
  options: ShardedAdamWLoadOptions | readonly ShardedAdamWLoadOptions[] = {},
): Promise<Error[]> =>
  withRanks(2, (all) =>
    rejections(
      all.map((each, rank) =>
        ShardedAdamW.load(
          Array.isArray(source) ? source[rank] : (source as ShardSource),
          each,
          Array.isArray(options) ? options[rank] : (options as ShardedAdamWLoadOptions),
        ),
      ),
    ),
  );

/** A single rank, whose exchanges fail after so many with the loss of another. */
function failingGather(from: number) {
  const solo = soloCollective();
  let calls = 0;
  const collective: Collective = {
    rank: 0,
    size: 1,
    allGather: (parts) =>
      ++calls > from
        ? Promise.reject(new RankError("RANK_LOST", 1, "rank 1 is lost"))
        : solo.allGather(parts),
    reduceScatter: (...of) => solo.reduceScatter(...of),
    allReduce: (...of) => solo.allReduce(...of),
    broadcast: (...of) => solo.broadcast(...of),
    barrier: () => solo.barrier(),
    close: () => solo.close(),
  };
  return { collective, calls: () => calls };
}

function assertReason(error: Error, reason: string, message: string | RegExp): void {
  assert.instance(error, CheckpointError, error.stack);
  assert.is((error as CheckpointError).reason, reason);
  if (typeof message === "string") assert.is(error.message, message);
  else assert.match(error.message, message);
}

const partOf = (what: string, rank: number) =>
  `${what}: expected every rank to do its part, got an error on rank ${rank}: it says there which`;

function assertOther(error: Error, what: string, rank: number): void {
  assert.instance(error, RankError, error.stack);
  assert.is(error.message, partOf(what, rank));
  assert.equal([(error as RankError).code, (error as RankError).rank], ["RANKS_DIFFER", rank]);
}

test("save: bad targets and options, before anything is written", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    const rows: readonly (readonly [
      target: unknown,
      options: object,
      kind: object,
      says: string,
    ])[] = [
      [
        3,
        {},
        TypeError,
        `"target" of save: expected a folder's path or file: URL, or a function of a file's name, got 3`,
      ],
      [
        new URL("http://host/run"),
        {},
        TypeError,
        `"target" of save: expected a folder's path or file: URL, or a function of a file's name, got a http: URL`,
      ],
      ["", {}, RangeError, `"target" of save: expected a path, got ""`],
      [
        files.target,
        { keep: 1 },
        RangeError,
        `"keep" of save: expected 0, as only paths have older versions, got 1`,
      ],
      [
        files.target,
        { keep: -1 },
        RangeError,
        `"keep" of save: expected a whole number from 0 to 999, got -1`,
      ],
      [
        files.target,
        { kept: 1 },
        TypeError,
        `"kept" of save: expected one of onProgress, keep, got an unknown key`,
      ],
    ];
    for (const [target, options, kind, says] of rows) {
      const all = two.map((each) => each.save(target as ShardTarget, options));
      for (const error of await rejections(all)) {
        assert.is(error.message, says);
        assert.is(error.constructor, kind);
      }
      const mixed = await rejections([
        two[0].save(files.target),
        two[1].save(target as ShardTarget, options),
      ]);
      assertOther(mixed[0], "save", 1);
      assert.is(mixed[1].message, says);
    }
    assert.equal(files.names, []);
  });
});

test("save: sums of micro-batches that wait", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    two[1].accumulate(gradients());
    two[1].accumulate(gradients());
    const errors = await rejections(two.map((each) => each.save(files.target)));
    assertOther(errors[0], "save", 1);
    assert.is(
      errors[1].message,
      "save: expected no sums of micro-batches, which no shard has, got those of 2. Step first, or " +
        "zeroGradients() to forget them",
    );
    assert.is((errors[1] as RankError).code, "BUSY");
    assert.equal(files.names, []);
    await onAll(two, (each) => each.step(each === two[0] ? gradients() : undefined));
    await onAll(two, (each) => each.save(files.target));
    assert.is(files.names.length, 3);
  });
});

test("save: ranks that are not in the same state", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    two[1].groups[0].lr = 0.5;
    for (const error of await rejections(two.map((each) => each.save(files.target)))) {
      assert.instance(error, RankError);
      assert.is(
        error.message,
        "save: expected the same options, rates and loss scale on all ranks, got others on rank 1 than " +
          "on rank 0",
      );
    }
    assert.equal(files.names, []);
  });
});

test("save: one thing at a time", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    const saving = onAll(two, (each) => each.save(files.target));
    const busy = await rejection(two[0].step(gradients()));
    assert.match(busy.message, "got a call before save was done");
    assert.throws(() => two[0].accumulate(gradients()), "got a call before save was done");
    assert.match((await rejection(two[0].save(files.target))).message, "before save was done");
    await saving;
    const stepping = onAll(two, (each) => each.step(gradients()));
    assert.match((await rejection(two[1].save(files.target))).message, "before step was done");
    await stepping;
    two[0].dispose();
    assert.match((await rejection(two[0].save(files.target))).message, "got disposed");
  });
});

test("save: a rank that is lost in the middle, and what is thrown instead of nothing", async () => {
  const optimizer = await ShardedAdamW.create(soloCollective(), weights());
  const whole = new ShardFiles();
  await optimizer.save(whole.target);
  // Each exchange of a save after those of create.
  const counted = failingGather(Number.POSITIVE_INFINITY);
  const counting = await ShardedAdamW.create(counted.collective, weights());
  const made = counted.calls();
  await counting.save(new ShardFiles().target);
  const all = counted.calls() - made;
  assert.ok(all === 5, `${all} exchanges`);
  for (let at = 0; at < all; at++) {
    const files = new ShardFiles();
    const { collective } = failingGather(made + at);
    const each = await ShardedAdamW.create(collective, weights());
    const error = await rejection(each.save(files.target));
    assert.is(error.message, "rank 1 is lost");
    // The index is there only where every rank had its shard: and then it is whole.
    assert.equal(files.names, at < 2 ? [] : at < 4 ? shards(whole) : whole.names);
  }
  // Its own failure says more than that of the others.
  const { collective } = failingGather(made);
  const each = await ShardedAdamW.create(collective, weights());
  assert.is((await rejection(each.save(3 as never))).constructor, TypeError);
});

test("load: arguments", async () => {
  const files = await twoFiles();
  const rows: readonly (readonly [
    source: unknown,
    options: unknown,
    kind: object,
    says: string,
  ])[] = [
    [3, {}, TypeError, "of load: expected a path, a URL, a Uint8Array"],
    ["", {}, RangeError, `"source" of load: expected a path, got ""`],
    [files.source, 3, TypeError, `"options" of load: expected an object of options, got 3`],
    [files.source, { strict: 1 }, TypeError, `"strict" of load: expected true or false, got 1`],
    [files.source, { reduction: "x" }, RangeError, `"reduction" of the options`],
    [files.source, { learningRate: 1 }, TypeError, `"learningRate" of the options`],
    [files.source, { threads: 2 }, RangeError, `"threads" of the options`],
    [files.source, { parameters: { w: weights().w } }, CheckpointError, 'expected "b"'],
  ];
  for (const [source, options, kind, says] of rows) {
    for (const error of await refusals(source as ShardSource, options as object)) {
      assert.is(error.constructor, kind, error.stack);
      assert.match(error.message, says);
    }
    const mixed = await refusals([source as ShardSource, files.source], [options as object, {}]);
    assert.match(mixed[0].message, says);
    assertOther(mixed[1], "load", 0);
  }
  const error = await rejection(ShardedAdamW.load(files.source, {} as never));
  assert.match(error.message, `"collective" of a sharded optimizer: expected a Collective`);
});

test("load: ranks with other files or other wishes", async () => {
  const files = [await twoFiles(), await twoFiles(2)];
  for (const error of await refusals(files.map(({ source }) => source))) {
    assert.instance(error, RankError);
    assert.is(
      error.message,
      "load: expected the same checkpoint on all ranks, got others on rank 1 than on rank 0",
    );
  }
  for (const error of await refusals(files[0].source, [{}, { lr: 0.5 }])) {
    assert.instance(error, RankError);
    assert.match(error.message, "expected the same options on all ranks");
  }
  for (const error of await refusals(files[0].source, [{ average: true }, {}])) {
    assert.match(error.message, "expected the same reduction, average, bucketBytes and slabBytes");
  }
});

test("load: damage, a shard of another save, files of other kinds", async () => {
  const files = await twoFiles();
  const [first, second] = shards(files);
  const other = await twoFiles(2);
  const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array | undefined) => {
    const copy = files.copy();
    const bytes = Uint8Array.from(bytesOf(copy, name));
    copy.files.set(name, change(bytes) ?? bytes);
    return copy;
  };
  const flip = (at: number) => (bytes: Uint8Array) => {
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    return undefined;
  };
  const rows: readonly (readonly [files: ShardFiles, reason: string, message: RegExp])[] = [
    [changed(second, flip(-1)), "WRONG_CRC", /^shard "shard-00002-.*": "CRC-32" of tensor/],
    [changed(second, flip(30)), "NOT_A_CHECKPOINT", /^shard "shard-00002-/],
    [changed(second, (b) => b.slice(0, -1)), "TRUNCATED", /^shard "shard-00002-/],
    [changed(second, () => bytesOf(files, INDEX)), "OTHER_SHARD", /^shard "shard-00002-/],
    [changed(second, () => bytesOf(files, first)), "OTHER_SHARD", /^shard "shard-00002-/],
    [
      changed(second, () => bytesOf(other, shards(other)[1])),
      "OTHER_SHARD",
      /^shard "shard-00002-.*": "header" of the file: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}. It is of another save/,
    ],
  ];
  for (const [bad, reason, message] of rows) {
    const errors = await refusals(bad.source);
    assertOther(errors[0], "load", 1);
    assertReason(errors[1], reason, message);
    const target = new ShardFiles();
    assertReason(await rejection(mergeShards(bad.source, target.target("m"))), reason, message);
    assert.equal(target.names, []);
  }
  const index = bytesOf(files, INDEX);
  const whole: readonly (readonly [source: ShardSource, reason: string, message: RegExp])[] = [
    [changed(INDEX, flip(30)).source, "NOT_A_CHECKPOINT", /./],
    [changed(INDEX, () => index.slice(0, 100)).source, "TRUNCATED", /./],
    [
      index,
      "MISSING_SHARD",
      /^shard "shard-0000.*": .*Give load the folder, or a function of a file's name$/,
    ],
    [
      bytesOf(files, second),
      "SHARDED",
      /^"source" of load: expected an index, or all of a state, got one shard of several/,
    ],
    [
      await new AdamWDL({ parameters: [{ name: "w", shape: [1] }], learningRate: 1 }).toBytes(),
      "OTHER_CLASS",
      /Load it with AdamWDL\.load/,
    ],
  ];
  for (const [source, reason, message] of whole) {
    for (const error of await refusals(source)) assertReason(error, reason, message);
  }
});

test("load: a shard that breaks off while it is read", async () => {
  const files = await twoFiles();
  const [, second] = shards(files);
  const source = async (name: string) => {
    if (name !== second) return files.source(name);
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("the line is down"));
      },
    });
  };
  const errors = await refusals(source);
  assertOther(errors[0], "load", 1);
  assert.match(errors[1].message, "the line is down");
  assert.not.instance(errors[1], CheckpointError);
});

test("AdamW.load of a part of a sharded checkpoint says what it is", async () => {
  const files = await twoFiles();
  const remedy =
    "Load the index with ShardedAdamW.load, which takes soloCollective() for one process, or make an " +
    "ordinary checkpoint of it with mergeShards";
  const what = { [INDEX]: "the index of shards", [shards(files)[0]]: "one shard of several" };
  for (const [name, got] of Object.entries(what)) {
    assertReason(
      await rejection(AdamW.load(bytesOf(files, name))),
      "SHARDED",
      `"ashlar.state" of the checkpoint: expected all of a state, got ${got}. ${remedy}`,
    );
  }
});

test("merging an ordinary checkpoint, and loading one whose sums wait", async () => {
  const one = new AdamW(weights());
  const target = new ShardFiles();
  assertReason(
    await rejection(mergeShards(await one.toBytes(), target.target("m"))),
    "NOT_SHARDED",
    '"source" of mergeShards: expected the index of shards, got an ordinary checkpoint. It is one ' +
      "already: AdamW.load takes it",
  );
  assert.match(
    (await rejection(mergeShards(await one.toBytes(), "x", { keep: -1 }))).message,
    `"keep" of save`,
  );
  assert.equal(target.names, []);
  one.accumulate(gradients());
  for (const error of await refusals(await one.toBytes())) {
    assertReason(
      error,
      "WAITING_SUMS",
      '"accumulation" of the checkpoint: expected no sums of micro-batches, which no rank has for all, ' +
        "got those of 1. Load it with AdamW.load, step, and save it",
    );
  }
});

test("an ordinary checkpoint without a tensor that its state asks for", async () => {
  const { metadata, tensors } = readPlain(await new AdamW(weights()).toBytes());
  const bad = plainCheckpoint(metadata["ashlar.state"], tensors.slice(1));
  for (const error of await refusals(bad)) assertReason(error, "MISSING_TENSOR", /exp_avg/);
});

test("indexes that nobody wrote", async () => {
  const files = await twoFiles();
  const { metadata } = readPlain(bytesOf(files, INDEX));
  const state = JSON.parse(metadata["ashlar.state"]);
  type State = typeof state;
  const first = (edit: (shard: State) => void) => (of: State) => edit(of.sharded.shards[0]);
  const edits: readonly ((state: State) => unknown)[] = [
    (of) => (of.sharded = null),
    (of) => (of.sharded = []),
    (of) => (of.sharded.reduction = "slow"),
    (of) => (of.sharded.average = 0),
    (of) => (of.sharded.shards = {}),
    (of) => (of.sharded.shards = []),
    (of) => of.sharded.shards.pop(),
    (of) => of.sharded.shards.reverse(),
    (of) => of.sharded.shards.push(of.sharded.shards[1]),
    first((shard) => (shard.file = "../outside.safetensors")),
    first((shard) => (shard.file = `/${shard.file}`)),
    first((shard) => (shard.file = "index.safetensors")),
    first((shard) => (shard.file = 1)),
    first((shard) => (shard.bytes = -1)),
    first((shard) => (shard.header = "00")),
    first((shard) => (shard.header = null)),
    first((shard) => (shard.runs = null)),
    first((shard) => (shard.runs[0].name = "nobody")),
    first((shard) => (shard.runs[0].name = "__proto__")),
    first((shard) => (shard.runs[0].first = 1)),
    first((shard) => (shard.runs[0].length -= 1)),
    first((shard) => (shard.runs[0].length = 1.5)),
    first((shard) => shard.runs.push({ name: "w", first: shard.runs[0].length, length: 0 })),
    (of) => (of.accumulation = { microBatches: 1, average: false, parameters: [] }),
    (of) => (of.parameters[0].shape = [1e9, 1e9]),
    (of) => (of.steps = -1),
  ];
  for (const edit of edits) {
    const copy = structuredClone(state);
    edit(copy);
    const bad = files.copy();
    bad.files.set(INDEX, plainCheckpoint(JSON.stringify(copy), []));
    const errors = await refusals(bad.source);
    for (const error of errors) assertReason(error, "BAD_STATE", /of the checkpoint: expected/);
  }
  // As it is, it is fine.
  const same = files.copy();
  same.files.set(INDEX, plainCheckpoint(JSON.stringify(state), []));
  await ShardedAdamW.load(same.source, soloCollective());
});

test("a shard that an index names with less in it than the index says", async () => {
  const files = await twoFiles();
  const [first] = shards(files);
  const { metadata, tensors } = readPlain(bytesOf(files, first));
  const forged = plainCheckpoint(metadata["ashlar.state"], tensors.slice(1));
  const length = Number(new DataView(forged.buffer).getBigUint64(0, true));
  const index = readPlain(bytesOf(files, INDEX)).metadata["ashlar.state"];
  const state = JSON.parse(index);
  state.sharded.shards[0].header = createHash("sha256")
    .update(forged.subarray(0, 8 + length))
    .digest("hex");
  const bad = files.copy();
  bad.files.set(first, forged);
  bad.files.set(INDEX, plainCheckpoint(JSON.stringify(state), []));
  const errors = await refusals(bad.source);
  assertReason(errors[0], "MISSING_TENSOR", /^shard "shard-00001-.*": tensor "exp_avg/);
});

test("a refused load leaves the caller's loss scale as it was, and free", async () => {
  const scale = () => dynamicLossScale({ initialScale: 8, growthInterval: 1 });
  const files = new ShardFiles();
  await withRanks(2, (all) =>
    onAll(all, async (each) => {
      const optimizer = await ShardedAdamW.create(each, weights(), { lossScale: scale() });
      await optimizer.step(gradients());
      await optimizer.save(files.target);
    }),
  );
  const mine: readonly LossScale[] = [scale(), scale()];
  const bad = files.copy();
  const [, second] = shards(files);
  bad.files.set(second, bytesOf(files, second).slice(0, -1));
  await refusals(
    bad.source,
    mine.map((lossScale) => ({ lossScale })),
  );
  for (const { scale } of mine) assert.is(scale, 8);
  await withRanks(2, (all) =>
    onAll(all, async (each, rank) => {
      const optimizer = await ShardedAdamW.load(files.source, each, { lossScale: mine[rank] });
      assert.is(optimizer.lossScale, mine[rank]);
      assert.is(mine[rank].scale, 16);
    }),
  );
});

test("load: a rank that is lost in the middle", async () => {
  const files = await twoFiles();
  const counted = failingGather(Number.POSITIVE_INFINITY);
  await ShardedAdamW.load(files.source, counted.collective);
  assert.ok(counted.calls() >= 6, `${counted.calls()}`);
  for (let at = 0; at < counted.calls(); at++) {
    const lossScale = dynamicLossScale({ initialScale: 8 });
    const { collective } = failingGather(at);
    const error = await rejection(ShardedAdamW.load(files.source, collective, { lossScale }));
    assert.match(error.message, "rank 1 is lost");
    // Nobody has it any more.
    await ShardedAdamW.create(soloCollective(), weights(), { lossScale });
  }
});

test.run();
