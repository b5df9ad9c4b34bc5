import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  AshlarError,
  LedgerText,
  RunLedger,
  WeightAverage,
} from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { assertRefusedLater, BUSY, type BusyCall, errorOf } from "./reference/misuse.ts";

// P21, re-entrancy: the caller's code runs within a step (schedules, getters of what it is given) and
// tries every call that needs the state to stay.

const test = suite("misuse: calls from within a step");

const ones = () => Float32Array.of(1, 1, 1, 1);
const made = (options: AdamWOptions = {}) => new AdamW({ w: Float32Array.of(1, 2, 3, 4) }, options);

/** Reading them needs whole state too. */
const CALLS: readonly BusyCall[] = [
  ...BUSY,
  ["copyTo", (o) => o.copyTo({ w: ones() }), "copyTo"],
  ["digest", (o) => o.digest(), "digest"],
  ["parameterDigests", (o) => o.parameterDigests(), "parameterDigests"],
  ["weightsDigest", (o) => o.weightsDigest(), "weightsDigest"],
];

/** Ways into a step, each running `call` once while it is on its way. */
const WAYS: Record<string, (call: () => void) => (o: AdamW) => unknown> = {
  "a schedule of lr": (call) => (o) => {
    o.groups[0].lr = once(call);
    o.step();
  },
  "a schedule of weightDecay": (call) => (o) => {
    o.groups[0].weightDecay = once(call);
    o.step({ w: ones() });
  },
  "a getter of the gradients": (call) => (o) =>
    o.step({
      get w() {
        call();
        return ones();
      },
    }),
  "a schedule, in stepAsync": (call) => (o) => {
    o.groups[0].lr = once(call);
    return o.stepAsync(() => 0);
  },
};

function once(call: () => void) {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
    return 1e-3;
  };
}

test("each row is its own case", () => assertOwnCases(CALLS));

for (const [way, enter] of Object.entries(WAYS)) {
  for (const [call, act, told] of CALLS) {
    test(`${way}: ${call}`, async () => {
      const [optimizer, undisturbed] = [made(), made()];
      let answer: unknown;
      const step = enter(() => {
        answer = errorOf(() => act(optimizer));
      });
      await step(optimizer);
      await enter(() => {})(undisturbed);
      const error = (await answer) as AshlarError;
      assert.is(error.message, `${told}: expected no step to run, got a call from within one`);
      assert.is(error.constructor, AshlarError);
      assert.is(error.code, "BUSY");
      assert.is(optimizer.digest(), undisturbed.digest(), "the step went on as if nothing was");
      assert.is(optimizer.step().step, 2);
    });
  }

  test(`${way}: what it throws refuses the step, unchanged`, async () => {
    const optimizer = made();
    const before = optimizer.digest();
    const own = new Error("of the caller's own");
    const step = enter(() => {
      throw own;
    });
    assert.is(await errorOf(() => step(optimizer)), own);
    assert.is(optimizer.digest(), before);
    assert.is(optimizer.steps, 0);
    optimizer.groups[0].lr = 1e-3;
    optimizer.groups[0].weightDecay = 0;
    assert.is(optimizer.step().step, 1);
  });
}

test("what may be done within a step: reading, and the options for the next", () => {
  const optimizer = made();
  const seen: unknown[] = [];
  optimizer.groups[0].lr = () => {
    const { name, length } = optimizer.parameter("w");
    seen.push(name, length, optimizer.steps, optimizer.bytes > 0, optimizer.metrics());
    seen.push(optimizer.parameter("w").master[0], `${optimizer.describe()}`.length > 0);
    optimizer.groups[0].lr = 0.25;
    return 0.5;
  };
  assert.is(optimizer.step({ w: ones() }).lr.default, 0.5);
  assert.equal(seen, ["w", 4, 0, true, null, 1, true]);
  assert.is(optimizer.step({ w: ones() }).lr.default, 0.25);
});

test("the ledger is not closed within a step, and records it", async () => {
  const optimizer = made();
  const text = new LedgerText();
  const ledger = await RunLedger.open(text, optimizer);
  let answer: Promise<Error> | undefined;
  optimizer.groups[0].lr = once(() => {
    answer = errorOf(() => ledger.close());
  });
  optimizer.step({ w: ones() });
  assert.is(
    (await answer)?.message,
    "close of the run ledger: expected no step to run, got a call from within one",
  );
  await ledger.close();
  assert.is(ledger.lines, 3);
});

test("a weight average is not merged within a step", async () => {
  const optimizer = made();
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, fusedSteps: 1 });
  optimizer.step({ w: ones() });
  let answer: Promise<Error> | undefined;
  optimizer.groups[0].lr = once(() => {
    answer = errorOf(() => average.update());
  });
  optimizer.step({ w: ones() });
  assert.is(
    (await answer)?.message,
    "setWeights: expected no step to run, got a call from within one",
  );
});

test("a closure is called before its step begins: a step in it is a step of its own", () => {
  const [nested, plain] = [made(), made()];
  for (const each of [nested, plain]) each.gradient("w").set(ones());
  nested.step(() => nested.step());
  plain.step();
  plain.step();
  assert.is(nested.steps, 2);
  assert.is(nested.digest(), plain.digest());
});

test("a closure that disposes, or adds parameters: what comes after it sees that", async () => {
  const message = "the AdamW optimizer: expected to be in use, got disposed";
  const [first, second, third] = [made(), made(), made()];
  await assertRefusedLater(
    () => first.step(() => first.dispose()),
    AshlarError,
    message,
    "DISPOSED",
  );
  await assertRefusedLater(
    () => second.stepAsync(async () => second.dispose()),
    AshlarError,
    message,
    "DISPOSED",
  );
  third.step(() => third.addParameters({ v: ones() }));
  assert.is(third.parameter("v").step, 1);
});

test("a closure that is none", async () => {
  const optimizer = made();
  const before = optimizer.digest();
  await assertRefusedLater(
    () => optimizer.stepAsync(5 as Wrong),
    TypeError,
    '"closure" of stepAsync: expected a function, got 5',
  );
  await assertRefusedLater(
    () => optimizer.step((async () => 1) as Wrong),
    TypeError,
    '"closure" of step: expected a value, not a Promise, got a Promise. Use stepAsync',
  );
  assert.is(optimizer.digest(), before);
});

test("stepAsync while another one is on its way", async () => {
  const [twice, once] = [made(), made()];
  for (const each of [twice, once]) each.gradient("w").set(ones());
  const results = await Promise.allSettled([twice.stepAsync(() => 1), twice.stepAsync(() => 2)]);
  once.step();
  assert.is(results[0].status, "fulfilled");
  assert.is(
    (results[1] as PromiseRejectedResult).reason.message,
    "stepAsync: expected no step to run, got a call from within one",
  );
  assert.is(twice.digest(), once.digest());
});

test("a schedule that steps another optimizer does just that", () => {
  const [outer, inner, plain] = [made(), made(), made()];
  outer.groups[0].lr = once(() => inner.step({ w: ones() }));
  outer.step({ w: ones() });
  plain.step({ w: ones() });
  assert.is(inner.digest(), plain.digest());
  assert.is(outer.digest(), plain.digest());
});

const REPORTS: [why: string, make: (o: AdamW) => Wrong, message: string][] = [
  [
    "frozen",
    (o) => Object.freeze(o.newReport()),
    '"report" of step: expected a report of newReport(), got an object. ' +
      "It is filled, so that it must not be frozen",
  ],
  [
    "without lr",
    () => ({}),
    '"report" of step: expected a report of newReport(), got an object. ' +
      "It is filled, so that it must not be frozen",
  ],
  [
    "whose step cannot be written",
    (o) => Object.defineProperty(o.newReport(), "step", { writable: false }),
    "Cannot assign to read only property 'step' of object '#<Object>'",
  ],
  [
    "whose lr is frozen",
    (o) => Object.assign(o.newReport(), { lr: Object.freeze({ default: 1 }) }),
    "Cannot assign to read only property 'default' of object '#<Object>'",
  ],
];

for (const [why, make, message] of REPORTS) {
  test(`a report ${why} is noticed before anything is written`, async () => {
    const optimizer = made();
    const before = optimizer.digest();
    const step = () => optimizer.step({ w: ones() }, { report: make(optimizer) });
    await assertRefusedLater(step, TypeError, message);
    assert.is(optimizer.digest(), before);
    assert.is(optimizer.step({ w: ones() }).step, 1);
  });
}

test.run();
