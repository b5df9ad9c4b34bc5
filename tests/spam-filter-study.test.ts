import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlagError } from "../examples/common/command-line.ts";
import { exampleFile } from "../examples/common/packages.ts";
import { readFlags } from "../examples/spam-filter/flags.ts";
import { GRIDS, type Group, TEST_SEEDS, TUNING_SEEDS } from "../examples/spam-filter/grids.ts";
import { PRETRAINED } from "../examples/spam-filter/pretrained.ts";
import { best, mean, type Study, standardDeviation } from "../examples/spam-filter/study-file.ts";
import { studyTables } from "../examples/spam-filter/study-table.ts";

const test = suite("spam filter: study");
const study = JSON.parse(readFileSync(exampleFile("spam-filter", "study.json"), "utf8")) as Study;
const readme = readFileSync(exampleFile("spam-filter", "README.md"), "utf8");
const groups = Object.keys(GRIDS) as Group[];

test("the README's tables are those of study.json", () => {
  const tables = studyTables(study);
  assert.not.match(tables, /NaN|undefined|Infinity/);
  for (const table of tables.split("\n\n")) {
    assert.ok(readme.includes(table), `the README lacks this table:\n${table}`);
  }
});

test("one rate is tried as often as layer decay, and every setting ran with every seed", () => {
  assert.is(GRIDS.uniform.length, GRIDS.layerDecay.length);
  const key = (...parts: (string | number)[]) => parts.join(" ");
  const wanted = groups.flatMap((group) =>
    GRIDS[group].flatMap(({ lr, layerDecay }) =>
      TUNING_SEEDS.map((seed) => key(group, lr, layerDecay, seed)),
    ),
  );
  const got = study.validation.map((run) => key(run.group, run.lr, run.layerDecay, run.seed));
  assert.equal(got.sort(), wanted.sort());
});

test("only what validation chose was tested, with seeds that chose nothing", () => {
  assert.ok(TEST_SEEDS.every((seed) => !(TUNING_SEEDS as readonly number[]).includes(seed)));
  for (const group of groups) {
    const { lr, layerDecay } = best(study, group).setting;
    const runs = study.test.filter((run) => run.group === group);
    assert.equal(
      runs.map(({ seed }) => seed),
      [...TEST_SEEDS],
    );
    assert.ok(
      runs.every((run) => run.lr === lr && run.layerDecay === layerDecay),
      group,
    );
  }
});

test("no two runs ended with the same weights", () => {
  const digests = [...study.validation, ...study.test].map(({ digest }) => digest);
  assert.ok(digests.every((digest) => /^[\da-f]{64}$/.test(digest)));
  assert.is(new Set(digests).size, digests.length);
});

test("mean and standard deviation of a sample", () => {
  assert.is(mean([1, 2, 6]), 3);
  assert.is(standardDeviation([1, 3, 5]), 2);
});

test("the pre-trained encoder stays small enough to be committed", () => {
  assert.ok(readFileSync(exampleFile("spam-filter", PRETRAINED)).length <= 300_000);
});

test("a wrong command line is one line and exit code 2", () => {
  const main = fileURLToPath(new URL("../examples/spam-filter/main.js", import.meta.url));
  for (const args of [["--speed", "1"], ["--steps", "1"], ["extra"]]) {
    const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], {
      encoding: "utf8",
    });
    assert.is(status, 2, args.join(" "));
    assert.match(stderr, /^spam-filter: [^\n]+\n$/);
    assert.is(stdout, "");
  }
});

test("flags: values, defaults and every bad value", () => {
  assert.equal(readFlags(["--seed", "7", "--steps", "12", "--json", "a.json"]), {
    seed: 7,
    steps: 12,
    json: "a.json",
    help: false,
  });
  assert.is(readFlags([]).seed, 1);
  const wrong: [string, string, RegExp][] = [
    ["--seed", "1.5", /--seed: expected a whole number from 0 to 4294967295, got "1.5"/],
    ["--seed", "4294967296", /--seed/],
    ["--steps", "", /--steps: expected a whole number/],
    ["--steps", "10001", /--steps: .* to 10000/],
    ["--json", "", /--json: expected a path/],
  ];
  for (const [flag, value, message] of wrong) {
    assert.throws(
      () => readFlags([flag, value]),
      (error: Error) => error instanceof FlagError && message.test(error.message),
    );
  }
});

test.run();
