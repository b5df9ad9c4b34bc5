import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as jaxAdapter from "../src/adapters/jax/index.ts";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { AdamW, AshlarError, LedgerText, RunLedger, WeightAverage } from "../src/index.ts";
import type { Wrong } from "./reference/bad-input.ts";
import { loadJax } from "./reference/jax.ts";
import {
  assertEveryMember,
  assertRefusedLater,
  type DisposedRow,
  errorOf,
  membersOf,
} from "./reference/misuse.ts";
import { realistic } from "./reference/patterns.ts";
import { loadTf, makeModel, type TfOptimizer } from "./reference/tfjs.ts";

// P21 for what holds an optimizer: each public member, used after the optimizer was disposed.

const test = suite("misuse: after dispose, what holds an optimizer");

const DISPOSED = "the AdamW optimizer: expected to be in use, got disposed";
const ones = () => Float32Array.of(1, 1);

const OF_AVERAGES: DisposedRow<WeightAverage>[] = [
  ["samples", (average) => average.samples, "readable"],
  ["average", (average) => average.average(), "readable"],
  ["state", (average) => average.state(), "readable"],
  ["restore", (average) => average.restore(average.state()), "readable"],
  ["update", (average) => average.update(), "refused"],
];

test("WeightAverage: each public member has a row", () =>
  assertEveryMember(OF_AVERAGES, WeightAverage.prototype));

for (const [member, use, then] of OF_AVERAGES) {
  test(`WeightAverage of a disposed optimizer: ${member} is ${then}`, async () => {
    const optimizer = new AdamW({ w: ones() });
    const average = new WeightAverage(optimizer, { interleaveSteps: 1 });
    optimizer.step({ w: ones() });
    average.update();
    const living = then === "readable" && use(average);
    optimizer.step({ w: ones() });
    optimizer.dispose();
    const state = average.state();
    if (then === "readable") assert.equal(use(average), living);
    else await assertRefusedLater(() => use(average), AshlarError, DISPOSED, "DISPOSED");
    assert.equal(average.state(), state);
  });
}

const LOST =
  "close of the run ledger: expected the AdamW optimizer to be in use, got disposed. The ledger has " +
  "all steps, but no last line with the digests";

const OF_LEDGERS: [member: string, use: (ledger: RunLedger) => unknown, told: string | null][] = [
  ["lines", (ledger) => ledger.lines, null],
  ["flush", (ledger) => ledger.flush(), null],
  ["close", (ledger) => ledger.close(), LOST],
  ["close", (ledger) => ledger.close().catch(() => ledger.close()), LOST],
  ["flush", (ledger) => ledger.close().catch(() => ledger.flush()), LOST],
];

test("RunLedger: each public member has a row", () =>
  assertEveryMember(OF_LEDGERS, RunLedger.prototype));

for (const [index, [member, use, told]] of OF_LEDGERS.entries()) {
  test(`RunLedger of a disposed optimizer: ${member} (row ${index + 1})`, async () => {
    const text = new LedgerText();
    const optimizer = new AdamW({ w: ones() });
    const ledger = await RunLedger.open(text, optimizer);
    optimizer.step({ w: ones() });
    optimizer.dispose();
    if (told === null) await use(ledger);
    else await assertRefusedLater(() => use(ledger), AshlarError, told, "DISPOSED");
    assert.is(ledger.lines, 2);
    await errorOf(() => ledger.close());
    assert.is(text.text.split("\n").length, 3, "the header and the step are there");
  });
}

test("no ledger begins with a disposed optimizer", async () => {
  const optimizer = new AdamW({ w: ones() });
  optimizer.dispose();
  const open = () => RunLedger.open(new LedgerText(), optimizer);
  await assertRefusedLater(open, AshlarError, DISPOSED, "DISPOSED");
});

const jax = await loadJax();
const np = jax.numpy;

test("a jax transformation: every call with a state whose optimizer is disposed", async () => {
  const transform: Wrong = jaxAdapter.adamW(np as Wrong);
  const calls: Record<string, (state: unknown, a: unknown, b: unknown) => unknown> = {
    apply: (state, params, grads) => transform.apply(params, grads, state),
    applyAsync: (state, params, grads) => transform.applyAsync(params, grads, state),
    update: (state, params, grads) => transform.update(grads, state, params),
  };
  const making = ["init", "initAsync", "load"];
  assert.equal(Object.keys(transform).sort(), [...making, ...Object.keys(calls)].sort());
  for (const act of Object.values(calls)) {
    const state = transform.init({ w: np.array([1, 2]) });
    const [params, grads] = [{ w: np.array([1, 2]) }, { w: np.array([1, 1]) }];
    state.dispose();
    await assertRefusedLater(() => act(state, params, grads), AshlarError, DISPOSED, "DISPOSED");
    // Nothing is used up: neither the arrays nor the state.
    assert.equal([params.w.refCount, grads.w.refCount], [1, 1]);
    await assertRefusedLater(() => act(state, params, grads), AshlarError, DISPOSED, "DISPOSED");
    jax.tree.dispose([params, grads]);
  }
});

const OF_STATES: DisposedRow<Wrong>[] = [
  ["optimizer", (state) => state.optimizer.describe(), "readable"],
  ["report", (state) => state.report, "readable"],
  ["dispose", (state) => state.dispose(), "readable"],
];

test("a jax state after dispose: what was configured can be read", () => {
  const state: Wrong = jaxAdapter.adamW(np as Wrong).init({ w: np.array([1, 2]) } as Wrong);
  assertEveryMember(OF_STATES, Object.getPrototypeOf(state));
  state.dispose();
  for (const [, use] of OF_STATES) use(state);
  assert.is(state.report, null);
});

const tf = await loadTf();
await tf.setBackend("cpu");
await tfjs.ready();

const TF_DISPOSED = "the AshlarAdamW: expected to be in use, got disposed";
type Adapted = TfOptimizer & tfjs.AshlarMembers;
type Model = ReturnType<typeof makeModel>;

/** All that ashlar's classes have beyond the base of TensorFlow.js, and what users call of the base. */
const OF_TF: [
  member: string,
  use: (o: Adapted, model: Model) => unknown,
  then: "refused" | "readable",
][] = [
  ["applyGradients", (o) => o.applyGradients({}), "refused"],
  ["minimize", (o, model) => o.minimize(model.loss), "refused"],
  ["getWeights", (o) => o.getWeights(), "refused"],
  ["setWeights", (o) => o.setWeights([]), "refused"],
  ["getConfig", (o) => o.getConfig(), "readable"],
  ["ashlar", (o) => o.ashlar, "readable"],
  ["report", (o) => o.report?.step, "readable"],
  ["syncWeights", (o) => o.syncWeights(), "readable"],
  ["forgetUnused", (o) => o.forgetUnused(), "readable"],
  ["dispose", (o) => o.dispose(), "readable"],
];

test("the optimizers of TensorFlow.js: each public member of ours has a row", () => {
  const optimizer = tfjs.adamW(tf as Wrong);
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(optimizer));
  const inTable = OF_TF.map(([member]) => member).filter((member) => member !== "minimize");
  assert.equal(inTable.sort(), own.filter((member) => member !== "constructor").sort());
  assert.ok(membersOf(Object.getPrototypeOf(optimizer)).includes("minimize"));
});

for (const [member, use, then] of OF_TF) {
  test(`TensorFlow.js, disposed: ${member} is ${then}`, async () => {
    const model = makeModel(tf, realistic);
    const optimizer = tfjs.adamW(tf as Wrong) as unknown as Adapted;
    optimizer.minimize(model.loss);
    const before = model.all.map((variable) => variable.dataSync().slice());
    optimizer.dispose();
    optimizer.dispose();
    if (then === "refused") {
      const act = () => use(optimizer, model);
      await assertRefusedLater(act, AshlarError, TF_DISPOSED, "DISPOSED");
    } else use(optimizer, model);
    assert.equal(
      model.all.map((variable) => variable.dataSync()),
      before,
    );
    model.dispose();
  });
}

test.run();
