import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  AshlarError,
  clipByGlobalNorm,
  DecoupledAdamW,
  type StepReport,
} from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

// Several threads give the bits of one: chunks are element-wise or whole reduction blocks.

const test = suite("threads");

const SHAPES = { large: 270_001, middle: 70_000, small: 4097, tiny: 3, empty: 0 };
const parameters = () =>
  Object.fromEntries(
    Object.entries(SHAPES).map(([name, length], i) => [name, realistic(length, i + 1)]),
  );
const gradientsOf = (k: number) =>
  Object.fromEntries(
    Object.entries(SHAPES).map(([name, length], i) => [name, realistic(length, 100 * k + i)]),
  );

const GRADIENT = realistic(SHAPES.large, 77);

const CASES: Readonly<Record<string, AdamWOptions>> = {
  plain: {},
  "amsgrad, maximize": { amsgrad: true, maximize: true },
  "global norm": { clip: clipByGlobalNorm(0.5), gradNorm: true },
  "float16 model and gradients": { precision: { model: "float16", gradients: "float16" } },
  "bfloat16 without masters": { precision: { model: "bfloat16", master: false } },
  "gradients zeroed, not looked at": { zeroGradients: true, nonFinite: "allow" },
  "several slabs": { slabBytes: 2 ** 21, clip: clipByGlobalNorm(0.5) },
};

/** Reports and digests of some steps: by name, by view, measured, and over the 64th. */
async function run(options: AdamWOptions, threads: number) {
  const optimizer = await AdamW.create(parameters(), { ...options, threads });
  assert.is(optimizer.threads, threads);
  const seen: unknown[] = [];
  const { large, ...others } = gradientsOf(1);
  seen.push(optimizer.step(gradientsOf(0)), optimizer.step(others));
  seen.push(optimizer.step({ large, tiny: null }, { metrics: true }), optimizer.metrics());
  const halves = options.precision?.gradients !== undefined;
  for (const name of Object.keys(SHAPES)) {
    for (const { gradient, gradient16 } of optimizer.parameter(name).parts) {
      if (halves) gradient16?.fill(0x2c01);
      else gradient.set(GRADIENT.subarray(0, gradient.length));
    }
  }
  for (let k = 4; k < 68; k++) seen.push(optimizer.step());
  seen.push(optimizer.digest(), optimizer.weightsDigest(), optimizer.configDigest());
  optimizer.dispose();
  return seen;
}

for (const [name, options] of Object.entries(CASES)) {
  test(`two and three threads have the bits of one: ${name}`, async () => {
    const one = await run(options, 1);
    assert.equal(await run(options, 2), one);
    assert.equal(await run(options, 3), one);
  });
}

test("stepAsync has the same bits, reports and refusals", async () => {
  const options = { clip: clipByGlobalNorm(0.5), gradNorm: true, nonFinite: "skip" } as const;
  const one = await AdamW.create(parameters(), options);
  const two = await AdamW.create(parameters(), { ...options, threads: 2 });
  for (let k = 0; k < 6; k++) {
    const gradients = gradientsOf(k);
    if (k === 3) gradients.middle[60_000] = Number.POSITIVE_INFINITY;
    for (const optimizer of [one, two]) {
      for (const [name, gradient] of Object.entries(gradients)) {
        optimizer.gradient(name).set(gradient);
      }
    }
    const measured = { metrics: k === 4 };
    const report = await two.stepAsync(async () => k, measured);
    assert.equal(report, { ...one.step(undefined, measured), loss: k });
    assert.equal(two.metrics(), one.metrics());
  }
  assert.is(two.steps, 5);
  assert.is(two.digest(), one.digest());
  two.dispose();
});

test("while stepAsync waits for its workers, nothing else gets in", async () => {
  const optimizer = await AdamW.create({ w: new Float32Array(2_000_000) }, { threads: 2 });
  const steps = Array.from({ length: 20 }, () => optimizer.stepAsync(() => 0));
  const outcomes = await Promise.allSettled(steps);
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as AshlarError] : [],
  );
  for (const { code } of refused) assert.is(code, "BUSY");
  assert.is(optimizer.steps, 20 - refused.length);
  assert.ok(optimizer.steps >= 1);
  optimizer.dispose();
});

test("a bad gradient anywhere is found and named by several threads too", async () => {
  const optimizer = await AdamW.create(parameters(), { threads: 3, nonFinite: "skip" });
  const before = optimizer.digest();
  for (const [parameter, index] of [
    ["large", 0],
    ["large", 269_999],
    ["middle", 69_999],
    ["tiny", 2],
  ] as const) {
    for (const name of Object.keys(SHAPES)) optimizer.gradient(name).fill(0.25);
    optimizer.gradient(parameter)[index] = Number.NaN;
    const { applied, nonFinite } = optimizer.step();
    assert.is(applied, false);
    assert.equal(nonFinite, { parameter, index, value: Number.NaN, kind: "nan" });
  }
  assert.is(optimizer.digest(), before);
  optimizer.dispose();
});

test("overflows of a 16-bit copy are counted over all threads", async () => {
  const data = new Float32Array(400_000).fill(65_000);
  const optimizer = await AdamW.create(
    { w: data },
    { threads: 2, precision: { model: "float16" }, lr: 1000, weightDecay: 0 },
  );
  const report = optimizer.step({ w: data.map((_, i) => (i % 7 === 0 ? -1 : 1)) });
  assert.equal(report.overflowed, [{ parameter: "w", count: Math.ceil(400_000 / 7) }]);
  optimizer.dispose();
});

test("another class, another thread count: the state is the same and so is what is configured", async () => {
  const options = { weightDecay: 1e-4, amsgrad: true };
  const one = await DecoupledAdamW.create(parameters(), options);
  const two = await DecoupledAdamW.create(parameters(), { ...options, threads: 2 });
  for (let k = 0; k < 3; k++) {
    one.step(gradientsOf(k));
    two.step(gradientsOf(k));
  }
  assert.is(two.digest(), one.digest());
  assert.is(two.configDigest(), one.configDigest());
  two.dispose();
});

test("few elements, none, and auto", async () => {
  const few = await AdamW.create({ w: new Float32Array(10) }, { threads: 2 });
  few.step({ w: new Float32Array(10).fill(1) });
  assert.is(few.steps, 1);
  few.dispose();
  const none = await AdamW.create({ w: new Float32Array(0) }, { threads: 2 });
  assert.is(none.threads, 1);
  none.step({ w: new Float32Array(0) });
  const small = await AdamW.create({ w: new Float32Array(10) }, { threads: "auto" });
  assert.is(small.threads, 1);
  const large = await AdamW.create({ w: new Float32Array(1_000_000) }, { threads: "auto" });
  assert.ok(large.threads >= 1 && large.threads <= 4);
  large.dispose();
});

test("a constructor cannot wait for workers and says so before it allocates", () => {
  // In a process where nothing has loaded the threads a constructor must not start them either.
  const make = () => new AdamW({ w: new Float32Array(4) }, { threads: 65 });
  assert.throws(make, /^"threads" of the options: expected a whole number from 1 to 64, got 65$/);
  const word = { threads: "many" } as unknown as AdamWOptions;
  assert.throws(
    () => new AdamW({ w: new Float32Array(4) }, word),
    /^"threads" of the options: expected a number of threads, or "auto", got "many"$/,
  );
});

test("without shared memory a number of threads is an error, auto and 1 are one thread", async () => {
  const owner = globalThis as { SharedArrayBuffer?: unknown };
  const { SharedArrayBuffer: shared } = owner;
  const make = (threads: number | "auto") =>
    AdamW.create({ w: new Float32Array(1_000_000).fill(1) }, { threads });
  owner.SharedArrayBuffer = undefined;
  try {
    const refused = await make(4).then(
      () => null,
      (error: unknown) => error,
    );
    assert.instance(refused, AshlarError);
    const { code, message } = refused as AshlarError;
    assert.is(code, "WORKER");
    assert.is(
      message,
      '"threads" of the options: expected 1 or "auto" here, got 4: there is no shared memory. A page ' +
        "has it where it is cross-origin isolated: served with the headers Cross-Origin-Opener-Policy: " +
        "same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
    for (const threads of [1, "auto"] as const) {
      const optimizer = await make(threads);
      assert.is(optimizer.threads, 1);
      assert.ok(optimizer.step().applied);
      optimizer.dispose();
    }
  } finally {
    owner.SharedArrayBuffer = shared;
  }
});

test("the worker's file and all that it imports name no package: workers have no import map", () => {
  const seen = new Set<string>();
  const visit = (file: URL) => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/^import .*"(.+)";$/gm)) {
      assert.match(specifier, /^\.\.?\//, `in ${file.href}`);
      visit(new URL(specifier, file));
    }
  };
  visit(new URL("../src/core/threads/worker.js", import.meta.url));
  assert.ok(seen.size >= 5);
});

test("a disposed optimizer has ended its workers; disposing again is fine", async () => {
  const optimizer = await AdamW.create(parameters(), { threads: 3 });
  optimizer.dispose();
  optimizer.dispose();
  assert.throws(
    () => optimizer.step(),
    (error: unknown) => error instanceof AshlarError && error.code === "DISPOSED",
  );
});

test("steps from several optimizers do not disturb each other", async () => {
  const make = () => AdamW.create(parameters(), { threads: 2 });
  const [a, b, alone] = [await make(), await make(), await AdamW.create(parameters())];
  const reports: StepReport[] = [];
  for (let k = 0; k < 5; k++) {
    reports.push(a.step(gradientsOf(k)), b.step(gradientsOf(k)), alone.step(gradientsOf(k)));
  }
  assert.is(a.digest(), alone.digest());
  assert.is(b.digest(), alone.digest());
  a.dispose();
  b.dispose();
});

test("a constructor that refuses leaves no workers", async () => {
  const { readdirSync } = await import("node:fs");
  if (process.platform !== "linux") return;
  const threads = () => readdirSync("/proc/self/task").length;
  const refuse = () =>
    AdamW.create(
      { a: { shape: [70_000] }, b: Float32Array.of(1e6) },
      { threads: 3, precision: { model: "float16" } },
    ).then(
      () => assert.unreachable("1e6 is no float16"),
      () => undefined,
    );
  await refuse();
  const before = threads();
  for (let i = 0; i < 5; i++) await refuse();
  for (let i = 0; i < 50 && threads() > before + 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(threads() <= before + 2, `${before} threads before, ${threads()} after`);
});

test.run();
