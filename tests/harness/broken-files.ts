// Test files that plain uvu, or a careless runner, reports as success, and what ours must say of
// them. tests/runner.test.ts runs them.

export const HEAD = `
  import { suite } from "uvu";
  import * as assert from "uvu/assert";
  const test = suite("words");
`;
export const GOOD = `${HEAD} test("adds", () => assert.is(1 + 1, 2)); test.run();`;
/** A file with one passing test and the lines in question. */
export const withGood = (lines: string) => `${HEAD} test("adds", () => {}); ${lines} test.run();`;

export interface Mode {
  /** Sentence: "fails when ...". */
  readonly when: string;
  readonly files: Record<string, string>;
  readonly args?: readonly string[];
  readonly says: RegExp | string;
  readonly lastLine: string;
}

const one = (source: string) => ({ "a.test.mjs": source });
const UVU_PATH = new URL("../dist/index.mjs", import.meta.resolve("uvu/assert")).href;

export const MODES: readonly Mode[] = [
  {
    when: "an assertion fails, with message, difference and place",
    files: one(withGood(`test("off by one", () => assert.is(1 + 1, 3));`)),
    says: /words > off by one\n {2}Expected values to be strictly equal: {2}\(is\)\n[\s\S]*\+\+3[\s\S]*a\.test\.mjs:\d+/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "an async test rejects, with its cause",
    files: one(
      withGood(`test("b", async () => { throw new Error("x", { cause: new TypeError("y") }) });`),
    ),
    says: /words > b\n {2}x\n[\s\S]*caused by: TypeError: y/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a before hook throws",
    files: one(withGood(`test.before(() => { throw new Error("no table"); });`)),
    says: /words > before\n {2}no table/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "an after hook throws",
    files: one(withGood(`test.after(() => { throw new Error("no broom"); });`)),
    says: /words > after\n {2}no broom/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a before.each hook throws, for each test",
    files: one(
      withGood(`test("b", () => {}); test.before.each(() => { throw new Error("no"); });`),
    ),
    says: /words > before\.each of "b"\n {2}no/,
    lastLine: "0 passed, 2 failed",
  },
  {
    when: "an after.each hook throws, and runs the rest all the same",
    files: one(
      withGood(`test.after.each(({ __test__ }) => { if (__test__ === "adds") throw new Error("no"); });
        test("b", () => {});`),
    ),
    says: /words > after\.each of "adds"\n {2}no/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a test throws a string",
    files: one(withGood(`test("b", () => { throw "a word"; }); test("c", () => {});`)),
    says: "thrown, and not an Error: 'a word'",
    lastLine: "2 passed, 1 failed",
  },
  {
    when: "tests throw undefined and null",
    files: one(
      withGood(`test("b", () => { throw undefined; }); test("c", async () => { throw null; });`),
    ),
    says: /not an Error: undefined[\s\S]*not an Error: null/,
    lastLine: "1 passed, 2 failed",
  },
  {
    when: "a test throws what cannot be shown",
    files: one(
      withGood(`test("b", () => { throw Object.defineProperty(new Error(), "message",
      { get() { throw 1; } }); });`),
    ),
    says: "cannot be shown",
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "run() is forgotten",
    files: one(`${HEAD} test("adds", () => {}); test("b", () => {});`),
    says: /words > run\(\)\n {2}forgotten: 2 tests never ran/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "run() of one suite among several is forgotten",
    files: one(`${GOOD} const more = suite("more"); more("b", () => {});`),
    says: /more > run\(\)\n {2}forgotten: 1 tests never ran/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a test is registered after run()",
    files: one(`${GOOD} test("late", () => {});`),
    says: "forgotten: 1 tests never ran",
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "no file is a test file",
    files: { "a.mjs": GOOD },
    says: "no *.test.js or *.test.mjs in",
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a filter matches no file, though another does",
    files: one(GOOD),
    args: ["a", "tset"],
    says: `contains "tset"`,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a file registers no test",
    files: { ...one(""), "b.test.mjs": GOOD },
    says: /a\.test\.mjs > \(the file\)\n {2}registers no test/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a suite runs no test",
    files: one(`${GOOD} suite("table").run();`),
    says: /table > run\(\)\n {2}runs no test/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "test.only is left in",
    files: one(withGood(`test.only("b", () => {});`)),
    says: /words > b\n {2}test\.only is left in/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a promise never settles",
    files: one(withGood(`test("b", () => new Promise(() => {})); test("c", () => {});`)),
    says: /words > b\n {2}waits for a promise that never settles/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a promise never settles at the top of a file",
    files: one(`await new Promise(() => {}); ${GOOD}`),
    says: /\(loading the file\)\n {2}waits for a promise that never settles/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a test waits for ever with a timer running",
    files: one(withGood(`test("b", () => new Promise(() => setInterval(() => {}, 1e6)));`)),
    args: ["--limit", "3"],
    says: /words > b\n {2}not finished after 3 s/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a test loops for ever, and goes on with the next file",
    files: { ...one(withGood(`test("b", () => { for (;;); });`)), "b.test.mjs": GOOD },
    args: ["--limit", "3", "--jobs", "1"],
    says: /words > b\n {2}not finished after 3 s/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a test calls process.exit(0)",
    files: one(withGood(`test("b", () => process.exit(0));`)),
    says: /words > b\n {2}the process ended by itself \(exit code 0\)/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a test kills its process",
    files: one(withGood(`test("b", () => { process.kill(process.pid, "SIGKILL"); for (;;); });`)),
    says: /words > b\n {2}the process ended by itself \(signal SIGKILL\)/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a rejection is unhandled, and names the test",
    files: one(
      withGood(`test("b", () => { Promise.reject(new Error("lost")); }); test("c", () => {});`),
    ),
    says: /words > b\n {2}lost/,
    lastLine: "2 passed, 1 failed",
  },
  {
    when: "a callback throws outside of the test's own call",
    files: one(
      withGood(`test("b", async () => { setTimeout(() => { throw new Error("late"); });
      await new Promise((resolve) => setTimeout(resolve, 50)); });`),
    ),
    says: /words > b\n {2}late/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "a file does not parse, with the line",
    files: one(`${GOOD}\nconst b = = 2;`),
    says: /\(loading the file\)\n {2}SyntaxError[\s\S]*a\.test\.mjs:\d+\n\s+const b = = 2;/,
    lastLine: "0 passed, 2 failed",
  },
  {
    when: "a file's import does not exist",
    files: one(`import "./gone.mjs"; ${GOOD}`),
    says: /\(loading the file\)\n {2}Cannot find module/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a file throws after its first suite has run()",
    files: one(`${GOOD} throw new RangeError("half-way");`),
    says: /\(loading the file\)\n {2}RangeError: half-way/,
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "process.exitCode is left set",
    files: one(withGood(`test("b", () => { process.exitCode = 3; });`)),
    says: "process.exitCode was left at 3",
    lastLine: "2 passed, 1 failed",
  },
  {
    when: "something keeps the process alive after the last test",
    files: one(withGood(`test("b", () => { setInterval(() => {}, 1e6); });`)),
    args: ["--linger", "0.2"],
    says: /still alive after 0\.2 s\. Left open: .*Timeout/,
    lastLine: "2 passed, 1 failed",
  },
  {
    when: "suites go to uvu past the harness",
    files: one(`${GOOD} import * as uvu from ${JSON.stringify(UVU_PATH)};
      const hidden = uvu.suite("hidden"); hidden("b", () => {}); hidden.run();`),
    says: "was queued in uvu past the harness",
    lastLine: "1 passed, 2 failed",
  },
  {
    when: "uvu says that tests passed which never ran",
    files: one(`${GOOD} globalThis.UVU_QUEUE[0][0] = async () => [true, 1, 0, 1];`),
    says: /words\n {2}1 of 1 tests did not run[\s\S]*uvu counts 1 passed, the harness 0/,
    lastLine: "0 passed, 2 failed",
  },
  {
    when: "the process fails after its report",
    files: one(`process.on("exit", () => { process.exitCode = 7; }); ${GOOD}`),
    says: "the process ended with exit code 7 after its report",
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "a test file starts uvu's own exec()",
    files: one(`${GOOD} import { exec } from "uvu"; await exec();`),
    says: "the runner executes the suites",
    lastLine: "0 passed, 1 failed",
  },
  {
    when: "fewer tests pass than the floor asks for",
    files: { ...one(GOOD), "floor.json": `{ "tests": 2 }` },
    args: ["--floor-file", "floor.json"],
    says: "expected at least 2 tests to pass, got 1",
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "the floor cannot be read",
    files: one(GOOD),
    args: ["--floor-file", "floor.json"],
    says: /\(floor in floor\.json\)\n {2}cannot be read/,
    lastLine: "1 passed, 1 failed",
  },
  {
    when: "the floor is no number",
    files: { ...one(GOOD), "floor.json": `{ "tests": "1" }` },
    args: ["--floor-file", "floor.json"],
    says: /\(floor in floor\.json\)\n {2}expected \{"tests": N\}, got "1" for "tests"/,
    lastLine: "1 passed, 1 failed",
  },
];
