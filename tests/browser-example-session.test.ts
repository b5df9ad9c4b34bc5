import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ToWorker } from "../examples/browser/protocol.ts";
import { smallCorpus, TestSession } from "./reference/browser-session.ts";

// What the worker of examples/browser does, in Node and without a worker.

const test = suite("browser example: session");

const corpus = smallCorpus();
const start = (steps: number): ToWorker => ({
  ...{ type: "start", threads: 1, seed: 3, steps, plainJs: true },
});
const solidity = corpus.test.find(({ language }) => language === "solidity")?.bytes;
const SOLIDITY = new TextDecoder().decode(solidity);

test("says what it is, then what the weights are worth before training", async () => {
  const session = await TestSession.open(corpus);
  const [ready, ...evaluated] = session.said;
  assert.ok(ready.type === "ready");
  assert.is(ready.languages.length, 57);
  assert.equal(ready.newLanguages, ["solidity", "svelte", "assemblyscript"]);
  assert.is(
    ready.parameters.reduce((sum, { count }) => sum + count, 0),
    689_706,
  );
  const scales = ready.parameters.map(({ layer, lrScale }) => `${layer} ${lrScale.toFixed(3)}`);
  assert.equal(
    [...new Set(scales)],
    ["embedding 0.512", "hidden1 0.640", "hidden2 0.800", "head 1.000"],
  );
  assert.equal(
    evaluated.map((one) => one.type === "evaluated" && [one.split, one.step, one.newAccuracy]),
    [
      ["validation", 0, 0],
      ["test", 0, 0],
    ],
  );
});

test("a run that was saved and loaded ends with the bits of one that never stopped", async () => {
  const steps = 13;
  const whole = await TestSession.open(corpus);
  await whole.tell(start(steps));
  const { digest, same, plainJsDistance } = await whole.until("done");
  assert.is(same, null, "nobody knows this run's digest");
  assert.ok(plainJsDistance !== null && plainJsDistance < 1e-6, `${plainJsDistance}`);

  const first = await TestSession.open(corpus);
  await first.tell(start(steps));
  const saved = await first.saveAfter(4);
  const second = await TestSession.open(corpus);
  await second.tell({ type: "load", file: saved.blob, threads: 1 });
  const loaded = await second.until("loaded");
  assert.equal(
    [loaded.step, loaded.steps, loaded.seed, loaded.digest, loaded.history.length],
    [saved.step, steps, 3, saved.digest, saved.step],
  );
  assert.equal(second.find("state"), {
    ...{ type: "state", state: "paused", step: saved.step, steps, threads: 1 },
  });
  await second.tell({ type: "resume" });
  const resumed = await second.until("done");
  assert.is(resumed.digest, digest);
  assert.ok(resumed.plainJsDistance !== null && resumed.plainJsDistance < 1e-6);
  const evaluated = second.said.filter((one) => one.type === "evaluated");
  assert.equal(
    evaluated.map(({ split, step }) => `${split} ${step}`),
    ["validation 10", "validation 13", "test 13"],
  );
});

test("a finished run is loaded as such", async () => {
  const session = await TestSession.open(corpus);
  await session.tell(start(2));
  const { digest } = await session.until("done");
  await session.tell({ type: "save" });
  const { blob, digest: saved } = await session.until("saved");
  assert.is(saved, digest);
  await session.tell({ type: "load", file: blob, threads: 1 });
  assert.is(session.find("state")?.state, "done");
  assert.is(session.find("done")?.digest, digest);
  assert.is(session.find("done")?.plainJsDistance, null, "it took no step since");
});

test("a pause holds, and a text is classified by the weights as they are", async () => {
  const session = await TestSession.open(corpus);
  const ask = async () => {
    await session.tell({ type: "classify", id: 7, text: SOLIDITY });
    const { id, top, step } = await session.until("classified");
    assert.is(id, 7);
    assert.is(top.length, 5);
    assert.ok(top.every(({ probability }, i) => i === 0 || probability <= top[i - 1].probability));
    return { language: top[0].language, probability: top[0].probability, step };
  };
  const before = await ask();
  assert.is(before.step, 0);
  assert.is.not(before.language, "solidity");
  await session.tell(start(60));
  await session.until("step", ({ step }) => step >= 25);
  await session.tell({ type: "pause" });
  assert.is(session.find("state")?.state, "paused");
  const paused = await ask();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await ask(), paused);
  assert.is(paused.language, "solidity");
  await session.tell({ type: "reset" });
  assert.is(session.find("state")?.state, "idle");
  assert.equal(await ask(), before);
});

test("pressed twice, resume does not train twice", async () => {
  const session = await TestSession.open(corpus);
  await session.tell(start(12));
  await session.tell({ type: "pause" });
  await session.tell({ type: "resume" });
  session.tell({ type: "pause" });
  session.tell({ type: "resume" });
  session.tell({ type: "resume" });
  const all: number[] = [];
  await session.until("done");
  for (const one of session.said) if (one.type === "step") all.push(one.step);
  assert.equal(
    all,
    Array.from({ length: all.length }, (_, i) => all[0] + i),
  );
});

test("what can't be done now is an error that names it, and changes nothing", async () => {
  const session = await TestSession.open(corpus);
  const fails = async (message: ToWorker, expected: RegExp) => {
    const [answer, ...others] = (await session.tell(message)).filter(
      ({ type }) => type !== "step" && type !== "evaluated",
    );
    assert.is(answer?.type, "error");
    assert.is(answer.type === "error" && answer.doing, message.type);
    assert.match(answer.type === "error" ? answer.message : "", expected);
    assert.equal(others, []);
  };
  const run = { type: "start", threads: 1, seed: 1, steps: 5, plainJs: false } as const;
  await fails({ type: "save" }, /nothing to save/);
  await fails({ ...run, seed: -1 }, /"seed" of the run: expected .* got -1/);
  await fails({ ...run, steps: 0 }, /"steps" of the run: expected .* got 0/);
  await fails({ ...run, threads: 0 }, /"threads" of the options: .* got 0/);
  await fails({ type: "removeClass", name: "zig" }, /expected one that was added, got "zig"/);
  await session.tell(run);
  await session.tell({ type: "pause" });
  await fails(run, /can't start while a run is paused/);
  await fails({ type: "addClass", name: "zig", files: [] }, /can't add a class while/);
  await fails({ type: "load", file: new Blob(["no checkpoint"]), threads: 1 }, /expected/);
  await session.tell({ type: "resume" });
  await fails({ type: "load", file: new Blob(["{}"]), threads: 1 }, /while training: pause/);
  session.said.length = 0;
  assert.ok((await session.until("done")).digest);
});

test.run();
