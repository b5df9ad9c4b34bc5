import { setFlagsFromString } from "node:v8";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions, clipByGlobalNorm, clipByNorm } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

// Steps over gradient views make no objects: no garbage to collect, however long a run is. V8 keeps
// each number that is not small and whole in 16 bytes, and a report has a few.

const test = suite("allocation");

// Allocation is counted by how far the young generation fills; with a large one nothing is
// collected meanwhile.
setFlagsFromString("--min-semi-space-size=64");

const STEPS = 10_000;
/** Times 10,000 steps: the engine optimizes the step's own code in the first ones. */
const ROUNDS = 5;
/** Bytes a step that numbers may take: less than one for each of the 20 parameters. */
const NUMBERS = 8 * 16;
/** Bytes that the engine's own bookkeeping may take in all. */
const ALLOWED = 32 * 1024;

const CASES: Readonly<Record<string, AdamWOptions>> = {
  default: {},
  "not looked at": { nonFinite: "allow" },
  "global norm": { clip: clipByGlobalNorm(1), gradNorm: true },
  "own norms": { clip: clipByNorm(1) },
  "float16 on both sides": { precision: { model: "float16", gradients: "float16" } },
  "zeroed gradients, amsgrad": { zeroGradients: true, amsgrad: true },
};

// While the engine counts what is covered it does not optimize, and numbers are objects.
const counting = process.env.NODE_V8_COVERAGE ? test.skip : test;

for (const [name, options] of Object.entries(CASES)) {
  counting(`10,000 steps take no memory: ${name}`, async () => {
    const groups = ["a", "b"].map((group) => ({
      name: group,
      params: Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`${group}${i}`, realistic(40 + i, i)]),
      ),
    }));
    const optimizer = await AdamW.create(groups, options);
    for (const { gradient, gradient16 } of optimizer.parameterNames.flatMap(
      (parameter) => optimizer.parameter(parameter).parts,
    )) {
      gradient.fill(0.01);
      gradient16?.fill(0x2c00);
    }
    const into = { report: optimizer.newReport() };
    const grown = Array.from({ length: ROUNDS }, () => {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < STEPS; i++) optimizer.step(undefined, into);
      return process.memoryUsage().heapUsed - before;
    });
    // A collection makes a round's growth negative, which says nothing.
    const least = Math.min(...grown.filter((bytes) => bytes >= 0));
    assert.ok(least <= NUMBERS * STEPS + ALLOWED, `the heap grew by ${grown} bytes`);
    assert.is(into.report.step, ROUNDS * STEPS);
  });
}

test("the measure itself sees an object for each parameter", () => {
  const kept: { value: number }[] = [];
  const grown = Array.from({ length: ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < STEPS; i++) for (let p = 0; p < 20; p++) kept[p] = { value: i + 0.5 };
    return process.memoryUsage().heapUsed - before;
  });
  assert.ok(Math.max(...grown) > NUMBERS * STEPS + ALLOWED, `the heap grew by ${grown} bytes`);
});

test("a report that is given is filled and returned; else each step has its own", async () => {
  const optimizer = await AdamW.create({ w: new Float32Array(4) }, { gradNorm: true });
  optimizer.gradient("w").fill(0.5);
  const report = optimizer.newReport();
  assert.is(optimizer.step(undefined, { report }), report);
  assert.is(report.step, 1);
  assert.is(report.gradNorm, 1);
  const fresh = optimizer.step();
  assert.is.not(fresh, report);
  assert.is(report.step, 1);
  assert.equal(fresh, { ...report, step: 2 });
  for (const bad of [null, 3, [], {}]) {
    assert.throws(
      () => optimizer.step(undefined, { report: bad as unknown as typeof report }),
      /^"report" of step: expected a report of newReport\(\), got /,
    );
  }
});

test.run();
