import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AT_5,
  AT_50,
  BUN,
  browser,
  DENO,
  engine,
  FIFTY,
  FIVE,
  LINES,
  NEWER_NODE,
  NO_THREADS,
  only,
  runProof,
  shell,
} from "./reference/fake-proof.ts";

// scripts/proof.mjs over programs that only print, with programs of ours in the place of engines.

const test = suite("scripts/proof.mjs");

test("Node passes in three ways and in all layouts; what is absent is shown and counted", async () => {
  const { status, stdout, last } = await runProof({});
  assert.is(last, `${3 * 6 + 120} passed, 0 failed, ${7 * 6} not run`);
  assert.is(status, 0);
  assert.match(
    stdout,
    new RegExp(`^node-liftoff +\\S+, V8 \\S+ +4 +scalar .* ${AT_50} +same$`, "m"),
  );
  assert.match(stdout, /^newer-node +- +1 +simd .* - +not run: no such engine found$/m);
  assert.match(stdout, /^webkitgtk +- +2 +scalar .* not run: no such engine found$/m);
  assert.match(stdout, /^node, 100 random partitions, 50 steps: 100 same in \S+ s$/m);
  assert.match(stdout, /^node, 20 random orders, 50 steps: 20 same in \S+ s$/m);
});

test("the longest run has all digests on its way, and layouts are shorter", async () => {
  const { status, stdout, last } = await runProof(
    {},
    "--full",
    ...only("node"),
    "--partitions",
    "3",
  );
  assert.is(last, "24 passed, 0 failed, 0 not run");
  assert.is(status, 0);
  assert.match(stdout, / after 1000 steps$/m);
  assert.match(stdout, new RegExp(` ${LINES[2].slice(5, 17)} +same$`, "m"));
  assert.match(stdout, /^node, 3 random partitions, 50 steps: 3 same/m);
});

test("engines that are there run with what was asked for, and say who they are", async () => {
  const asked = `if (threads + kernel !== "4scalar" || steps != 5) lines = [threads + kernel + steps];`;
  const { status, stdout, last } = await runProof(
    {
      [DENO]: engine("deno 7.7.7 (stable)\nv8 15.0.245.2-rusty", asked),
      [BUN]: engine("1.2.3"),
      [NEWER_NODE]: engine("v99.1.0"),
      "bin/chromium": browser(asked.replace("lines =", "results =")),
    },
    ...["--engines", "newer-node,deno,bun,chromium", "--threads", "4", "--kernels", "scalar"],
    ...["--steps", "5", "--require", "newer-node,deno,bun,chromium"],
  );
  assert.is(last, "4 passed, 0 failed, 0 not run");
  assert.is(status, 0);
  const row = `+4 +scalar +\\S+ s +${AT_5} +same$`;
  assert.match(stdout, new RegExp(`^newer-node +99\\.1\\.0 ${row}`, "m"));
  assert.match(stdout, new RegExp(`^deno +7\\.7\\.7, V8 15\\.0 ${row}`, "m"));
  assert.match(stdout, new RegExp(`^bun +1\\.2\\.3 ${row}`, "m"));
  assert.match(stdout, new RegExp(`^chromium +1\\.2\\.3\\.4 ${row}`, "m"));
});

test("the shell has no threads, which is no fault of its own", async () => {
  const argv = ["--engines", "jsc", "--kernels", "simd", "--threads", "1,2", "--require", "jsc"];
  const { status, stdout, last } = await runProof({ "bin/jsc": shell([FIVE, FIFTY]) }, ...argv);
  assert.is(last, "1 passed, 0 failed, 1 not run");
  assert.is(status, 0);
  assert.match(stdout, /^jsc +\? +1 +simd .* same$/m);
  assert.match(stdout, /^jsc +\? +2 +simd .* - +not run: no workers$/m);
});

test("an engine that has no threads is counted as not run where nobody requires it", async () => {
  const argv = ["--engines", "bun", "--kernels", "simd"];
  const { status, stdout, last } = await runProof({ [BUN]: engine("1.2.3", NO_THREADS) }, ...argv);
  assert.is(last, "1 passed, 0 failed, 2 not run");
  assert.is(status, 0);
  assert.match(stdout, /^bun .* 4 +simd .* not run: no shared memory$/m);
});

const REFUSALS: [argv: string[], message: RegExp][] = [
  [["--steps", "10"], /^--steps: expected one of 5, 50, 1000, got 10$/m],
  [["--engines", "opera"], /^--engines: expected some of node, .*, webkitgtk, got opera$/m],
  [["--require", "opera"], /^--require: expected some of node, .*, got opera$/m],
  [["--engines", "bun", "--require", "deno"], /^--require: expected some of bun, got deno$/m],
  [["--kernels", "avx"], /^--kernels: expected some of simd, scalar, got avx$/m],
  [["--threads", "1,0"], /^--threads: expected whole numbers, 1 to 64, got 0$/m],
  [["--threads", ""], /^--threads: expected whole numbers, 1 to 64, got $/m],
  [["--partitions", "some"], /^--partitions: expected whole numbers, 0 to 1000000, got some$/m],
  [["--limit", "soon"], /^--limit: expected whole numbers, 1 to 1000000, got soon$/m],
  [["--dist", "nowhere"], /^--dist: expected a build, got none in .*nowhere\. Run npm run build/m],
  [["--fast"], /'--fast'/],
];

for (const [argv, message] of REFUSALS) {
  test(`refuses ${argv.join(" ")}`, async () => {
    const { status, stderr } = await runProof({}, ...argv);
    assert.match(stderr, message);
    assert.is(status, 1);
  });
}

test.run();
