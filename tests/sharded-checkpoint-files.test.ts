import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, CheckpointError, type LoadSource, ready, type SaveOptions } from "../src/index.ts";
import {
  mergeShards,
  ShardedAdamW,
  type ShardSource,
  type ShardTarget,
  soloCollective,
} from "../src/sharded/index.ts";
import { runHere } from "./reference/bin-tool.ts";
import { onAll, rejections, withRanks } from "./reference/ranks.ts";
import { rejection } from "./reference/rejection.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";
import { ShardFiles } from "./reference/shard-files.ts";
import { COURSES, trainRank } from "./reference/sharded-courses.ts";

// Where the files of sharded checkpoints lie, and what is there after any failure.

const test = suite("sharded checkpoints: files");
test.before(() => ready());

const course = COURSES["the defaults"];

/** Two ranks that begin anew. */
function inTwo<Result>(act: (two: readonly ShardedAdamW[]) => Promise<Result>): Promise<Result> {
  return withRanks(2, async (all) => {
    const two = await onAll(all, (each) => ShardedAdamW.create(each, course.parameters()));
    return act(two);
  });
}

const train = (two: readonly ShardedAdamW[], from: number, to: number) =>
  onAll(two, (each) => trainRank(course, each, from, to));
const save = (two: readonly ShardedAdamW[], target: ShardTarget, options: SaveOptions = {}) =>
  onAll(two, (each) => each.save(target, options));

/** The digest that one and three ranks load, the same. */
async function loaded(source: ShardSource): Promise<string> {
  const digests: string[] = [];
  for (const ranks of [1, 3]) {
    await withRanks(ranks, (all) =>
      onAll(all, async (each) => {
        const optimizer = await ShardedAdamW.load(source, each);
        digests.push(await optimizer.digest());
        optimizer.dispose();
      }),
    );
  }
  assert.is(new Set(digests).size, 1);
  return digests[0];
}

test("a folder, by its path, its URL, a link, or the index in it", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      await train(two, 0, 1);
      const [digest] = await onAll(two, (each) => each.digest());
      const run = join(folder, "a run");
      mkdirSync(run);
      await save(two, run);
      await save(two, pathToFileURL(`${run}/`));
      assert.match(
        namesIn(run).join(" "),
        /^index\.safetensors shard-00001-of-00002-step-1-[0-9a-f]{16}\.safetensors shard-00002-of-00002-step-1-[0-9a-f]{16}\.safetensors$/,
      );
      symlinkSync(run, join(folder, "link"));
      for (const source of [
        run,
        `${run}/`,
        pathToFileURL(run),
        pathToFileURL(`${run}/`),
        join(folder, "link"),
        join(run, "index.safetensors"),
        pathToFileURL(join(run, "index.safetensors")),
        (name: string) => join(run, name),
      ]) {
        assert.is(await loaded(source), digest);
      }
      // A file of one process, by its path too.
      const one = join(folder, "one.safetensors");
      await mergeShards(run, one);
      assert.is(await loaded(one), digest);
      assert.is((await AdamW.load(one)).digest(), digest);
      // Files may be moved together.
      renameSync(run, join(folder, "moved"));
      assert.is(await loaded(join(folder, "moved")), digest);
    }),
  );
});

test("older indexes are kept with keep, and their shards stay beside them", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      const digests: string[] = [];
      for (let step = 0; step < 3; step++) {
        await train(two, step, step + 1);
        await save(two, folder, { keep: 1 });
        digests.push((await onAll(two, (each) => each.digest()))[0]);
      }
      assert.is(await loaded(folder), digests[2]);
      assert.is(await loaded(join(folder, "index.safetensors.1")), digests[1]);
      assert.is(namesIn(folder).filter((name) => name.startsWith("index")).length, 2);
      assert.is(namesIn(folder).filter((name) => name.startsWith("shard")).length, 6);
    }),
  );
});

test("at every moment of a save the place has the old run or the new one", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    await train(two, 0, 1);
    await save(two, files.target);
    const digests = [(await onAll(two, (each) => each.digest()))[0]];
    const moments = [files.copy()];
    const { set } = files.files;
    files.files.set = function (name, bytes) {
      set.call(this, name, bytes);
      moments.push(files.copy());
      return this;
    };
    // The second one of the same step, but of another state.
    await train(two, 1, 2);
    await save(two, files.target);
    digests.push((await onAll(two, (each) => each.digest()))[0]);
    assert.is(moments.length, 4);
    for (const [i, { source }] of moments.entries()) {
      assert.is(await loaded(source), digests[i === 3 ? 1 : 0], `moment ${i}`);
    }
  });
});

test("saves of one step and another state don't disturb each other", async () => {
  const files = new ShardFiles();
  const digests: string[] = [];
  const older: ShardFiles[] = [];
  for (const lr of [0.1, 0.2]) {
    await inTwo(async (two) => {
      for (const { groups } of two) groups[0].lr = lr;
      await train(two, 0, 1);
      older.push(files.copy());
      await save(two, files.target);
      digests.push((await onAll(two, (each) => each.digest()))[0]);
    });
  }
  assert.is(files.names.length, 5);
  assert.is(await loaded(files.source), digests[1]);
  // As if the second index had never come.
  files.files.set("index.safetensors", older[1].files.get("index.safetensors") as Uint8Array);
  assert.is(await loaded(files.source), digests[0]);
});

test("a rank that can't write its shard: all ranks say so, and the run before stays", async () => {
  await inTwo(async (two) => {
    const files = new ShardFiles();
    await save(two, files.target);
    const before = await loaded(files.source);
    await train(two, 0, 1);
    const index = files.files.get("index.safetensors");
    const full = new Error("no space");
    const full1 = (name: string) => (name.startsWith("shard-00002") ? full : undefined);
    files.failure = full1;
    const errors = await rejections(two.map((each) => each.save(files.target)));
    assert.is(errors[1], full);
    assert.is(
      errors[0].message,
      "save: expected every rank to do its part, got an error on rank 1: it says there which",
    );
    assert.is((errors[0] as { rank?: unknown }).rank, 1);
    assert.is((errors[0] as { code?: unknown }).code, "RANKS_DIFFER");
    assert.is(files.files.get("index.safetensors"), index);
    assert.is(await loaded(files.source), before);
    // The shard that is whole does not harm, and the next try goes well.
    files.failure = () => undefined;
    await save(two, files.target);
    assert.is(await loaded(files.source), (await onAll(two, (each) => each.digest()))[0]);
  });
});

test("an index that can't be written: all ranks say so, and the run before stays", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      await save(two, folder);
      const before = await loaded(folder);
      await train(two, 0, 1);
      const target = (name: string) => {
        if (name.startsWith("index")) return join(folder, "no folder", name);
        return join(folder, name);
      };
      const errors = await rejections(two.map((each) => each.save(target)));
      assert.is((errors[0] as { code?: unknown }).code, "ENOENT");
      assert.match(
        errors[1].message,
        "save: expected every rank to do its part, got an error on rank 0",
      );
      assert.is(namesIn(folder).length, 5);
      assert.is(await loaded(folder), before);
      await train(two, 1, 2);
      await save(two, folder);
      assert.is(await loaded(folder), (await onAll(two, (each) => each.digest()))[0]);
    }),
  );
});

test("a folder that is not there", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      const nowhere = join(folder, "nowhere");
      for (const error of await rejections(two.map((each) => each.save(nowhere)))) {
        assert.match(error.message, /^save to ".*shard-0000.*" cannot start: ENOENT/);
      }
      await withRanks(2, async (all) => {
        const errors = await rejections(all.map((each) => ShardedAdamW.load(nowhere, each)));
        for (const error of errors) assert.match(error.message, /^load from ".*" failed: ENOENT/);
        const empty = await rejections(all.map((each) => ShardedAdamW.load(folder, each)));
        for (const error of empty) {
          assert.match(error.message, /^load from ".*index\.safetensors" failed: ENOENT/);
        }
      });
    }),
  );
});

test("a shard's file that is gone is named, on the ranks that need it", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      await save(two, folder);
      const gone = namesIn(folder)[2];
      renameSync(join(folder, gone), join(folder, "elsewhere"));
      await withRanks(2, async (all) => {
        const errors = await rejections(all.map((each) => ShardedAdamW.load(folder, each)));
        assert.match(errors[0].message, /^load: .* an error on rank 1/);
        assert.instance(errors[1], CheckpointError);
        assert.is((errors[1] as CheckpointError).reason, "MISSING_SHARD");
        assert.match(
          errors[1].message,
          new RegExp(
            `^shard "${gone}": expected the file that the index names, got none: .*ENOENT`,
          ),
        );
      });
      const error = await rejection(mergeShards(folder, join(folder, "merged")));
      assert.is((error as CheckpointError).reason, "MISSING_SHARD");
      assert.not(namesIn(folder).includes("merged"));
      copyFileSync(join(folder, "elsewhere"), join(folder, gone));
      assert.is(await loaded(folder), (await onAll(two, (each) => each.digest()))[0]);
      assert.ok(readFileSync(join(folder, gone)).length > 0);
    }),
  );
});

test("a shard that can't be read to its end: what the source says, as it is", async () => {
  const files = new ShardFiles();
  await withRanks(1, async ([ranks]) => {
    const optimizer = await ShardedAdamW.create(ranks, { w: new Float32Array(10) });
    await optimizer.save(files.target);
  });
  const source = async (name: string): Promise<LoadSource> => {
    if (!name.startsWith("shard")) return files.source(name);
    return new ReadableStream({ pull: (controller) => controller.error(new Error("cut off")) });
  };
  const error = await rejection(ShardedAdamW.load(source, soloCollective()));
  assert.is(error.message, "load from a stream failed after 0 bytes: cut off");
});

test("ashlar inspect says which part a file is, what it holds, and whether it is sound", async () => {
  await inScratchFolder((folder) =>
    inTwo(async (two) => {
      await train(two, 0, 1);
      await save(two, folder);
      const [index, shard] = namesIn(folder).map((name) => join(folder, name));
      const headline = async (path: string) => {
        const { code, stdout } = await runHere("inspect", path);
        return `${code} ${stdout.split("\n")[0].replace(`${path}: `, "")}`;
      };
      assert.is(
        await headline(index),
        "0 the index of a sharded checkpoint of AdamW after 1 step, sound",
      );
      assert.is(await headline(shard), "0 a shard of a sharded checkpoint, sound");
      const json = async (path: string) =>
        JSON.parse((await runHere("inspect", "--json", path)).stdout);
      const ofIndex = await json(index);
      assert.is(ofIndex.part, "index");
      assert.is(ofIndex.checkpoint.steps, 1);
      assert.not("sharded" in ofIndex.checkpoint);
      const ofShard = await json(shard);
      assert.equal([ofShard.part, ofShard.checkpoint], ["shard", null]);
      assert.ok(ofShard.tensors.length > 0);
      const bytes = readFileSync(shard);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(shard, bytes);
      assert.is(await headline(shard), "1 a shard of a sharded checkpoint, DAMAGED");
    }),
  );
});

test.run();
