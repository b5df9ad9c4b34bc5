import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MARK } from "./full/promised.ts";

// scripts/mutants.mjs on a project of one function and two test files, with tables of a mutant or two;
// then on a mutant of the core.

const test = suite("scripts/mutants.mjs");

const ROOT = resolve(".");
const SCRIPT = join(ROOT, "scripts/mutants.mjs");
const PROJECT = mkdtempSync(join(tmpdir(), "mutants-test-"));
process.on("exit", () => rmSync(PROJECT, { recursive: true, force: true }));

const SOURCE = `// Two numbers.

/** Their sum. */
export const sum = (a: number, b: number): number => a + b;

/** The larger one. */
export const larger = (a: number, b: number): number => (a < b ? b : a);
`;
const testOf = (name: string, lines: string) => `
  import { suite } from "uvu";
  import * as assert from "uvu/assert";
  import { larger, sum } from "../src/two.js";
  const test = suite("${name}");
  ${lines}
  test.run();`;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(PROJECT, path)), { recursive: true });
  writeFileSync(join(PROJECT, path), text);
}

write("package.json", '{ "type": "module" }');
write(
  "tsconfig.json",
  JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      types: [],
      outDir: "dist",
    },
    include: ["src"],
  }),
);
write("src/two.ts", SOURCE);
write("dist/src/two.js", SOURCE.replaceAll(": number", ""));
write("dist/tests/sum.test.js", testOf("sum", `test("adds", () => assert.is(sum(1, 2), 3));`));
write(
  "dist/tests/larger.test.js",
  testOf("larger", `test("of two", () => assert.equal([larger(1, 2), larger(2, 1)], [2, 2]));`),
);
write("dist/tests/without-test.js", "throw new Error('no test file');");
write("dist/tests/bad.test.js", testOf("bad", `test("fails", () => assert.is(sum(1, 2), 4));`));
for (const path of ["harness", "full/promised.js"]) {
  cpSync(join(ROOT, "dist/tests", path), join(PROJECT, "dist/tests", path), { recursive: true });
}
symlinkSync(join(ROOT, "node_modules"), join(PROJECT, "node_modules"), "junction");

const MINUS = {
  id: "minus",
  what: "the sum is the difference",
  file: "src/two.ts",
  find: "a + b",
  replace: "a - b",
  tests: ["sum.test.js"],
};
const PLUS = { ...MINUS, id: "plus", what: "the sum is one more", replace: "a + b + 1" };
const COMMENT = { ...MINUS, id: "comment", what: "says less", find: "Their sum.", replace: "Sum." };

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** As on a machine of CI, where tools colour what they say to a pipe. */
const ENV = { ...process.env, CI: "true" };

function runScript(...args: readonly string[]): Promise<Ran> {
  const options = { cwd: ROOT, env: ENV };
  return new Promise((done) => {
    execFile(process.execPath, [SCRIPT, ...args], options, (error, stdout, stderr) => {
      done({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

let tables = 0;
/** Runs it on the small project, of which nothing is changed. */
async function runOn(mutants: readonly object[], ...args: readonly string[]): Promise<Ran> {
  const name = `table-${tables++}.mjs`;
  write(name, `export const MUTANTS = ${JSON.stringify(mutants)};`);
  const before = readdirSync(PROJECT, { recursive: true }).length;
  const ran = await runScript("--root", PROJECT, "--table", join(PROJECT, name), ...args);
  assert.is(readdirSync(PROJECT, { recursive: true }).length, before);
  return ran;
}

test("a mutant that the tests it names notice is killed, and the promise is said", async () => {
  const { code, stdout, stderr } = await runOn([MINUS, PLUS]);
  assert.is(stderr, "");
  assert.is(code, 0);
  assert.match(stdout, /^without a mutant, 1 test files pass$/m);
  assert.match(stdout, /^minus +killed by sum\.test\.js > sum > adds {2}[\d.]+ s$/m);
  assert.match(stdout, /^2 mutants: 2 killed, 2 of them by the tests named, 0 survived, in /m);
  const said = stdout.trimEnd().split("\n").at(-1) ?? "";
  assert.ok(said.startsWith(MARK), said);
  const { promise, cases, result } = JSON.parse(said.slice(MARK.length));
  assert.equal(
    [promise, cases, result],
    ["P23", "2 mutants, 0 of them of the core, one at a time", "2 killed, 0 survived"],
  );
});

test("a change that is none survives the whole suite, is named, and no promise is said", async () => {
  const { code, stdout } = await runOn([MINUS, COMMENT]);
  assert.is(code, 1);
  assert.match(stdout, /^comment +passes sum\.test\.js {2}/m);
  assert.match(stdout, /^without a mutant, bad\.test\.js fails: left out$/m);
  assert.match(stdout, /^SURVIVED comment: says less \(src\/two\.ts\)$/m);
  assert.match(stdout, /^2 mutants: 1 killed, 1 of them by the tests named, 1 survived/m);
  assert.not.match(stdout, MARK);
});

test("a mutant that other tests than those named notice is killed by them", async () => {
  const least = { ...MINUS, id: "least", find: "a < b ? b : a", replace: "a < b ? a : b" };
  const { code, stdout } = await runOn([least], "--jobs", "1");
  assert.is(code, 0);
  assert.match(
    stdout,
    /^least +killed by larger\.test\.js > larger > of two, not by those named$/m,
  );
  assert.match(stdout, /^1 mutants: 1 killed, 0 of them by the tests named, 0 survived/m);
  const named = await runOn([least], "--named");
  assert.is(named.code, 1);
  assert.match(named.stdout, /^SURVIVED least/m);
});

test("what is wrong with a table is said of all of it, and nothing runs", async () => {
  const faults: readonly (readonly [id: string, change: object, says: string])[] = [
    ["absent", { find: "a * b" }, "expected its text in src/two.ts once, found it 0 times"],
    ["twice", { find: "a: number" }, "expected its text in src/two.ts once, found it 2 times"],
    ["no-file", { file: "src/three.ts" }, "there is no src/three.ts"],
    ["same", { replace: "a + b" }, "changes nothing"],
    ["untested", { tests: [] }, "names no test"],
    ["no-test", { tests: ["so.test.js"] }, "there is no dist/tests/so.test.js"],
    ["same", {}, "there are two of this id"],
  ];
  const table = faults.map(([id, change]) => ({ ...MINUS, id, ...change }));
  const { code, stdout, stderr } = await runOn([MINUS, ...table]);
  assert.is(stderr, faults.map(([id, , says]) => `${id}: ${says}\n`).join(""));
  assert.is(stdout, "");
  assert.is(code, 2);
});

const FAULTS: readonly (readonly [why: string, change: object, says: string | RegExp])[] = [
  ["that does not parse", { replace: "a + + + " }, /no TypeScript:\nsrc\/two\.ts\(4,\d+\): error/],
  ["that uses what is not there", { replace: "a + c" }, /no TypeScript:\nsrc\/two\.ts\(4,/],
  [
    "whose test fails without it",
    { tests: ["bad.test.js"] },
    "without a mutant, bad.test.js fails: bad > fails",
  ],
];
for (const [why, change, says] of FAULTS) {
  test(`a mutant ${why} is an error, and not killed`, async () => {
    const { code, stdout, stderr } = await runOn([{ ...MINUS, ...change }]);
    assert.match(stderr, says);
    assert.is(code, 2);
    assert.not.match(stdout, "killed");
  });
}

test("an id that is not there, and no number of jobs", async () => {
  const absent = await runOn([MINUS], "--only", "minus,times");
  assert.match(absent.stderr, "--only: no mutant is called times");
  assert.is(absent.code, 2);
  const jobs = await runOn([MINUS], "--jobs", "0");
  assert.match(jobs.stderr, "--jobs: expected a whole number from 1 to 64, got 0");
  assert.is(jobs.code, 2);
});

test("our own table has its texts, at least 40 mutants, and one of the core is killed", async () => {
  const { code, stdout, stderr } = await runScript("--check");
  assert.is(stderr, "");
  assert.is(code, 0);
  assert.ok(Number(/^(\d+) mutants, each text found once/.exec(stdout)?.[1]) >= 40, stdout);
  write(
    "core.mjs",
    `export const MUTANTS = ${JSON.stringify([
      {
        ...MINUS,
        tests: ["crc32.test.js"],
        file: "assembly/reduce.ts",
        find: "rest = count & 15;",
        replace: "rest = left;",
      },
    ])};`,
  );
  const broken = await runScript("--table", join(PROJECT, "core.mjs"), "--named");
  assert.is(broken.code, 2);
  assert.match(broken.stderr, "minus: does not compile\nERROR TS2304: Cannot find name 'left'.");
  const one = await runScript("--only", "scan-with-signs", "--named");
  assert.is(one.code, 0, one.stdout + one.stderr);
  assert.match(one.stdout, /^scan-with-signs +killed by reduce\.test\.js > /m);
});

test.run();
