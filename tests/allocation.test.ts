import { setFlagsFromString } from "node:v8";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions, clipByGlobalNorm, clipByNorm } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

// Steps over gradient views make no objects: no garbage to collect, however long a run is. V8 keeps
// each number that is not small and whole in 16 bytes, and a report has a few.

const test = suite("allocation");

// Allocation is counted by how far the young generation fills; with a large one little is
// collected meanwhile.
setFlagsFromString("--min-semi-space-size=64");

// A number that a call returns is an object unless the call is inlined, and which calls are depends on
// when the compiler's thread comes to them. Here only the shortest ones are: what is counted then is
// what can come of it at worst.
setFlagsFromString("--max-inlined-bytecode-size=27");

const STEPS = 10_000;
/** Steps between two looks at the heap: few, so that a collection spoils few looks. */
const CHUNK = 250;
/** Times 10,000 steps: the engine optimizes the step's own code in the first ones. */
const ROUNDS = 5;
/** Bytes a step that numbers may take: less than one for each of the 20 parameters. */
const NUMBERS = 12 * 16;
/** Bytes that a look itself and the engine's own bookkeeping may take. */
const ALLOWED = 8 * 1024;
/** Bytes that CHUNK steps may take. */
const MOST = NUMBERS * CHUNK + ALLOWED;

/** By how much the heap grows in CHUNK steps: of each round the median of its looks. */
function growthOf(step: () => void): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const grown = Array.from({ length: STEPS / CHUNK }, () => {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < CHUNK; i++) step();
      return process.memoryUsage().heapUsed - before;
    });
    return grown.sort((a, b) => a - b)[grown.length / 2];
  });
}

const CASES: Readonly<Record<string, AdamWOptions>> = {
  default: {},
  "not looked at": { nonFinite: "allow" },
  "global norm": { clip: clipByGlobalNorm(0.01), gradNorm: true },
  "own norms": { clip: clipByNorm(0.01) },
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
    const grown = growthOf(() => optimizer.step(undefined, into));
    assert.ok(Math.min(...grown) <= MOST, `the heap grew by ${grown} bytes`);
    assert.is(into.report.step, ROUNDS * STEPS);
  });
}

test("the measure itself sees an object for each parameter", () => {
  const kept: { value: number }[] = [];
  let step = 0;
  const grown = growthOf(() => {
    step++;
    for (let p = 0; p < 20; p++) kept[p] = { value: step + 0.5 };
  });
  assert.ok(Math.max(...grown) > MOST, `the heap grew by ${grown} bytes`);
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
