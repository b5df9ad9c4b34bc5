import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AT_5,
  AT_50,
  BUN,
  browser,
  engine,
  FIVE,
  layouts,
  NO_THREADS,
  only,
  printing,
  runProof,
  shell,
} from "./reference/fake-proof.ts";

// What scripts/proof.mjs must not let pass.

const test = suite("scripts/proof.mjs: failures");

const FAILURES: [
  why: string,
  files: Record<string, string>,
  argv: string[],
  says: RegExp,
  last: string,
][] = [
  [
    "Node's own digest is another",
    { "dist/tests/engines/proof-run.js": printing(`lines[1] = "50 " + "f".repeat(64);`) },
    [...only("node"), "--partitions", "0"],
    RegExp(`^node .* f{12} +differs: after 50 steps expected ${AT_50}, got f{12}$`, "m"),
    "20 passed, 1 failed, 0 not run",
  ],
  [
    "another engine's digest is another",
    { [BUN]: engine("1.2.3", `lines[1] = "50 " + "f".repeat(64);`) },
    only("node", "bun"),
    RegExp(`^bun .* f{12} +differs: after 50 steps expected ${AT_50}, got f{12}$`, "m"),
    "121 passed, 1 failed, 0 not run",
  ],
  [
    "a browser's digest is another on several threads",
    { "bin/chromium": browser(`if (threads > 1) results[1].name = "50 " + "e".repeat(64);`) },
    ["--engines", "chromium"],
    RegExp(`^chromium .* 2 +scalar .* differs: after 50 steps expected ${AT_50}, got e{12}$`, "m"),
    "2 passed, 4 failed, 0 not run",
  ],
  [
    "the digest is right in the end but was not on the way",
    { [BUN]: engine("1.2.3", `lines[0] = "5 " + "f".repeat(64);`) },
    only("bun"),
    RegExp(`^bun .* ${AT_50} +differs: after 5 steps expected ${AT_5}, got f{12}$`, "m"),
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "the last digest is missing",
    { [BUN]: engine("1.2.3", "lines.pop();") },
    only("bun"),
    RegExp(`^bun .* - +differs: after 50 steps expected ${AT_50}, got none$`, "m"),
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "a digest is there that nobody asked for",
    { [BUN]: engine("1.2.3", `lines.push("51 " + "a".repeat(64));`) },
    only("bun"),
    /^bun .* differs: after 51 steps expected none, got a{12}$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "an engine prints nothing",
    { [BUN]: engine("1.2.3", "lines.length = 0;") },
    only("bun"),
    RegExp(`^bun .* differs: after 5 steps expected ${AT_5}, got none$`, "m"),
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "an engine prints something else",
    { [BUN]: engine("1.2.3", `lines.unshift("hello");`) },
    only("bun"),
    /^bun .* failed: expected STEPS DIGEST, got hello$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "an engine dies",
    {
      [BUN]: engine(
        "1.2.3",
        `console.error("at work\\nTypeError: no SIMD\\nat"); process.exit(3);`,
      ),
    },
    only("bun"),
    /^bun .* failed: exit code 3: TypeError: no SIMD$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "an engine does not come to its end",
    { [BUN]: engine("1.2.3", "setInterval(() => {}, 1000);") },
    [...only("bun"), "--limit", "1"],
    /^bun .* failed: no end within 1 s$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "a browser's program fails",
    { "bin/chromium": browser(`results = [{ name: "it", ok: false, detail: "no core" }];`) },
    only("chromium"),
    /^chromium .* failed: it: no core$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "the shell's program fails, whatever its exit code",
    { "bin/jsc": shell([FIVE, "failed TypeError: not here"]) },
    only("jsc"),
    /^jsc .* failed: TypeError: not here$/m,
    "0 passed, 1 failed, 0 not run",
  ],
  [
    "a required engine is absent",
    { [BUN]: engine("1.2.3") },
    [...only("bun", "deno"), "--require", "bun,deno"],
    /^deno .* failed: no such engine found$/m,
    "1 passed, 1 failed, 0 not run",
  ],
  [
    "a required engine has no threads",
    { [BUN]: engine("1.2.3", NO_THREADS) },
    ["--engines", "bun", "--kernels", "simd", "--threads", "1,2", "--require", "bun"],
    /^bun .* 2 +simd .* failed: no shared memory$/m,
    "1 passed, 1 failed, 0 not run",
  ],
  [
    "nothing is there at all",
    {},
    only("bun"),
    /^bun .* not run: no such engine found$/m,
    "0 passed, 0 failed, 1 not run",
  ],
  [
    "one layout's digest is another",
    {
      "dist/tests/engines/proof-layouts-run.js": layouts(
        `if (partitions) lines[6] = "partition 7 abc";`,
      ),
    },
    only("node"),
    /^node, 100 random partitions, 50 steps: 99 same, 1 differs in .*\n {2}differs: partition 7: abc$/m,
    "120 passed, 1 failed, 0 not run",
  ],
  [
    "a layout is missing",
    { "dist/tests/engines/proof-layouts-run.js": layouts("if (orders) lines.pop();") },
    only("node"),
    /^node, 20 random orders, 50 steps: 19 same, 1 failed in .*\n {2}failed: 19 of 20 layouts$/m,
    "120 passed, 1 failed, 0 not run",
  ],
  [
    "the layouts' program dies",
    { "dist/tests/engines/proof-layouts-run.js": "throw new RangeError('slabBytes');" },
    [...only("node"), "--orders", "0"],
    /^ {2}failed: exit code 1: RangeError: slabBytes$/m,
    "1 passed, 1 failed, 0 not run",
  ],
];

for (const [why, files, argv, says, last] of FAILURES) {
  test(`fails when ${why}`, async () => {
    const outcome = await runProof(files, ...argv);
    assert.match(outcome.stdout, says, outcome.stderr);
    assert.is(outcome.last, last);
    assert.is(outcome.status, 1);
  });
}

test.run();
