import { existsSync, readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { drawBars } from "../bench/report/bars.ts";
import { docsWithResults } from "../bench/report/docs.ts";
import { fails, judgeGuard, ratiosOf, TOLERANCE, undisturbed } from "../bench/report/guard.ts";
import { ASHLAR, C_BASE, KERNEL, PLAIN, PLAIN_BY_TWO } from "../bench/report/names.ts";
import { type Case, NANOSECONDS, type SuiteResult } from "../bench/report/result.ts";
import { apart, drawScaling } from "../bench/report/scaling.ts";
import { slabsTable } from "../bench/report/slabs.ts";
import { fastestOf, medianOf, ratioOf, spreadOf } from "../bench/report/statistics.ts";
import { decades, positionOn } from "../bench/report/svg.ts";
import { markdownTable, significant, textTable } from "../bench/report/table.ts";
import { caseTable, notRunLines, targetSummary } from "../bench/report/tables.ts";
import { judgeTargets, TARGETS, verdictOf } from "../bench/report/targets.ts";
import { toJson } from "../bench/report/to-json.ts";

const test = suite("bench report");

const machine = { cpu: "x", cores: 1, caches: [], memoryGiB: 1, system: "y", load: 0 };

/** A case whose contenders took these nanoseconds, round by round. */
function caseOf(name: string, parameters: number, rounds: Record<string, number[]>): Case {
  const measured = Object.entries(rounds).map(([name, rounds]) => ({ name, rounds }));
  const place = parameters > 1_048_576 ? "DRAM" : "cache";
  return { name, title: name, place, parameters, unit: NANOSECONDS, measured, notRun: [] };
}

const resultOf = (suite: string, cases: readonly Case[]): SuiteResult => ({
  suite,
  title: suite,
  date: "2026-01-02T03:04:05.000Z",
  machine,
  versions: { node: "20.19.0" },
  cases,
});

const verdicts = (results: readonly SuiteResult[], title: string) =>
  judgeTargets(results)
    .filter(({ target }) => target.title.startsWith(title))
    .map(({ target, finding, verdict }) => [target.place, finding?.value, finding?.where, verdict]);

test("medians and quantiles are interpolated, and the figures keep their order", () => {
  const figures = [40, 10, 30, 20];
  assert.is(medianOf(figures), 25);
  assert.equal(figures, [40, 10, 30, 20]);
  assert.equal(spreadOf([7]), { median: 7, p10: 7, p90: 7 });
  const { p10, p90 } = spreadOf(Array.from({ length: 11 }, (_, i) => i));
  assert.equal([p10, p90], [1, 9]);
});

test("a ratio is the median of the rounds' ratios, not the ratio of the medians", () => {
  // The machine was ten times slower in the second and third round, for both.
  const ours = [1, 10, 10];
  const theirs = [3, 20, 20];
  assert.is(ratioOf(theirs, ours).median, 2);
  assert.is(ratioOf([8, 2, 3], [2, 2, 2]).median, 1.5);
  assert.is(ratioOf([8, 1, 9], [1, 1, 3]).median, 3, "the medians' ratio is 8");
  assert.throws(() => ratioOf([1], [1, 2]), /expected as many of both, got 1 and 2/);
});

test("the fastest of several is chosen in each round, of those that ran", () => {
  const one = caseOf("1M", 1_048_576, { a: [1, 5], b: [3, 2] });
  assert.equal(fastestOf(one, ["a", "b"]), [1, 2]);
  assert.equal(fastestOf(one, ["b", "c"]), [3, 2]);
  assert.is(fastestOf(one, ["c"]), undefined);
});

test("a verdict says by how much a bound is missed; exactly on it is met", () => {
  assert.is(verdictOf(1, { kind: "at least", value: 1 }), "met");
  assert.is(verdictOf(0.9, { kind: "at least", value: 1 }), "missed by 10.0 %");
  assert.is(verdictOf(1.2, { kind: "at most", value: 1.2 }), "met");
  assert.is(verdictOf(1.5, { kind: "at most", value: 1.2 }), "missed by 25.0 %");
  assert.is(verdictOf(5, null), "reported");
});

test("a target is judged by the worst case of its place; the smallest models don't count", () => {
  const results = [
    resultOf("step", [
      caseOf("16k", 16_384, { [KERNEL]: [2], [C_BASE]: [1] }),
      caseOf("256k", 262_144, { [KERNEL]: [1], [C_BASE]: [1.2] }),
      caseOf("1M", 1_048_576, { [KERNEL]: [1], [C_BASE]: [1.1] }),
      caseOf("16M", 16_777_216, { [KERNEL]: [1], [C_BASE]: [0.9] }),
    ]),
  ];
  assert.equal(verdicts(results, "one thread: speed of C"), [
    ["cache", 1.1, "1M", "met"],
    ["DRAM", 0.9, "16M", "missed by 10.0 %"],
  ]);
});

test("speed is the other's time over ours: the faster plain loop over the package as it comes", () => {
  const times = {
    [KERNEL]: [0.5, 0.5],
    [ASHLAR]: [1, 1],
    [PLAIN]: [9, 20],
    [PLAIN_BY_TWO]: [12, 9],
  };
  const results = [resultOf("step", [caseOf("1M", 1_048_576, times)])];
  assert.equal(verdicts(results, "speed of plain JS")[0], ["cache", 9, "1M", "met"]);
});

test("a share of the time is judged by the largest case", () => {
  const results = [
    resultOf("clip", [
      caseOf("256k", 262_144, { [KERNEL]: [1], [ASHLAR]: [1.1] }),
      caseOf("1M", 1_048_576, { [KERNEL]: [1], [ASHLAR]: [1.32] }),
    ]),
  ];
  assert.equal(verdicts(results, "scan for non-finite")[0], [
    "cache",
    1.32,
    "1M",
    "missed by 10.0 %",
  ]);
});

test("what did not run is counted, with the reason", () => {
  const one = caseOf("1M", 1_048_576, { [KERNEL]: [1] });
  const notRun = [
    { name: C_BASE, why: "no C compiler" },
    { name: "C, AVX2", why: "no C compiler" },
  ];
  const results = [resultOf("step", [{ ...one, notRun }])];
  assert.is(verdicts(results, "one thread: speed of C")[0][3], `not run: ${C_BASE}: no C compiler`);
  assert.match(String(verdicts(results, "amsgrad")[0][3]), /^not run: its suite was left out$/);
  assert.equal(notRunLines({ ...one, notRun }), [`not run: ${C_BASE}, C, AVX2: no C compiler`]);
  const summary = targetSummary(judgeTargets(results));
  assert.is(summary, `0 met, 0 missed, ${TARGETS.length} not run, 0 reported only`);
});

test("tables: figures to the right, three digits, the first contender as 1", () => {
  const { columns, rows } = caseTable(caseOf("1M", 1_048_576, { a: [0.5, 0.5], bc: [6, 5] }));
  assert.equal(rows, [
    ["a", "0.500", "0.500 .. 0.500", "1", ""],
    ["bc", "5.50", "5.10 .. 5.90", "11.0x", "10.2 .. 11.8"],
  ]);
  const lines = textTable(columns, rows);
  assert.is(lines[2], "  a                 0.500  0.500 .. 0.500         1");
  assert.ok(lines.every((line) => /^[\x20-\x7e]*$/.test(line)));
  assert.equal(markdownTable([{ title: "n", align: "right" }], [["1"]]), [
    "| n |",
    "| --: |",
    "| 1 |",
  ]);
  const shown = [0.04512, 0.6624, 10.52, 262.9, 1234, 0].map(significant);
  assert.equal(shown, ["0.0451", "0.662", "10.5", "263", "1234", "0.00"]);
});

test("a logarithmic axis begins and ends at powers of ten", () => {
  assert.equal(decades([0.31, 42]), { from: 0.1, to: 100, ticks: [0.1, 1, 10, 100] });
  const scale = { from: 0.1, to: 100, start: 300, end: 0 };
  assert.equal(
    [0.1, 100].map((value) => positionOn(scale, value)),
    [300, 0],
  );
  assert.is(Math.round(positionOn(scale, 1)), 200);
});

test("labels keep their distance and stay around their places", () => {
  assert.equal(apart([0, 50], 10), [0, 50]);
  assert.equal(apart([20, 20], 10), [15, 25]);
  assert.equal(apart([0, 19, 20, 21, 90], 10), [0, 10, 20, 30, 90]);
});

test("drawings have every contender once a size, for light and dark", () => {
  const cases = [
    caseOf("1M", 1_048_576, { [KERNEL]: [0.7], [C_BASE]: [0.8], [PLAIN_BY_TWO]: [9] }),
    caseOf("16M", 16_777_216, { [KERNEL]: [0.8], [C_BASE]: [0.9] }),
  ];
  const bars = drawBars(resultOf("step", cases));
  assert.is(bars.match(/<rect/g)?.length, 5);
  assert.match(bars, />not run</);
  const scaling = drawScaling(resultOf("step", cases));
  assert.is(scaling.match(/<path class="line/g)?.length, 3);
  for (const drawing of [bars, scaling]) {
    assert.match(drawing, /prefers-color-scheme: dark/);
    assert.not.match(drawing, /NaN|undefined|Infinity/);
  }
});

test("the guard fails a slower or a missing case, by more than its tolerance", () => {
  const rows = judgeGuard(
    { same: 1, slow: 1, fast: 1, gone: 1 },
    { same: 1 + TOLERANCE - 0.001, slow: 1 + TOLERANCE + 0.001, fast: 0.5, fresh: 1 },
  );
  assert.equal(
    rows.map(({ name, verdict }) => [name, verdict]),
    [
      ["same", "ok"],
      ["slow", "slower"],
      ["fast", "faster"],
      ["gone", "gone"],
      ["fresh", "new"],
    ],
  );
  assert.equal(
    rows.filter(fails).map(({ name }) => name),
    ["slow", "gone"],
  );
});

test("the guard leaves out rounds in which the C loop was disturbed", () => {
  const loop = [1, 1.2, 1.03, 1.05];
  assert.equal(undisturbed(loop), [0, 2]);
  assert.equal(undisturbed(loop, 2), [0, 2]);
  assert.equal(undisturbed([1.2, 1.2], 1), [], "all of them, by what is known of the machine");
  assert.equal(ratiosOf({ a: [2, 9, 2.06, 9] }, loop, [0, 2]), { a: 2 });
});

test("results as JSON: five digits, a line for the rounds, and read back", () => {
  const result = resultOf("step", [caseOf("1M", 1_048_576, { a: [1.23456789, 2] })]);
  const text = toJson(result);
  assert.match(text, /"rounds": \[1\.2346, 2\]/);
  const [{ measured }] = JSON.parse(text).cases;
  assert.equal(measured, [
    { name: "a", median: 1.6173, p10: 1.3111, p90: 1.9235, rounds: [1.2346, 2] },
  ]);
});

const root = new URL("../../", import.meta.url);
const results = new URL("bench/results/", root);

test("the table of slabs has a row a model, also where one found no memory", () => {
  const [ran, refused] = [
    caseOf("1 GiB in 3", 1, { small: [1, 2, 4], large: [2, 2, 2] }),
    "16 GiB",
  ];
  const notRun = {
    ...caseOf(refused, 1, { small: [1] }),
    notRun: [{ name: refused, why: "full" }],
  };
  const { columns, rows } = slabsTable(resultOf("slabs", [ran, notRun]));
  assert.equal(rows, [
    ["1 GiB in 3", "2.00", "2.00 .. 2.00", "2.00", "1.00x", "0.600 .. 1.80"],
    ["16 GiB", "not run: full", "", "", "", ""],
  ]);
  assert.is(columns.length, 6);
});

test("docs/performance.md and the drawings are what bench/results/ gives", () => {
  assert.ok(existsSync(results), "bench/results/ exists: npm run bench");
  const read = (file: string) => readFileSync(new URL(file, results), "utf8");
  const found: SuiteResult[] = readdirSync(results)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(read(name)));
  const docs = readFileSync(new URL("docs/performance.md", root), "utf8");
  const remedy = "npm run bench -- --write-docs";
  assert.is(docs, docsWithResults(docs, found), remedy);
  const step = found.find(({ suite }) => suite === "step");
  assert.ok(step, "the results of the suite step");
  assert.is(read("step.svg"), drawBars(step), remedy);
  assert.is(read("scaling.svg"), drawScaling(step), remedy);
});

test.run();
