import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backendCase, backendLines, withBackends } from "../bench/report/backends.ts";
import type { SuiteResult } from "../bench/report/result.ts";

const test = suite("the table of TensorFlow.js's backends");

const times = {
  parameters: 10,
  ...{ total: [9, 4, 5], download: [0, 1, 2], ashlar: [1, 1, 1], upload: [3, 2, 2] },
  adam: [200, 100, 300],
};
const result: SuiteResult = {
  suite: "tfjs-backends",
  title: "t",
  date: "2026-01-01T00:00:00Z",
  machine: { cpu: "c", cores: 2, caches: [], memoryGiB: 1, system: "s", load: 0.5 },
  versions: {},
  cases: [
    backendCase("Node 20", "cpu", times),
    backendCase("Firefox 153", "webgl", "this browser has no webgl"),
  ],
};

test("a row of medians for what ran, what did not, and how busy the machine was", () => {
  const lines = backendLines(result);
  assert.is(lines[2], "| Node 20, cpu | 5.00 | 1.00 | 1.00 | 2.00 | 200 |");
  assert.equal(lines.slice(3), [
    ...["", "2 cores, 0.5 processes that wanted to run at the start."],
    ...["", "Not run: Firefox 153, webgl: this browser has no webgl."],
  ]);
});

test("it stands between its marks, and the rest stays", () => {
  const [begin, end] = ["<!-- bench:tfjs-backends -->", "<!-- /bench:tfjs-backends -->"];
  const text = withBackends(`a\n${begin}\nold\n${end}\nb\n`, result);
  assert.is(text, `a\n${begin}\n${backendLines(result).join("\n")}\n${end}\nb\n`);
  assert.throws(() => withBackends("a\n", result), /expected <!-- bench:tfjs-backends -->/);
});

test("docs/tfjs.md has the table of bench/results/tfjs-backends.json", () => {
  const text = readFileSync("docs/tfjs.md", "utf8");
  const saved = JSON.parse(readFileSync("bench/results/tfjs-backends.json", "utf8"));
  assert.is(withBackends(text, saved), text);
});

test.run();
