import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROGRAMS, type Program } from "./full/programs.ts";
import { MARK, promised } from "./full/promised.ts";
import { PROMISES } from "./full/promises.ts";
import { type FullRun, filesOf, reportText, rowsOf } from "./full/reliability-report.ts";
import { runProgram } from "./full/run-program.ts";
import { runPrograms } from "./full/run-programs.ts";

const test = suite("full: the report");

const ran = (source: string, minutes = 1) =>
  runProgram({ name: "x", argv: ["-e", source], minutes }, [], () => {});
const line = (promise: string) =>
  `console.log('${MARK}{"promise":"${promise}","cases":"3 x","result":"fine"}');`;

const TESTS = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => name.replaceAll("\\", "/").replace(/ts$/, "js"));
const SUITE = Object.fromEntries(TESTS.map((name) => [name, { passed: 2, failed: 0, skipped: 0 }]));

test("24 promises, and every file that one names is there", () => {
  assert.equal(
    PROMISES.map(({ id }) => id),
    Array.from({ length: 24 }, (_, i) => `P${i + 1}`),
  );
  for (const promise of PROMISES) {
    for (const file of promise.files) {
      assert.ok(filesOf({ ...promise, files: [file] }, SUITE).length > 0, `${promise.id}: ${file}`);
    }
  }
});

test("every program of the folder is run", () => {
  const files = PROGRAMS.flatMap(({ argv }) => argv[0].match(/^dist\/tests\/(.*)\.js$/)?.[1] ?? []);
  const programs = readdirSync("tests/full")
    .filter((name) => /import \{ promised \}/.test(readFileSync(`tests/full/${name}`, "utf8")))
    .map((name) => `full/${name.slice(0, -3)}`);
  for (const program of programs) assert.ok(files.includes(program), program);
});

test("what a program says of promises is kept, and not shown", async () => {
  const shown: string[] = [];
  const source = `console.log("a"); ${line("P3")} process.stdout.write("b")`;
  const program = { name: "x", argv: ["-e", source], minutes: 1 };
  const { failure, claims } = await runProgram(program, [], (text) => shown.push(text));
  assert.is(failure, null);
  assert.equal(claims, [{ promise: "P3", cases: "3 x", result: "fine" }]);
  assert.equal(shown.slice(1), ["a", "b"]);
});

test("programs that may run beside others do, in the order given, and no others", async () => {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  let running = 0;
  const run = async ({ name }: Program, beside: boolean) => {
    began.push(beside ? `${name} beside` : name);
    assert.ok(++running <= (beside ? 2 : 1), name);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    running--;
    return { name, command: "", seconds: 1, failure: null, claims: [] };
  };
  const of = (names: string, beside: boolean) =>
    [...names].map((name) => ({ name, argv: [], minutes: 1, beside }));
  const programs = [...of("ab", false), ...of("cde", true), ...of("f", false), ...of("g", true)];
  const outcomes = runPrograms(programs, run, 2);
  // d ends before c, which began before it: e takes its place.
  for (const name of "abdcefg") {
    while (!ends.has(name)) await Promise.resolve();
    ends.get(name)?.();
  }
  assert.equal(
    (await outcomes).map(({ name }) => name),
    [..."abcdefg"],
  );
  assert.equal(began, ["a", "b", "c beside", "d beside", "e beside", "f", "g"]);
});

test("a program fails by its exit code, by silence, by taking too long", async () => {
  assert.is((await ran(`${line("P3")} process.exitCode = 3`)).failure, "ended with exit code 3");
  assert.is((await ran("1")).failure, "said nothing of any promise");
  assert.is(
    (await ran("setInterval(() => {}, 1000)", 0.01)).failure,
    "not done after 0.01 minutes",
  );
});

test("promised() of tests and of scripts print one line", () => {
  const script = `import { promised } from "./scripts/promised.mjs"; promised("P1", "a | b", "c")`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    promised("P1", "a | b", "c");
  } finally {
    console.log = log;
  }
  assert.is(stdout, `${lines.join("\n")}\n`);
  assert.ok(stdout.startsWith(MARK));
});

/** A run in which everything passed. */
const fine = (): FullRun => ({
  programs: [
    {
      name: "damage",
      command: "node damage.js",
      seconds: 12.4,
      failure: null,
      claims: [{ promise: "P13", cases: "7 | 8 files", result: "none loaded" }],
    },
  ],
  suite: SUITE,
  versions: ["ashlar 1"],
  minutes: 21.3,
});

test("a row for the tests of each promise, and one for what each program tried", () => {
  const rows = rowsOf(fine());
  assert.is(rows.length, 25);
  assert.ok(rows.every(({ held }) => held));
  const own = rows.filter(({ promise }) => promise === "P13");
  assert.match(own[0].cases, /^\d+ tests in \d+ files?$/);
  assert.is(own[1].cases, "7 | 8 files");
  const text = reportText(fine());
  assert.match(text, "Made by `npm run test:full`, in 21 minutes. Everything passed.");
  const [program] = fine().programs;
  assert.match(
    reportText({ ...fine(), programs: [{ ...program, name: "soak" }] }),
    "Made by `npm run test:full -- --with-soak`, in 21 minutes.",
  );
  assert.match(text, "|  |  | 7 \\| 8 files | none loaded |");
  assert.match(text, "| `node damage.js` | 12 s | passed |");
});

test("a failed test, program or missing test is said", () => {
  const run = fine();
  const [program] = run.programs;
  const broken = reportText({
    ...run,
    programs: [{ ...program, failure: "ended with exit code 1" }],
  });
  assert.match(broken, "**1 rows and 1 programs did not pass.**");
  assert.match(broken, "**FAILED**: none loaded");
  assert.match(broken, "| **ended with exit code 1** |");
  const suite = { ...SUITE, "checkpoint-old-files.test.js": { passed: 1, failed: 1, skipped: 0 } };
  const row = rowsOf({ ...run, suite }).find(({ promise }) => promise === "P14");
  assert.is(row?.result, "1 failed");
  assert.is(row?.held, false);
  const none = rowsOf({ ...run, suite: {} });
  assert.is(none.filter(({ held }) => held).length, 1);
});

test.run();
