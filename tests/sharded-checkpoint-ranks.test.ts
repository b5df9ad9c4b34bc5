import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ready } from "../src/index.ts";
import { ShardedAdamW } from "../src/sharded/index.ts";
import { onAll, withRanks } from "./reference/ranks.ts";
import { ShardFiles } from "./reference/shard-files.ts";
import { COURSES, oneAfter, savedBy, trainOne, trainRank } from "./reference/sharded-courses.ts";

// However many ranks saved and however many load: the bits go on as those of a run that never stopped.

const test = suite("sharded checkpoints: any number of ranks");
test.before(() => ready());

const RANKS = [1, 2, 3, 4, 7];
const SAVED_AT = 3;
const END = 5;

for (const [what, course] of Object.entries(COURSES)) {
  test(`N ranks' checkpoint goes on with M ranks, with ${what}`, async () => {
    const one = oneAfter(course, SAVED_AT);
    const [then, steps, scale] = [one.digest(), one.steps, one.lossScale?.state()];
    trainOne(course, one, SAVED_AT, END);
    for (const [i, from] of RANKS.entries()) {
      const files = await savedBy(course, from, SAVED_AT);
      assert.is(files.names.length, from + 1);
      // All pairs once; else each number of ranks once on either side.
      const every = what === "everything at once";
      for (const to of every ? RANKS : [RANKS[(i + 1) % RANKS.length]]) {
        await withRanks(to, (all) =>
          onAll(all, async (collective) => {
            const again = course.again();
            const optimizer = await ShardedAdamW.load(files.source, collective, again);
            assert.is(await optimizer.digest(), then, `${from} to ${to}`);
            assert.is(optimizer.steps, steps);
            assert.equal(optimizer.lossScale?.state(), scale);
            assert.equal(optimizer.loadReport, {
              version: 1,
              sameCore: true,
              differences: [],
              missing: [],
              unused: [],
            });
            assert.ok(optimizer.shard.length > 0);
            await trainRank(course, optimizer, SAVED_AT, END);
            assert.is(await optimizer.digest(), one.digest(), `${from} to ${to}`);
            assert.is(optimizer.configDigest(), one.configDigest());
            for (const name of optimizer.parameterNames) {
              const { model, master } = one.parameter(name);
              assert.equal(optimizer.weights(name), (model ?? master).slice());
            }
            optimizer.dispose();
          }),
        );
      }
    }
  });
}

test("reading changes nothing: a run that saves has the bits of one that does not", async () => {
  const course = COURSES["everything at once"];
  const files = new ShardFiles();
  await withRanks(3, (all) =>
    onAll(all, async (collective) => {
      const optimizer = await ShardedAdamW.create(
        collective,
        course.parameters(),
        course.options(),
      );
      for (let step = 0; step < END; step++) {
        await trainRank(course, optimizer, step, step + 1);
        await optimizer.save(files.target);
      }
      assert.is(await optimizer.digest(), oneAfter(course, END).digest());
    }),
  );
});

test.run();
