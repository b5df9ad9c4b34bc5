import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { digestLines } from "./engines/digest-lines.ts";
import { threadedDigest } from "./engines/optimizer-run.ts";
import { takeCourseAlone } from "./engines/sharded-course.ts";

// The digests that every engine must have, in this one. scripts/engines.mjs asks the others.

const test = suite("engines");

test("this engine's digests are the committed ones", async () => {
  const lines = await digestLines();
  assert.is(`${lines.join("\n")}\n`, readFileSync("tests/engines/expected.txt", "utf8"));
  const digests = new Map(lines.map((line) => [line.replace(/ \S*$/, ""), line.slice(-64)]));
  assert.is(digests.size, 17);
  // A model copy and slabs must not touch the weights, and must show in the rest.
  const half = (what: string) => digests.get(`AdamW with a float16 model, ${what}`);
  assert.is(half("weights"), digests.get("AdamW, weights"));
  assert.is.not(half("state"), digests.get("AdamW, state"));
  assert.is.not(half("config"), digests.get("AdamW, config"));
  assert.is(digests.get("AdamW on two threads, state"), await threadedDigest(1));
  const alone = await takeCourseAlone();
  const ranks = (what: string) => digests.get(`ShardedAdamW on three ranks, ${what}`);
  assert.equal({ state: ranks("state"), weights: ranks("weights") }, alone);
});

test.run();
