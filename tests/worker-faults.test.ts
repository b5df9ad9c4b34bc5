import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JOB_BYTES, JOB_CHUNKS, JOB_FINISHED, OP_SCAN, OP_STEP } from "../assembly/layout.ts";
import { AdamW, type AshlarError, clipByGlobalNorm } from "../src/index.ts";
import { machineryOf } from "../src/optimizers/optimizer.ts";
import { type Death, dyingCase, letWorkersBegin, runDyingCase } from "./reference/dying-workers.ts";
import { type Fault, LATE_MS, NO_FAULT, THROWN } from "./reference/faults.ts";
import { FaultyTeam } from "./reference/faulty-team.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";

// Workers that die: tests/full/dying-workers.ts has a hundred of these, at random.

const test = suite("worker faults");
const team = new FaultyTeam();

test.after(async () => {
  team.end();
  assert.is(await team.orphans(), 0);
});

const LENGTH = 300_001;
const weights = realistic(LENGTH, 1);
const gradient = realistic(LENGTH, 2);
const OPTIONS = { clip: clipByGlobalNorm(1), gradNorm: true };
const AT: Fault = { ...NO_FAULT, kind: "throw", skip: 2 };

/** An optimizer whose first worker has a fault; its gradient is in place. */
async function make(fault: Fault, threads = 2, options = {}): Promise<AdamW> {
  team.use(fault);
  const optimizer = await AdamW.create({ w: weights }, { ...OPTIONS, ...options, threads });
  team.use(null);
  letWorkersBegin(optimizer);
  optimizer.gradient("w").set(gradient);
  return optimizer;
}

/** Steps until one fails; the digest of the state before it. */
async function failingStep(optimizer: AdamW, step = () => void optimizer.step()) {
  for (;;) {
    const [digest, steps] = [optimizer.digest(), optimizer.steps];
    assert.ok(steps < 1000, "the fault found no chunk");
    try {
      await step();
    } catch (error) {
      return { digest, steps, error: error as AshlarError };
    }
  }
}

/** The digest after `steps` steps of one thread. */
async function straight(steps: number, options = {}): Promise<string> {
  const optimizer = await AdamW.create({ w: weights }, { ...OPTIONS, ...options });
  optimizer.gradient("w").set(gradient);
  for (let k = 0; k < steps; k++) optimizer.step();
  return optimizer.digest();
}

// Those that nothing is heard of take 1.5 s each.
const DYING: readonly [Death, op: number, step: "sync" | "async"][] = [
  ["throw", OP_STEP, "sync"],
  ["throw", OP_SCAN, "async"],
  ["trap", OP_STEP, "async"],
  ["trap", OP_SCAN, "sync"],
  ["exit", OP_STEP, "sync"],
  ["spin", OP_SCAN, "sync"],
  ["wait", OP_STEP, "async"],
];

for (const [index, [death, op, step]] of DYING.entries()) {
  const where = op === OP_STEP ? "an update" : "a scan";
  test(`a worker that dies in ${where}, ${step}: ${death}`, async () => {
    const random = dyingCase(0x51ed270b, index);
    const fault = { ...NO_FAULT, kind: death as Fault["kind"], op, skip: 1 };
    const isAsync = step === "async";
    const { end, ms } = await runDyingCase({ ...random, death, fault, isAsync }, team);
    assert.is(end, op === OP_STEP ? "poisoned" : "kept");
    if (death === "throw" || death === "trap") assert.ok(ms < 1000, `${ms} ms`);
  });
}

test("a worker that is killed in the middle of an async step: an error, or the step is done", async () => {
  const { end, ms } = await runDyingCase(dyingCase(0x51ed270b, 0), team);
  assert.ok(["poisoned", "kept", "done"].includes(end) && ms < 2000);
});

test("what a worker throws in an update is in the message, and the step", async () => {
  for (const step of ["step", "stepAsync"] as const) {
    const optimizer = await make({ ...AT, write: true });
    const { error, steps } = await failingStep(optimizer, () => optimizer[step](() => 1) as never);
    assert.is(error.code, "POISONED");
    assert.is(
      error.message,
      `step: expected to finish, got a failure inside step ${steps + 1}: a worker: expected to do its ` +
        `part of a step, got: Error: ${THROWN}. Load the last checkpoint`,
    );
    assert.is((error.cause as AshlarError).code, "WORKER");
    optimizer.dispose();
  }
});

test("what it throws in a scan too; the state is as it was, and steps go on with one thread", async () => {
  for (const step of ["step", "stepAsync"] as const) {
    const optimizer = await make({ ...AT, op: OP_SCAN }, 3);
    const view = optimizer.gradient("w");
    const failed = await failingStep(optimizer, () => optimizer[step](() => 1) as never);
    const { error, steps, digest } = failed;
    assert.is(error.code, "WORKER");
    assert.is(
      error.message,
      `step: expected to finish, got a failure before step ${steps + 1} wrote anything: a worker: ` +
        `expected to do its part of a step, got: Error: ${THROWN}. The state is as it was, and steps go ` +
        "on with one thread, in other memory: take views of weights and gradients anew",
    );
    assert.is(optimizer.digest(), digest);
    assert.is(optimizer.threads, 1);
    assert.is.not(optimizer.gradient("w").buffer, view.buffer);
    // The gradient is still there.
    optimizer.step();
    assert.is(optimizer.digest(), await straight(steps + 1));
    // New memory, new workers.
    optimizer.addParameters({ b: new Float32Array(3) });
    assert.is(optimizer.threads, 3);
    optimizer.dispose();
  }
});

test("of a thread that ends in an async step its end is told", async () => {
  const optimizer = await make({ ...AT, kind: "exit" });
  const { error } = await failingStep(optimizer, () => optimizer.stepAsync(() => 1) as never);
  assert.match(error.message, "got: its thread ended with code 3. Load");
  optimizer.dispose();
});

test("a worker that only slept writes what nobody reads any more", async () => {
  for (const op of [OP_SCAN, OP_STEP]) {
    const optimizer = await make({ ...AT, kind: "late", write: true, op });
    const file = await optimizer.toBytes();
    const [{ slab }] = machineryOf(optimizer).bound.slabs.partsOf(0);
    team.isDeaf = true;
    const { error, steps } = await failingStep(optimizer);
    const job = slab.memory.int32(slab.plan.layout.jobPtr, JOB_BYTES / 4);
    assert.is(job[JOB_FINISHED / 4], job[JOB_CHUNKS / 4] - 1);
    assert.is(error.code, op === OP_SCAN ? "WORKER" : "POISONED");
    assert.match(error.message, "got: no answer for 1.5 s. ");
    const next = op === OP_SCAN ? optimizer : await AdamW.load(file, { threads: 2 });
    const digest = next.digest();
    await new Promise((resolve) => setTimeout(resolve, LATE_MS - 1000));
    team.isDeaf = false;
    assert.is(job[JOB_FINISHED / 4], job[JOB_CHUNKS / 4], "it has woken up");
    assert.is(next.digest(), digest);
    while (next.steps <= steps) {
      next.gradient("w").set(gradient);
      next.step();
    }
    assert.is(next.digest(), await straight(steps + 1));
    next.dispose();
    optimizer.dispose();
  }
});

test("workers that die while they have nothing to do are done without", async () => {
  team.use(null);
  const optimizer = await AdamW.create({ w: weights }, { ...OPTIONS, threads: 3 });
  for (const left of [2, 1]) {
    await team.workers[left - 1].terminate();
    assert.is(optimizer.threads, left);
    optimizer.gradient("w").set(gradient);
    optimizer.step();
  }
  assert.is(optimizer.digest(), await straight(2));
  optimizer.dispose();
});

test("the sums of micro-batches are still there after a scan that failed", async () => {
  const options = { nonFinite: "skip" } as const;
  const [one, two] = [
    await make(NO_FAULT, 1, options),
    await make({ ...AT, op: OP_SCAN }, 2, options),
  ];
  const accumulate = (optimizer: AdamW) => {
    optimizer.accumulate({ w: gradient });
    optimizer.accumulate({ w: weights });
  };
  const { error } = await failingStep(two, () => {
    accumulate(two);
    two.step();
  });
  assert.is(error.code, "WORKER");
  two.step();
  while (one.steps < two.steps) {
    accumulate(one);
    one.step();
  }
  assert.is(two.digest(), one.digest());
  two.dispose();
});

test("a save of a poisoned optimizer leaves what was saved before", async () => {
  const optimizer = await make(AT);
  const file = await optimizer.toBytes();
  await failingStep(optimizer);
  const { message } = await rejection(optimizer.toBytes());
  assert.match(message, /^save: expected whole state, got a failure inside step \d+: a worker: /);
  optimizer.dispose();
  const loaded = await AdamW.load(file, { threads: 2 });
  assert.is(loaded.digest(), await straight(0));
  loaded.dispose();
});

test.run();
