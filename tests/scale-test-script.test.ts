import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Done } from "./scale-test/task.ts";

// scripts/scale-test.mjs: what it counts, and that what is absent is said.

const test = suite("scripts/scale-test.mjs");

interface Tally {
  readonly counts: Readonly<Record<string, number>>;
  same(what: string, got: unknown, expected: unknown): boolean;
  holds(what: string, holds: boolean, reason?: string): void;
  notRun(what: string, reason: string): void;
  attempt(what: string, work: () => Promise<void>): Promise<void>;
  toString(): string;
}
interface Row {
  readonly engine: string;
  readonly size: number;
  readonly ranks: readonly Done[];
}
const load = (path: string) => import(pathToFileURL(resolve("scripts/scale-test", path)).href);
const { Tally } = (await load("tally.mjs")) as { Tally: new () => Tally };
const { checkCosts, costCells, theory } = (await load("costs.mjs")) as {
  checkCosts(rows: readonly Row[], elements: number, tally: Tally): void;
  costCells(rows: readonly Row[], elements: number): string[][];
  theory(ranks: number, elements: number): { shard: number; all: number; sent: number };
};

/** What is printed meanwhile. */
function printed(act: () => void): string[] {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    act();
  } finally {
    console.log = log;
  }
  return lines;
}

test("nothing is passed over: what passed, what failed, what was not run", async () => {
  const tally = new Tally();
  const lines = printed(() => {
    assert.ok(tally.same("one", "a", "a"));
    assert.not.ok(tally.same("two", "b", "a"));
    tally.holds("three", true);
    tally.notRun("mpi", "no mpirun");
  });
  assert.equal(lines, ["failed: two: expected a, got b", "not run: mpi: no mpirun"]);
  assert.is(`${tally}`, "2 passed, 1 failed, 1 not run");
});

const rank = (given: Partial<Done>): Done => ({
  ...{ kind: "done", rank: 0, digest: "", loaded: 0, owned: 50, shardBytes: 16 * 50 + 300_000 },
  ...{ bytes: 16 * 50 + 300_000 + 800, sent: 401, wire: null },
  ...given,
});

test("costs beside theory, and what is not as it should be", () => {
  assert.equal(theory(2, 100), { shard: 800, all: 1600, sent: 400 });
  const row = (other: Partial<Done> = {}): Row => ({
    ...{ engine: "threads", size: 2, ranks: [rank({}), rank({ rank: 1, ...other })] },
  });
  assert.equal(costCells([row()], 100), [
    ["threads", "2", "300,800", "800", "301,600", "1,600", "401", "400", "-"],
  ]);
  const failures = (wrong: Partial<Done>) => {
    const tally = new Tally();
    printed(() => checkCosts([row(wrong)], 100, tally));
    return tally.counts.failed;
  };
  assert.is(failures({}), 0);
  for (const wrong of [{ owned: 51 }, { shardBytes: 799 }, { shardBytes: 2e6 }, { sent: 390 }]) {
    assert.is(failures(wrong), 1, JSON.stringify(wrong));
  }
});

const run = (...argv: string[]) =>
  spawnSync(process.execPath, ["scripts/scale-test.mjs", ...argv], {
    encoding: "utf8",
    // No mpirun, and nothing to install it with.
    env: { ...process.env, PATH: dirname(resolve("package.json")) },
  });

test("an engine that is absent is not run, and an error where it is required", () => {
  const rest = ["--without", "matrix,kills,example", "--steps", "122", "--only", "mpi"];
  const absent = run(...rest);
  assert.match(absent.stdout, /^not run: mpi: no mpirun of Open MPI/m);
  assert.match(absent.stdout, /^0 passed, 0 failed, 1 not run$/m);
  assert.is(absent.status, 1, "nothing was seen");
  const required = run(...rest, "--require", "mpi");
  assert.match(required.stdout, /^0 passed, 1 failed$/m);
  assert.is(required.status, 1);
});

test("flags that it does not know", () => {
  for (const [argv, message] of [
    [["--only", "pigeons"], /--only: expected some of threads, mpi, nats, nats \+ page/],
    [["--steps", "100"], /--steps: expected at least 122, got 100/],
    [["--write-docs", "--without", "kills"], /--write-docs: expected all parts/],
  ] as const) {
    const { status, stderr } = run(...argv);
    assert.match(stderr, message);
    assert.is(status, 1);
  }
});

test.run();
