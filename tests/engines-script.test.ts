import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// scripts/engines.mjs over a build that only prints, with programs of ours in place of Deno and Bun.

const test = suite("scripts/engines.mjs");

const SCRIPT = resolve("scripts/engines.mjs");
const EXPECTED = resolve("tests/engines/expected.txt");
const LINES = readFileSync(EXPECTED, "utf8").trimEnd().split("\n").length;
const OWN = "scripts/engines.mjs";
const DENO = "engines/node_modules/@deno/some-system/deno";
const BUN = "engines/node_modules/@oven/bun-some-system/bin/bun";
const DIGESTS = "dist/tests/engines/digests.js";
const EXAMPLE = "dist/examples/language-detector/main.js";

/** Prints the committed lines, after a change of their text. */
const printing = (change = "") => `
  import { readFileSync } from "node:fs";
  process.stdout.write(readFileSync(${JSON.stringify(EXPECTED)}, "utf8")${change});`;

/** Writes its JSON where the flag says, with this digest in it. */
const detecting = (digest: string) => `
  import { writeFileSync } from "node:fs";
  const json = process.argv[process.argv.indexOf("--json") + 1];
  writeFileSync(json, JSON.stringify({ digest: ${digest} }));`;

/** Something that Node runs in an engine's place: its version, then whatever `act` says. */
const engine = (version: string, act: string) => `#!${process.execPath}
  const { spawnSync } = require("node:child_process");
  const argv = process.argv.slice(process.argv.findIndex((word) => word.endsWith(".js"), 2));
  const node = (env) => spawnSync(process.execPath, argv.slice(-5).filter((w) => w !== __filename),
    { encoding: "utf8", env: { ...process.env, ...env } });
  if (process.argv[2] === "--version") console.log(${JSON.stringify(version)});
  else { ${act} }`;
const HONEST =
  "const { stdout, status } = node(); process.stdout.write(stdout); process.exit(status);";
const deno = (act = HONEST) => engine("deno 7.7.7 (stable)\nv8 15.0.245.2-rusty", act);
const bun = (act = HONEST) => engine("1.2.3", act);

/** @param files may hold the script itself, which then finds what it expects beside it */
function compare(files: Record<string, string>, ...argv: string[]) {
  const root = mkdtempSync(join(tmpdir(), "engines-test-"));
  const script = OWN in files ? join(root, OWN) : SCRIPT;
  for (const [path, text] of Object.entries({
    "dist/package.json": `{"type":"module"}`,
    ...files,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  try {
    const places = ["--dist", join(root, "dist"), "--engines", join(root, "engines")];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...places, ...argv], {
      encoding: "utf8",
      env: { PATH: join(root, "nowhere") },
    });
    const lines = stdout.trimEnd().split("\n");
    return { status, stdout, stderr, last: lines[lines.length - 1] };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test("three kinds of Node pass; what is absent is shown and counted", () => {
  const { status, stdout, last } = compare({ [DIGESTS]: printing() });
  assert.is(last, `${3 * LINES} passed, 0 failed, 7 not run`);
  assert.is(status, 0);
  assert.match(stdout, /^deno +- +digests +- +not run: not found; --install installs it$/m);
  assert.match(stdout, /^bun +- +example +- +not run: not found/m);
  assert.match(
    stdout,
    /^node --liftoff-only +\S+, V8 \d+\.\d+ +log next to 1 +[0-9a-f]{12} +same$/m,
  );
  assert.match(stdout, /^node --no-liftoff .* example +- +not run: not in the build$/m);
});

test("installed engines run, and say who they are", () => {
  const { status, stdout, last } = compare(
    { [DIGESTS]: printing(), [EXAMPLE]: detecting(`"cafe"`), [DENO]: deno(), [BUN]: bun() },
    "--require",
    "deno,bun,example",
  );
  assert.is(last, `${5 * LINES + 4} passed, 0 failed, 0 not run`);
  assert.is(status, 0);
  assert.match(stdout, /^node +\S+, V8 \S+ +example +cafe +reference$/m);
  assert.match(stdout, /^deno +7\.7\.7, V8 15\.0 +example +cafe +same$/m);
  assert.match(stdout, /^bun +1\.2\.3 +exp +[0-9a-f]{12} +same$/m);
});

const FAILURES: [
  why: string,
  files: Record<string, string>,
  argv: string[],
  says: RegExp,
  last: string,
][] = [
  [
    "Node's own digest is another",
    { [DIGESTS]: printing(`.replace(/^exp ./, "exp x")`) },
    [],
    /^node .* exp +x[0-9a-f]{11} +differs: expected [0-9a-f]{64}$/m,
    `${3 * LINES - 3} passed, 3 failed, 7 not run`,
  ],
  [
    "a line is missing",
    { [DIGESTS]: printing(`.replace(/^ipow .*\\n/m, "")`) },
    [],
    /^node .* ipow +- +differs: expected [0-9a-f]{64}$/m,
    `${3 * LINES - 3} passed, 3 failed, 7 not run`,
  ],
  [
    "a line is new",
    { [DIGESTS]: printing(` + "sqrt abc\\n"`) },
    [],
    /^node .* sqrt +abc +differs: expected no such line$/m,
    `${3 * LINES} passed, 3 failed, 7 not run`,
  ],
  [
    "another engine differs",
    {
      [DIGESTS]: printing(),
      [BUN]: bun(`process.stdout.write(node().stdout.replace(/^pow ./m, "pow x"));`),
    },
    [],
    /^bun .* pow +x[0-9a-f]{11} +differs: expected [0-9a-f]{64}$/m,
    `${4 * LINES - 1} passed, 1 failed, 6 not run`,
  ],
  [
    "another engine's example differs",
    {
      [DIGESTS]: printing(),
      [EXAMPLE]: detecting(`process.env.DIGEST ?? "cafe"`),
      [DENO]: deno(`process.stdout.write(node({ DIGEST: "bad" }).stdout);`),
    },
    [],
    /^deno .* example +bad +differs: expected cafe$/m,
    `${4 * LINES + 2} passed, 1 failed, 2 not run`,
  ],
  [
    "an engine dies",
    {
      [DIGESTS]: printing(),
      [DENO]: deno(`console.error("at work\\nTypeError: no SIMD\\nat"); process.exit(3);`),
    },
    [],
    /^deno .* digests +- +failed: exit code 3: TypeError: no SIMD$/m,
    `${3 * LINES} passed, 1 failed, 6 not run`,
  ],
  [
    "the example writes no digest",
    { [DIGESTS]: printing(), [EXAMPLE]: "// nothing" },
    [],
    /^node .* example +- +failed: wrote no JSON with a "digest"$/m,
    `${3 * LINES} passed, 3 failed, 4 not run`,
  ],
  [
    "an absent engine is required",
    { [DIGESTS]: printing(), [BUN]: bun() },
    ["--require", "bun,deno"],
    /^deno +- +digests +- +failed: not found/m,
    `${4 * LINES} passed, 2 failed, 4 not run`,
  ],
  [
    "the absent example is required",
    { [DIGESTS]: printing() },
    ["--require", "example"],
    /^node .* example +- +failed: not in the build$/m,
    `${3 * LINES} passed, 3 failed, 4 not run`,
  ],
  [
    "there is no build",
    {},
    [],
    /^node .* digests +- +failed: exit code 1/m,
    "0 passed, 3 failed, 7 not run",
  ],
];

for (const [why, files, argv, says, last] of FAILURES) {
  test(`fails when ${why}`, () => {
    const outcome = compare(files, ...argv);
    assert.match(outcome.stdout, says);
    assert.is(outcome.last, last);
    assert.is(outcome.status, 1);
  });
}

test("fails when nothing is expected and nothing printed", () => {
  const { status, last } = compare({
    [OWN]: readFileSync(SCRIPT, "utf8"),
    "scripts/find-engines.mjs": readFileSync("scripts/find-engines.mjs", "utf8"),
    "tests/engines/expected.txt": "",
    [DIGESTS]: "// nothing",
  });
  assert.is(last, "0 passed, 0 failed, 7 not run");
  assert.is(status, 1);
});

test("fails for an engine that it does not know", () => {
  const { status, stderr } = compare({ [DIGESTS]: printing() }, "--require", "chrome");
  assert.is(status, 1);
  assert.is(stderr, "--require: expected some of deno, bun, example, got chrome\n");
});

test.run();
