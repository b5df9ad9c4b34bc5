import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expectedDigests } from "./collectives/exercise.ts";
import { findMpi, mpirun } from "./mpi/mpirun.ts";

// The adapter over the real Open MPI: programs of tests/mpi/programs.ts, started by mpirun.

const test = suite("mpi, run by mpirun");
const found = findMpi();
const ranks = found.mpirun ? test : test.skip;
if (!found.mpirun) console.log(`not run: ${found.version}`);

const SEEDS = [1, 2, 3, 4];

for (const size of [1, 2, 3, 4]) {
  ranks(`${size} ranks: seeded calls of all kinds give what plain loops give`, () => {
    const { code, reports, errors } = mpirun(size, "exercise", SEEDS.map(String));
    const each = SEEDS.map((seed) => expectedDigests(seed, size));
    each.push(expectedDigests(3, size, { calls: 5, elements: 600_000 }));
    assert.is(code, 0, errors);
    assert.equal(
      reports,
      Array.from({ length: size }, (_, rank) => each.map((digests) => digests[rank])),
    );
  });
}

ranks("ordered sums have the same bits whatever algorithm Open MPI takes; fast ones do not", () => {
  const bits = (algorithm: number) => {
    const tuned = ["--mca", "coll_tuned_use_dynamic_rules", "1"];
    const flags = [...tuned, "--mca", "coll_tuned_reduce_algorithm", String(algorithm)];
    const { code, reports, errors } = mpirun(3, "sums", [], flags);
    assert.is(code, 0, errors);
    const [first, ...others] = reports.map(String);
    for (const other of others) assert.is(other, first);
    return reports[0] as [ordered: string, fast: string];
  };
  // 1: linear, from the last rank to the first; 3: a pipeline; 5: a binomial tree.
  const all = [1, 3, 5].map(bits);
  assert.is(new Set(all.map(([ordered]) => ordered)).size, 1);
  assert.ok(new Set(all.map(([, fast]) => fast)).size > 1);
});

ranks("ranges beyond 2 GiB", () => {
  const { code, reports, errors } = mpirun(3, "far");
  assert.is(code, 0, errors);
  const one = "1,2,3,1,6,6,0,2,2,2,2,2,0,6,6";
  assert.equal(
    reports.map((each) => each.map(String)),
    [0, 1, 2].map(() => [one, one]),
  );
});

ranks("the event loop goes on while ranks wait", () => {
  const { code, reports, errors } = mpirun(2, "loop");
  assert.is(code, 0, errors);
  assert.equal(reports, [[true], [true]]);
});

interface End {
  readonly code: string;
  readonly rank: number | null;
  readonly message: string;
  readonly seconds: number;
}
const ends = (reports: readonly unknown[]) => reports as readonly End[];

ranks("a killed rank ends the calls of the others, with its name, and mpirun the run", () => {
  const { code, reports, errors } = mpirun(3, "killed");
  assert.is(code, 137, errors);
  assert.match(errors, /process rank 1 with PID \d+ on node \S+ exited on signal 9/);
  assert.equal(reports[1], []);
  for (const rank of [0, 2]) {
    assert.is(reports[rank].length, 2);
    for (const end of ends(reports[rank])) {
      assert.equal([end.code, end.rank], ["RANK_LOST", 1]);
      assert.match(end.message, /^mpirun ends the run \(SIGTERM\): rank 1 is gone/);
      assert.ok(end.seconds < 20);
    }
  }
});

ranks("a rank that throws ends the run with its exit code", () => {
  const { code, reports, errors } = mpirun(3, "throws");
  assert.is(code, 1);
  assert.match(errors, /a fault of rank 1/);
  assert.equal(ends(reports[0])[0].code, "RANK_LOST");
});

ranks("a rank that does not come ends the call after the timeout, and the run", () => {
  const { code, reports, errors } = mpirun(2, "late");
  assert.is(code, 7, errors);
  const [end] = ends(reports[0]);
  assert.equal([end.code, end.rank], ["RANK_LOST", null]);
  assert.match(end.message, /not done within the 1500 ms/);
});

ranks("ranks that are at different calls learn of it, all of them", () => {
  const { code, reports, errors } = mpirun(3, "differs");
  assert.is(code, 0, errors);
  assert.equal(
    reports.map((each) => ends(each).map((end) => [end.code, end.rank])),
    [1, 0, 1].map((other) => [["RANKS_DIFFER", other]]),
  );
});

ranks("a rank that closes ends the calls of the others; nobody joins twice", () => {
  const { code, reports, errors } = mpirun(3, "leaves");
  assert.is(code, 0, errors);
  const codes = reports.map((each) => ends(each).map((end) => end.code));
  assert.equal(codes, [
    ["RANK_LOST", "RANK_LOST", "DISPOSED"],
    ["DISPOSED", "DISPOSED"],
    ["RANK_LOST", "RANK_LOST", "DISPOSED"],
  ]);
  assert.is(ends(reports[0])[0].rank, 1);
});

ranks("a program that ends without close() ends well", () => {
  const { code, reports, errors } = mpirun(2, "forgets");
  assert.equal([code, reports, errors], [0, [["done"], ["done"]], ""]);
});

ranks("without mpirun there is one rank", () => {
  const program = new URL("./mpi/programs.js", import.meta.url).pathname;
  const { status, stdout } = spawnSync(process.execPath, [program, "exercise", "1"], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.is(status, 0);
  assert.equal(JSON.parse(stdout.split("\n", 1)[0].slice(1)), [0, expectedDigests(1, 1)[0]]);
});

test("what is no Open MPI is not taken for one", () => {
  assert.equal(findMpi(["no-such-mpirun", "node"]), {
    mpirun: undefined,
    version: `no mpirun of Open MPI in the PATH, node is ${process.version}: apt-get install openmpi-bin`,
    flags: [],
  });
  assert.match(findMpi(["no-such-mpirun"]).version, /^no mpirun of Open MPI in the PATH: /);
});

test.run();
