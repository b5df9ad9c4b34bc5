import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { FOLDER, put, runHere, runJson } from "./reference/bin-tool.ts";
import { continueRun, makeOptimizer, putLines, recordRun } from "./reference/ledger-runs.ts";

const test = suite("bin: verify, what is not whole");

const SEEDED = seededGradients({ seed: 7, scale: 0.1 });
const bytesOf = (name: string) => readFileSync(join(FOLDER, name));
const linesOf = (name: string) => readFileSync(join(FOLDER, name), "utf8").trimEnd().split("\n");

test("a run that was not closed, or cut off, is confirmed as far as it goes", async () => {
  await recordRun("open.jsonl", { replay: true, close: false, steps: 6 });
  const { code, stdout } = await runHere("verify", "open.jsonl");
  assert.is(code, 0);
  assert.match(stdout, /\nConfirmed: 6 steps, every line; the ledger was not closed\n$/);
  const text = bytesOf("open.jsonl");
  put("open.jsonl", text.subarray(0, -30));
  const cut = await runHere("verify", "open.jsonl");
  assert.is(cut.code, 0);
  assert.match(cut.stdout, /\nConfirmed: 5 steps, every line; the ledger was cut off there\n$/);
});

test("gradients that end too soon, or are damaged", async () => {
  await recordRun("short.jsonl", { replay: true, steps: 6 });
  const whole = bytesOf("short.gradients");
  put("short.gradients", whole.subarray(0, whole.length - 9));
  const { code, stdout } = await runHere("verify", "short.jsonl");
  assert.is(code, 2);
  assert.match(
    stdout,
    /\nCannot tell: the gradients of step 6 were not recorded\. Confirmed: 5 steps\n$/,
  );
  const { answer } = await runJson("verify", "short.jsonl");
  assert.equal([answer.same, answer.verdict, answer.confirmed.to], [null, "unfinished", 5]);
  const flipped = Uint8Array.from(whole);
  flipped[whole.length - 9] ^= 4;
  put("short.gradients", flipped);
  const damaged = await runHere("verify", "short.jsonl");
  assert.is(damaged.code, 2);
  assert.match(
    damaged.stderr,
    /^ashlar verify: cannot read "short\.gradients": record 6 of the file: expected CRC-32 /,
  );
  rmSync(join(FOLDER, "short.gradients"));
  const gone = await runHere("verify", "short.jsonl");
  assert.equal([gone.code, gone.stdout], [2, ""]);
  assert.match(gone.stderr, /^ashlar verify: cannot read "short\.gradients": ENOENT/);
});

test("a checkpoint that is damaged, missing or another's", async () => {
  await recordRun("start.jsonl", { replay: SEEDED, steps: 3 });
  const checkpoint = "start.start.safetensors";
  const whole = bytesOf(checkpoint);
  const flipped = Uint8Array.from(whole);
  flipped[whole.length - 1] ^= 1;
  await recordRun("else.jsonl", { replay: SEEDED, steps: 3, shapes: { x: [2] } });
  for (const [bytes, message] of [
    [flipped, /^ashlar verify: .*CRC-32/],
    [whole.subarray(0, 100), /^ashlar verify: cannot read "start\.start\.safetensors": TRUNCATED/],
    [bytesOf("else.start.safetensors"), /it has other parameters than the ledger\n/],
    [null, /cannot read "start\.start\.safetensors": ENOENT/],
  ] as const) {
    if (bytes) put(checkpoint, bytes);
    else rmSync(join(FOLDER, checkpoint));
    const { code, stdout, stderr } = await runHere("verify", "start.jsonl");
    assert.equal([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.is(stderr.split("\n").length, 2);
  }
});

test("a run that was recorded without what a replay needs", async () => {
  await recordRun("plain.jsonl", { steps: 2 });
  const { code, stderr } = await runHere("verify", "plain.jsonl");
  assert.is(code, 2);
  assert.match(stderr, /line 1 of the ledger says of no checkpoint .* give --start CHECKPOINT/);
  const optimizer = await makeOptimizer({});
  await optimizer.save(join(FOLDER, "begin"));
  optimizer.dispose();
  const started = await runHere("verify", "plain.jsonl", "--start", "begin");
  assert.match(started.stderr, /says of no gradients\. .* give --gradients MODULE\n$/);
});

test("modules that give no gradients", async () => {
  await recordRun("run.jsonl", { replay: SEEDED, steps: 3 });
  for (const [name, source, message] of [
    ["none.mjs", "export const a = 1;", /expected a default export .* got undefined\n/],
    ["throws.mjs", "throw new Error('sorry');", /cannot load ".*": sorry\n/],
    ["fails.mjs", "export default () => { throw new Error('late'); };", /replay step 1: late\n/],
    [
      "short.mjs",
      "export default () => new Float32Array(1);",
      /replay step 1: "gradient" of parameter "body\.bias": expected 48 elements, got 1\n/,
    ],
    ["text.mjs", "export default () => 'x';", /cannot replay step 1: /],
  ] as const) {
    put(name, source);
    const { code, stderr } = await runHere(
      "verify",
      "run.jsonl",
      "--gradients",
      join(FOLDER, name),
    );
    assert.is(code, 2, name);
    assert.match(stderr, message);
    assert.is(stderr.split("\n").length, 2);
  }
  const { code, stderr } = await runHere("verify", "run.jsonl", "--gradients", "not there.mjs");
  assert.is(code, 2);
  assert.match(stderr, /cannot load "not there\.mjs"/);
});

test("parameters that were added have weights that no ledger holds", async () => {
  await recordRun("added.jsonl", {
    replay: SEEDED,
    steps: 5,
    after: (optimizer, k) => {
      if (k === 2)
        optimizer.addParameters([{ name: "more", shape: [3], data: new Float32Array(3) }]);
    },
  });
  const { code, stdout } = await runHere("verify", "added.jsonl");
  assert.is(code, 2);
  assert.match(
    stdout,
    /\nCannot tell: parameters were added after step 3, whose weights no ledger holds\. Confirmed: 3 steps\n$/,
  );
});

test("a run that was taken up again is confirmed sitting by sitting", async () => {
  for (const replay of [true, SEEDED]) {
    const name = `sittings-${replay === true}.jsonl`;
    await recordRun(name, {
      replay,
      steps: 8,
      close: false,
      after: async (optimizer, k) => {
        if (k === 4) await optimizer.save(join(FOLDER, "sitting"));
      },
    });
    const again = await AdamW.load(join(FOLDER, "sitting"));
    await continueRun(name, again, { steps: 3, append: true, replay });
    // Closed in between, and gone on with.
    await continueRun(name, again, { steps: 4, append: true, replay });
    again.dispose();
    const { code, answer } = await runJson("verify", name);
    assert.equal([code, answer.same, answer.ending, answer.confirmed.to], [0, true, "closed", 12]);
    // What was taken back counts too.
    const lines = linesOf(name);
    const forged = lines.map((line, i) =>
      i === 8 ? line.replace('"scale":1', '"scale":2') : line,
    );
    putLines(name, forged);
    const found = await runJson("verify", name);
    assert.equal([found.code, found.answer.first.step], [1, 8]);
  }
});

test("a sitting that does not begin where the one before ended", async () => {
  const record = async (name: string, jump: boolean) => {
    const optimizer = await makeOptimizer({});
    await continueRun(name, optimizer, { steps: 3, replay: SEEDED });
    if (jump) optimizer.parameter("head.bias").master[0] += 1;
    await continueRun(name, optimizer, { steps: 3, replay: SEEDED, append: true });
    optimizer.dispose();
    return runJson("verify", name);
  };
  assert.is((await record("seam.jsonl", false)).code, 0);
  const { code, answer } = await record("jump.jsonl", true);
  assert.equal([code, answer.verdict, answer.start.length], [1, "start", 1]);
});

test("steps that were lost before a run was taken up again are not confirmed", async () => {
  await recordRun("lost.jsonl", {
    replay: SEEDED,
    steps: 8,
    close: false,
    after: async (optimizer, k) => {
      if (k === 7) await optimizer.save(join(FOLDER, "lost"));
    },
  });
  // A crash of the machine, which had written the checkpoint but not the last lines.
  putLines("lost.jsonl", linesOf("lost.jsonl").slice(0, 6));
  const again = await AdamW.load(join(FOLDER, "lost"));
  await continueRun("lost.jsonl", again, { steps: 3, append: true, replay: SEEDED });
  again.dispose();
  const { code, stdout } = await runHere("verify", "lost.jsonl");
  assert.is(code, 2);
  assert.match(
    stdout,
    /\nCannot tell: steps 6 to 8 were not recorded \(line 7\)\. Confirmed: 5 steps\n$/,
  );
});

test.run();
