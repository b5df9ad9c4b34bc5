import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWLoadOptions, ready } from "../src/index.ts";
import { mergeShards, ShardedAdamW } from "../src/sharded/index.ts";
import { onAll, withRanks } from "./reference/ranks.ts";
import { ShardFiles } from "./reference/shard-files.ts";
import {
  COURSES,
  type Course,
  oneAfter,
  savedBy,
  trainOne,
  trainRank,
} from "./reference/sharded-courses.ts";

// What a sharded checkpoint and one of a single process have in common, and what may be other ones.

const test = suite("sharded checkpoints");
test.before(() => ready());

const SAVED_AT = 3;
const END = 5;

const saved = (course: Course, ranks: number) => savedBy(course, ranks, SAVED_AT);

for (const [what, course] of Object.entries(COURSES)) {
  test(`a merged checkpoint is byte for byte that of one process, with ${what}`, async () => {
    const one = oneAfter(course, SAVED_AT);
    const expected = Buffer.from(await one.toBytes());
    for (const ranks of [1, 3, 7]) {
      const files = await saved(course, ranks);
      const merged = new ShardFiles();
      await mergeShards(files.source, merged.target("one"));
      assert.is(Buffer.compare(merged.files.get("one") as Uint8Array, expected), 0, `${ranks}`);
    }
    const back = await AdamW.load(expected, course.again());
    trainOne(course, back, SAVED_AT, END);
    assert.is(back.digest(), oneAfter(course, END).digest());
  });

  test(`ranks go on from one process's checkpoint, with ${what}`, async () => {
    const file = await oneAfter(course, SAVED_AT).toBytes();
    const expected = oneAfter(course, END).digest();
    for (const ranks of [1, 3]) {
      await withRanks(ranks, (all) =>
        onAll(all, async (collective) => {
          const optimizer = await ShardedAdamW.load(file, collective, course.again());
          await trainRank(course, optimizer, SAVED_AT, END);
          assert.is(await optimizer.digest(), expected);
        }),
      );
    }
  });

  test(`the same state is the same files, whenever it is saved, with ${what}`, async () => {
    const files = await saved(course, 3);
    const again = new ShardFiles();
    await withRanks(3, (all) =>
      onAll(all, async (collective) => {
        const optimizer = await ShardedAdamW.load(files.source, collective, course.again());
        await optimizer.save(again.target);
      }),
    );
    assert.equal(again.names, files.names);
    for (const name of files.names) {
      const [a, b] = [files, again].map((of) => of.files.get(name) as Uint8Array);
      assert.is(Buffer.compare(a, b), 0, name);
    }
  });
}

test("a step has the average, and the reduction, that the checkpoint has", async () => {
  const course = COURSES["the defaults"];
  const files = new ShardFiles();
  await withRanks(2, (all) =>
    onAll(all, async (collective) => {
      const sharding = { reduction: "fast", average: true } as const;
      const first = await ShardedAdamW.create(collective, course.parameters(), sharding);
      await trainRank(course, first, 0, 1);
      await first.save(files.target);
      const second = await ShardedAdamW.load(files.source, collective);
      const third = await ShardedAdamW.load(files.source, collective, {
        average: false,
        // Not named.
        reduction: undefined as never,
        bucketBytes: 16_384,
        lr: 0.5,
      });
      for (const each of [first, second, third]) await trainRank(course, each, 1, 2);
      const digests: string[] = [];
      for (const each of [first, second, third]) digests.push(await each.digest());
      assert.is(digests[0], digests[1]);
      assert.is.not(digests[0], digests[2]);
      assert.equal(third.loadReport?.differences, [
        { where: "the options", option: "average", file: true, given: false },
        { where: 'group "default"', option: "lr", file: 0.001, given: 0.5 },
      ]);
    }),
  );
});

test("other parameters, groups, precisions and memories", async () => {
  const course = COURSES.amsgrad;
  const files = await saved(course, 3);
  const then = oneAfter(course, SAVED_AT);
  const names = then.parameterNames;
  const specs = names.map((name) => ({ name, shape: then.parameter(name).shape }));
  const merged = new ShardFiles();
  await mergeShards(files.source, merged.target("one"));
  const one = merged.files.get("one") as Uint8Array;
  const wishes = (): AdamWLoadOptions => ({
    parameters: [
      {
        name: "some",
        params: [...specs.slice(4), { name: "new", shape: [2], data: Float32Array.of(1, 2) }],
      },
      { name: "others", params: specs.slice(1, 4).reverse(), amsgrad: false },
    ],
    precision: { model: "bfloat16" },
    strict: false,
    lr: 0.01,
  });
  const expected = await AdamW.load(one, wishes());
  await withRanks(2, (all) =>
    onAll(all, async (collective) => {
      const slabBytes = 2 ** 20;
      const optimizer = await ShardedAdamW.load(files.source, collective, {
        ...wishes(),
        slabBytes,
      });
      assert.is(await optimizer.digest(), expected.digest());
      assert.equal(optimizer.loadReport, expected.loadReport);
      assert.equal(optimizer.loadReport?.missing, ["new"]);
      assert.equal(optimizer.loadReport?.unused, names.slice(0, 1));
    }),
  );
});

test("progress counts the bytes of this rank's files", async () => {
  const course = COURSES["the defaults"];
  const files = await saved(course, 3);
  await withRanks(2, (all) =>
    onAll(all, async (collective, rank) => {
      const seen: { bytes: number; total: number }[] = [];
      const onProgress = (progress: { bytes: number; total: number }) => seen.push({ ...progress });
      const optimizer = await ShardedAdamW.load(files.source, collective, { onProgress });
      // The first half lies in the first two of three.
      const needed = files.names.filter((name) => name.startsWith("shard")).slice(rank, rank + 2);
      const bytes = needed.map((name) => (files.files.get(name) as Uint8Array).length);
      const total = bytes.reduce((sum, size) => sum + size, 0);
      assert.ok(seen.every((each) => each.total === total));
      assert.equal(seen.at(-1), { bytes: total, total });
      assert.ok(seen.some((each) => each.bytes === bytes[0]));
      seen.length = 0;
      const own = new ShardFiles();
      await optimizer.save(own.target, { onProgress });
      const name = own.names.find((each) => each.startsWith(`shard-0000${rank + 1}`)) as string;
      const size = (own.files.get(name) as Uint8Array).length;
      assert.equal(seen.at(-1), { bytes: size, total: size });
    }),
  );
});

test.run();
