import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SEG_GRAD, SEG_PARAM } from "../assembly/layout.ts";
import { word } from "../src/core/slab.ts";
import { AdamW, type AshlarError, clipByGlobalNorm, dynamicLossScale } from "../src/index.ts";
import { LedgerText } from "../src/ledger/ledger-text.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { machineryOf } from "../src/optimizers/optimizer.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";

// A step that fails after its first write leaves state that nobody may take for whole. One that fails
// before leaves it as it was.

const test = suite("poisoned");

const LENGTH = 300_001;
const OUTSIDE = 0xfffffff0;
const gradient = realistic(LENGTH, 2);

async function make(threads: number, options = {}): Promise<AdamW> {
  const optimizer = await AdamW.create({ w: realistic(LENGTH, 1) }, { ...options, threads });
  optimizer.gradient("w").set(gradient);
  return optimizer;
}

/** Makes the core read or write outside of its memory: a trap, in whichever thread. */
function breakTable(optimizer: AdamW, field: number): void {
  for (const { slab, word: at } of machineryOf(optimizer).bound.slabs.partsOf(0)) {
    slab.words[at + word(field)] = OUTSIDE;
  }
}

function errorOf(act: () => unknown): AshlarError {
  try {
    act();
  } catch (error) {
    return error as AshlarError;
  }
  throw new Error("expected an error, got none");
}

for (const threads of [1, 2]) {
  test(`a trap in an update, threads ${threads}: POISONED, also in the caller's own thread`, async () => {
    const optimizer = await make(threads);
    optimizer.step();
    const [file, digest] = [await optimizer.toBytes(), optimizer.digest()];
    breakTable(optimizer, SEG_PARAM);
    const { code, message } = errorOf(() => optimizer.step());
    assert.is(code, "POISONED");
    assert.match(
      message,
      /^step: expected to finish, got a failure inside step 2: .*memory access/,
    );
    optimizer.dispose();
    const loaded = await AdamW.load(file, { threads });
    assert.is(loaded.digest(), digest);
    loaded.gradient("w").set(gradient);
    loaded.step();
    const whole = await make(1);
    whole.step();
    whole.step();
    assert.is(loaded.digest(), whole.digest());
    loaded.dispose();
  });
}

test("a trap in a scan of the caller's own thread leaves the state as it was", async () => {
  const optimizer = await make(1);
  const digest = optimizer.digest();
  breakTable(optimizer, SEG_GRAD);
  const error: Error = errorOf(() => optimizer.step());
  assert.instance(error, WebAssembly.RuntimeError);
  assert.is(optimizer.digest(), digest);
});

test("with workers there it cannot wait for them: it goes on alone, elsewhere", async () => {
  const [optimizer, whole] = [await make(2), await make(1)];
  whole.step();
  const [{ slab }] = machineryOf(optimizer).bound.slabs.partsOf(0);
  Object.assign(slab.kernel, {
    runJob() {
      throw new WebAssembly.RuntimeError("unreachable");
    },
  });
  const { code, message, cause } = errorOf(() => optimizer.step());
  assert.is(code, "WORKER");
  assert.match(message, /^step: .* before step 1 wrote anything: unreachable\. The state is as /);
  assert.instance(cause, WebAssembly.RuntimeError);
  assert.is(optimizer.threads, 1);
  optimizer.step();
  assert.is(optimizer.digest(), whole.digest());
  optimizer.dispose();
});

test("everything that takes the state for whole refuses it; what is there can be looked at", async () => {
  const lossScale = dynamicLossScale({ initialScale: 2 });
  const optimizer = await AdamW.create({ w: Float32Array.of(1, 2, 3) }, { lossScale });
  const one = { w: Float32Array.of(1, 1, 1) };
  optimizer.step(one, { metrics: true });
  const file = await optimizer.toBytes();
  breakTable(optimizer, SEG_PARAM);
  errorOf(() => optimizer.step(one));
  const calls: Record<string, () => unknown> = {
    step: () => optimizer.step(one),
    accumulate: () => optimizer.accumulate(one),
    zeroGradients: () => optimizer.zeroGradients(),
    setWeights: () => optimizer.setWeights(one),
    copyTo: () => optimizer.copyTo({ w: new Float32Array(3) }),
    digest: () => optimizer.digest(),
    parameterDigests: () => optimizer.parameterDigests(),
    weightsDigest: () => optimizer.weightsDigest(),
    "adding parameters": () => optimizer.addParameters({ b: new Float32Array(1) }),
  };
  const failures = new Map(Object.entries(calls).map(([name, act]) => [name, errorOf(act)]));
  failures.set(
    "adding a group",
    errorOf(() => optimizer.addGroup({ name: "g", params: { b: one.w } })),
  );
  for (const name of ["toBytes", "toBlob"] as const) {
    failures.set(name, (await rejection(optimizer[name]())) as AshlarError);
  }
  failures.set("save", (await rejection(optimizer.save("/nowhere/at/all"))) as AshlarError);
  failures.set("stepAsync", (await rejection(optimizer.stepAsync(() => 1))) as AshlarError);
  const said: Record<string, string> = {
    "adding a group": "adding parameters",
    toBytes: "save",
    toBlob: "save",
    stepAsync: "step",
  };
  for (const [name, { code, message }] of failures) {
    assert.is(code, "POISONED", `${name}: ${message}`);
    assert.match(
      message,
      new RegExp(
        `^${said[name] ?? name}: expected whole state, got a failure inside step 2: .*\\. Load the last ` +
          "checkpoint: this optimizer can only be disposed$",
      ),
    );
  }
  const ledger = (await rejection(RunLedger.open(new LedgerText(), optimizer))) as AshlarError;
  assert.is(ledger.code, "POISONED");

  assert.is(optimizer.steps, 1);
  assert.is(optimizer.parameter("w").master.length, 3);
  assert.is(optimizer.configDigest().length, 64);
  assert.ok(optimizer.metrics() !== null && optimizer.bytes > 0 && optimizer.threads === 1);
  optimizer.dispose();
  optimizer.dispose();
  assert.is(errorOf(() => optimizer.digest()).code, "DISPOSED");
  // Its loss scale is free again.
  const loaded = await AdamW.load(file, { lossScale });
  assert.is(loaded.steps, 1);
});

test("once a pass has overwritten the gradients a step cannot be tried again: POISONED", async () => {
  const make2 = async (failing: number) => {
    const optimizer = await AdamW.create(
      { w: Float32Array.of(1, 2) },
      { clip: clipByGlobalNorm(1) },
    );
    const { slabs } = machineryOf(optimizer).bound;
    const scan = slabs.scan.bind(slabs);
    let scans = 0;
    slabs.scan = () => {
      if (++scans === failing) throw new Error("a trap");
      scan();
    };
    for (let i = 0; i < 2; i++)
      optimizer.accumulate({ w: Float32Array.of(3, 4) }, { average: true });
    return optimizer;
  };
  const first = await make2(1);
  assert.is(errorOf(() => first.step()).message, "a trap");
  first.step();
  assert.is(first.steps, 1);
  const second = await make2(2);
  assert.is(errorOf(() => second.step()).code, "POISONED");
});

test("where there is no memory to go on in, the state can be saved, and is looked for again", async () => {
  const { Memory } = WebAssembly;
  const optimizer = await make(2);
  const digest = optimizer.digest();
  breakTable(optimizer, SEG_GRAD);
  (WebAssembly as { Memory: unknown }).Memory = function Refused() {
    throw new RangeError("could not allocate memory");
  };
  const wanted = (cause: string) =>
    new RegExp(
      `^step: expected to finish, got a failure before step 1 wrote anything: ${cause}\\. The state is ` +
        "as it was, but there is no memory to go on in \\(.*could not allocate memory.*\\)\\. Save it, " +
        "dispose, and load it again$",
    );
  try {
    const errors = [errorOf(() => optimizer.step()), errorOf(() => optimizer.step())];
    assert.equal(
      errors.map(({ code }) => code),
      ["WORKER", "WORKER"],
    );
    assert.match(errors[0].message, wanted(".*memory access.*"));
    assert.match(errors[1].message, wanted("a lost worker may still write to its memory"));
  } finally {
    WebAssembly.Memory = Memory;
  }
  const loaded = await AdamW.load(await optimizer.toBytes());
  assert.is(loaded.digest(), digest);
  // A save keeps its memories.
  let saving: Promise<Uint8Array> | null = null;
  const save = () => {
    saving = optimizer.toBytes();
  };
  assert.is(errorOf(() => optimizer.step(save)).code, "BUSY");
  assert.is((await AdamW.load((await saving) as unknown as Uint8Array)).digest(), digest);
  // The first step that finds some moves there; what is written from then on is of the new one.
  assert.is(errorOf(() => optimizer.step()).code, "WORKER");
  for (const each of [optimizer, loaded]) each.gradient("w").set(gradient);
  optimizer.step();
  loaded.step();
  assert.is(optimizer.digest(), loaded.digest());
  optimizer.dispose();
});

test("a ledger goes on where the optimizer does", async () => {
  const records = async (threads: number) => {
    const optimizer = await make(threads, { clip: clipByGlobalNorm(1) });
    const target = new LedgerText();
    const ledger = await RunLedger.open(target, optimizer);
    optimizer.step();
    if (threads > 1) {
      breakTable(optimizer, SEG_GRAD);
      assert.is(errorOf(() => optimizer.step()).code, "WORKER");
      optimizer.gradient("w").set(gradient);
    }
    optimizer.step();
    await ledger.close();
    optimizer.dispose();
    return target.text.split("\n").slice(1);
  };
  assert.equal(await records(2), await records(1));
});

test.run();
