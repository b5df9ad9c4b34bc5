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

const SEEDS = [1, 2];

for (const size of [1, 2, 3, 4]) {
  ranks(`${size} ranks: seeded calls of all kinds give what plain loops give`, () => {
    const { code, reports, errors } = mpirun(size, "exercise", SEEDS.map(String));
    const each = SEEDS.map((seed) => expectedDigests(seed, size));
    each.push(expectedDigests(3, size, { calls: 5, elements: 300_000 }));
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

ranks("over TCP, whose threads end well", () => {
  const { code, reports, errors } = mpirun(2, "exercise", ["4"], ["--mca", "btl", "tcp,self"]);
  assert.equal([code, errors], [0, ""]);
  assert.equal(
    reports.map(([digest]) => digest),
    expectedDigests(4, 2),
  );
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
  assert.equal(findMpi(["no-such-mpirun", process.execPath]), {
    mpirun: undefined,
    version: `no mpirun of Open MPI in the PATH, ${process.execPath} is ${process.version}: apt-get install openmpi-bin`,
    flags: [],
  });
  assert.match(findMpi(["no-such-mpirun"]).version, /^no mpirun of Open MPI in the PATH: /);
});

test.run();
