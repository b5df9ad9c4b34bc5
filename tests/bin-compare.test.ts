import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run, runHere, runJson } from "./reference/bin-tool.ts";
import { flip, flipWeight, recordRun, WIDE } from "./reference/ledger-runs.ts";

const test = suite("bin: compare");

await recordRun("a.jsonl", { steps: 1_000 });

test("one flipped bit of one gradient at step 700 of 1,000 is found, with its parameter", async () => {
  const flipped = { before: flipAt(699, "body.weight", 77) };
  await recordRun("b.jsonl", { steps: 1_000, ...flipped });
  const { code, stdout } = run("compare", "a.jsonl", "b.jsonl");
  assert.is(code, 1);
  const checksum = "[0-9a-f]{16}";
  assert.match(
    stdout,
    new RegExp(`\nStep 700\n.*\n.*\n  gradient  body.weight  ${checksum}  ${checksum}\n\n`),
  );
  assert.match(stdout, /\nDifferent: from step 700 on, in the gradients of 1 of 4 parameters\n/);
  assert.match(stdout, /\nMost likely what computes gradients is to blame .*\n/);
  assert.match(
    stdout,
    /The state was the same up to step 684, and 1 of 16 blocks in each step since\./,
  );
  const { code: again, answer } = await runJson("compare", "b.jsonl", "a.jsonl");
  assert.is(again, 1);
  const { same, verdict, first, compared, wholeStateAt } = answer;
  assert.equal([same, verdict, wholeStateAt], [false, "gradients", 684]);
  assert.equal(compared, { from: 1, to: 699, skipped: 0 });
  assert.equal(
    [first.step, first.lines, first.gradients.map(({ parameter }: Named) => parameter)],
    [700, { a: 701, b: 701 }, ["body.weight"]],
  );
});

interface Named {
  readonly parameter: string;
}

type Before = NonNullable<Parameters<typeof recordRun>[1]>["before"];

function flipAt(step: number, name: string, element: number): NonNullable<Before> {
  return (optimizer, k) => {
    if (k === step) flip(optimizer, name, element);
  };
}

test("a run beside itself, and a copy of it on another stride, are the same by their digest", async () => {
  await recordRun("copy.jsonl", { steps: 1_000, stride: 3, note: { try: 2 } });
  for (const b of ["a.jsonl", "copy.jsonl"]) {
    const { code, stdout, stderr } = run("compare", "a.jsonl", b);
    assert.is(code, 0);
    assert.is(stderr, "");
    assert.match(stdout, /\n\nSame: 1,000 steps and digest [0-9a-f]{64}\n$/);
  }
  const { answer } = await runJson("compare", "a.jsonl", "copy.jsonl");
  assert.equal(
    answer.recorders.map(({ what, a, b }: Record<string, unknown>) => [what, a, b]),
    [
      ["stride", 16, 3],
      ["note", undefined, { try: 2 }],
    ],
  );
  assert.equal([answer.statesCompared, answer.wholeStateAt, answer.same], [false, 1_000, true]);
});

test("with stride 1 it is certain who is to blame", async () => {
  const run = { steps: 30, stride: 1 };
  await recordRun("every.jsonl", run);
  await recordRun("gradient.jsonl", { ...run, before: flipAt(20, "head.bias", 1) });
  const gradient = await runHere("compare", "every.jsonl", "gradient.jsonl");
  assert.is(gradient.code, 1);
  assert.match(gradient.stdout, /\nThe state was the same up to then: what computes gradients is/);
  // After step 21, so that step 22 is the first that finds it.
  await recordRun("state.jsonl", {
    ...run,
    after: (optimizer, k) => {
      if (k === 20) flipWeight(optimizer, "body.weight", 4_799);
    },
  });
  const { stdout } = await runHere("compare", "every.jsonl", "state.jsonl");
  assert.match(
    stdout,
    /\nDifferent: from step 22 on, in the state of 1 of 4 parameters, by the same gradients\nDid the program /,
  );
  const { answer } = await runJson("compare", "every.jsonl", "state.jsonl");
  assert.equal([answer.verdict, answer.wholeStateAt], ["optimizer", 21]);
  assert.equal(
    answer.first.states.map(({ parameter }: Named) => parameter),
    ["body.weight"],
  );
  assert.equal([answer.first.gradients, answer.first.settings], [[], []]);
});

test("with a stride a block's turn may come later, and the steps are named in which it was", async () => {
  const run = { steps: 20, stride: 3, shapes: WIDE };
  await recordRun("wide.jsonl", run);
  const found: number[] = [];
  for (const block of [0, 1, 2]) {
    await recordRun(`wide-${block}.jsonl`, {
      ...run,
      after: (optimizer, k) => {
        if (k === 9) flipWeight(optimizer, "w", block * 4_096);
      },
    });
    const { answer } = await runJson("compare", "wide.jsonl", `wide-${block}.jsonl`);
    assert.is(answer.verdict, "optimizer");
    found.push(answer.first.step);
    const { stdout } = await runHere("compare", "wide.jsonl", `wide-${block}.jsonl`);
    const { step } = answer.first;
    const whole = step - 3;
    assert.is(answer.wholeStateAt, whole);
    assert.is(
      stdout.includes(
        `It happened in one of the steps ${whole + 1} to ${step}: each checks 1 of 3`,
      ),
      true,
    );
  }
  assert.equal(found.sort(), [11, 12, 13]);
});

test("of all gradients, or of some, points to another place", async () => {
  await recordRun("short.jsonl", { steps: 5, stride: 1 });
  await recordRun("all.jsonl", {
    steps: 5,
    stride: 1,
    before: (optimizer, k) => {
      if (k === 3) for (const name of optimizer.parameterNames) flip(optimizer, name, 0);
    },
  });
  const { stdout } = await runHere("compare", "short.jsonl", "all.jsonl");
  assert.match(stdout, /step 4 on, in the gradients of all 4 parameters\n/);
  assert.match(stdout, /\nAs all of them differ, look at the batch, the forward pass and the loss/);
  await recordRun("one.jsonl", { steps: 5, stride: 1, before: flipAt(3, "head.bias", 0) });
  const one = await runHere("compare", "short.jsonl", "one.jsonl");
  assert.match(one.stdout, /\nAs the others are the same, look at the backward pass of these: /);
});

test("so many rows, and the rest counted", async () => {
  const shapes = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`w${i}`, [2]]));
  await recordRun("many.jsonl", { steps: 2, shapes });
  await recordRun("others.jsonl", {
    steps: 2,
    shapes,
    before: (optimizer) => {
      for (const name of optimizer.parameterNames) flip(optimizer, name, 1);
    },
  });
  const rows = async (...args: string[]) => {
    const { stdout } = await runHere("compare", "many.jsonl", "others.jsonl", ...args);
    return [
      stdout.match(/^ {2}gradient /gm)?.length,
      /\n {2}and (\d+) more: --parameters all/.exec(stdout)?.[1],
    ];
  };
  assert.equal(await rows(), [24, "16"]);
  assert.equal(await rows("--parameters", "3"), [3, "37"]);
  assert.equal(await rows("--parameters", "all"), [40, undefined]);
});

test.run();
