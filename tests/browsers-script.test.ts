import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inScratchFolder } from "./reference/scratch.ts";

// scripts/browsers.mjs with a program of ours in the place of a browser, which reports what it is
// told to instead of opening the page.

const test = suite("scripts/browsers.mjs");

const SCRIPT = resolve("scripts/browsers.mjs");
const LINES = readFileSync("tests/engines/expected.txt", "utf8").trimEnd().split("\n");
const DIGESTS = LINES.map((line) => {
  return { name: line.slice(0, -65), digest: line.slice(-64), ok: true, detail: "" };
});

/** As much of a build as the script itself uses. */
const BUILD = {
  "dist/package.json": `{"type":"module"}`,
  "dist/tests/browsers/page.js": "",
  "dist/tests/engines/sharded-course.js": `
    export const takeCourseAlone = async () => ({ state: "s", weights: "w" });`,
  "dist/tests/reference/heap-run.js": `export const heapRun = async () => ({ digest: "h" });`,
  "dist/tests/reference/random.js": "export const xorshift32 = () => () => 1;",
  "dist/tests/reference/checkpoint-run.js": `
    export const TICKS = 5;
    export const runTicks = () => {};
    export const makeRun = async () => ({
      toBytes: async () => new Uint8Array(3), digest: () => "d", dispose() {},
    });`,
};

/** Reports and stays, as a browser would; \`act\` sees the program's name and the page's address. */
const browser = (act: string) => `#!${process.execPath}
  const url = process.argv.at(-1);
  const post = (results) =>
    fetch(new URL("/report", url), { method: "POST", body: JSON.stringify(results) });
  if (url === "--version") console.log("Chromium 1.2.3.4 of ours");
  else {
    setInterval(() => {}, 1000);
    const program = new URL(url).searchParams.get("program");
    const digests = ${JSON.stringify(DIGESTS)};
    (async () => { ${act} })();
  }`;
const PASSING = `post([{ name: "a", ok: true, detail: "fine" }]);`;

async function run(act: string | null, ...argv: string[]) {
  return inScratchFolder(async (root) => {
    const files = act === null ? BUILD : { ...BUILD, "bin/chromium": browser(act) };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode: 0o755 });
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [SCRIPT, "--dist", join(root, "dist"), ...argv],
      { encoding: "utf8", env: { PATH: join(root, "bin"), TMPDIR: root } },
    );
    return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) };
  });
}

test("what passes is counted, and so is what is absent", async () => {
  const { status, stdout, last } = await run(PASSING, "--only", "replace,refusals");
  assert.is(last, "4 passed, 0 failed, 4 not run");
  assert.is(status, 0);
  assert.match(stdout, /^chromium +1\.2\.3\.4 +isolated worker +replace +1 passed +\d+\.\d s$/m);
  assert.match(stdout, /^chromium .* plain worker +refusals +1 passed/m);
  assert.match(stdout, /^firefox +- +plain page +replace +1 not run/m);
  assert.match(stdout, /^ {2}not run {2}- {2}no such browser found$/m);
});

test("all that passed is shown where that is asked for", async () => {
  const { stdout } = await run(PASSING, "--only", "replace", "--verbose");
  assert.match(stdout, /^ {2}passed {2}a {2}fine$/m);
});

test("digests are compared with the committed ones", async () => {
  const { status, last } = await run("post(digests)", "--only", "digests");
  assert.is(last, `${2 * LINES.length} passed, 0 failed, 2 not run`);
  assert.is(status, 0);
});

test("what is killed while it saves is opened once more over the same profile", async () => {
  const act = `
    const fs = require("node:fs");
    const profile = process.argv.find((word) => word.startsWith("--user-data-dir=")).slice(16);
    const pages = profile + "/pages";
    fs.appendFileSync(pages, program + " ");
    post([{ name: fs.readFileSync(pages, "utf8"), ok: true, detail: "" }]);`;
  const { stdout, last } = await run(act, "--only", "crash", "--verbose");
  const pages = "crash-save crash-load crash-save crash-load crash-save crash-load";
  assert.match(stdout, `  passed  ${pages}\n`);
  assert.is(last, "12 passed, 0 failed, 2 not run");
});

test("a case that the browser has not what it needs for is counted as not run", async () => {
  const act = `post([
    { name: "a", ok: true, detail: "" },
    { name: "b", ok: true, detail: "no such GPU", notRun: true },
  ]);`;
  const { status, stdout, last } = await run(act, "--only", "replace");
  assert.match(stdout, /^ {2}not run {2}b {2}no such GPU$/m);
  assert.is(last, "2 passed, 0 failed, 4 not run");
  assert.is(status, 0);
});

test("programs of a GPU get one, and those with blob: workers the page for it", async () => {
  const act = `
    const gpu = process.argv.includes("--use-angle=swiftshader");
    const blobs = new URL(url).searchParams.has("blobs");
    post([{ name: program, ok: true, detail: "gpu " + gpu + ", blobs " + blobs }]);`;
  const { stdout } = await run(act, "--only", "replace,tfjs,jax", "--verbose");
  const said = Array.from(stdout.matchAll(/^ {2}passed {2}(.*)$/gm), ([, line]) => line);
  assert.equal(said, [
    ...["replace", "replace"].map((name) => `${name}  gpu false, blobs false`),
    ...["tfjs", "tfjs", "tfjs", "tfjs"].map((name) => `${name}  gpu true, blobs false`),
    ...[true, true, false, false].map((blobs) => `jax  gpu true, blobs ${blobs}`),
  ]);
});

const FAILURES: [why: string, act: string | null, argv: string[], says: RegExp, last: string][] = [
  [
    "a digest is another",
    `digests[3].digest = "f".repeat(64); post(digests);`,
    ["--only", "digests"],
    /^ {2}differs {2}log next to 1 {2}f{12}; expected b42d30cd383c$/m,
    `${2 * LINES.length - 2} passed, 2 failed, 2 not run`,
  ],
  [
    "a digest is missing",
    "post(digests.slice(1));",
    ["--only", "digests"],
    /^ {2}failed {2}exp {2}not reported$/m,
    `${2 * LINES.length - 2} passed, 2 failed, 2 not run`,
  ],
  [
    "a digest is new",
    `post([...digests, { name: "sqrt", digest: "abc", ok: true, detail: "" }]);`,
    ["--only", "digests"],
    /^ {2}differs {2}sqrt {2}abc; expected no such digest$/m,
    `${2 * LINES.length} passed, 2 failed, 2 not run`,
  ],
  [
    "a case fails, whatever its digest",
    `digests[0].ok = false; digests[0].detail = "why"; post(digests);`,
    ["--only", "digests"],
    /^ {2}failed {2}exp {2}why$/m,
    `${2 * LINES.length - 2} passed, 2 failed, 2 not run`,
  ],
  [
    "nothing is reported",
    "post([]);",
    ["--only", "replace"],
    /^ {2}failed {2}- {2}reported nothing$/m,
    "0 passed, 2 failed, 2 not run",
  ],
  [
    "the browser ends",
    `console.error("at work"); console.error("no display"); process.exit(3);`,
    ["--only", "replace"],
    /ended before it reported: exit code 3; the browser's last words: no display$/m,
    "0 passed, 2 failed, 2 not run",
  ],
  [
    "the page never reports",
    "",
    ["--only", "replace", "--limit", "0.5"],
    /^ {2}failed {2}- {2}no report within 0\.5 s$/m,
    "0 passed, 2 failed, 2 not run",
  ],
  [
    "a required browser is absent",
    PASSING,
    ["--only", "replace", "--require", "chromium,firefox"],
    /^ {2}failed {2}- {2}no such browser found$/m,
    "2 passed, 2 failed, 0 not run",
  ],
  [
    "no browser is there at all",
    null,
    ["--only", "replace"],
    /^chromium +- .* 1 not run/m,
    "0 passed, 0 failed, 4 not run",
  ],
];

for (const [why, act, argv, says, last] of FAILURES) {
  test(`fails when ${why}`, async () => {
    const outcome = await run(act, ...argv);
    assert.match(outcome.stdout, says);
    assert.is(outcome.last, last);
    assert.is(outcome.status, 1);
  });
}

const REFUSALS: [argv: string[], message: RegExp][] = [
  [["--require", "opera"], /^--require: expected some of chromium, firefox, got opera$/m],
  [["--only", "speed"], /^--only: expected some of digests, .*, got speed$/m],
  [["--limit", "soon"], /^--limit: expected seconds above 0, got soon$/m],
  [["--dist", "nowhere"], /^--dist: expected a build, got none in .*nowhere\. Run npm run build/m],
];

for (const [argv, message] of REFUSALS) {
  test(`refuses ${argv.join(" ")}`, async () => {
    const { status, stderr } = await run(PASSING, ...argv);
    assert.match(stderr, message);
    assert.is(status, 1);
  });
}

test.run();
