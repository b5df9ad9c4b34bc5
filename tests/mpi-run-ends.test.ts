import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findMpi, mpirun } from "./mpi/mpirun.ts";

// How runs end, with the real Open MPI and mpirun: programs of tests/mpi/programs.ts.

const test = suite("mpi, run by mpirun: ends");
const found = findMpi();
const ranks = found.mpirun ? test : test.skip;
if (!found.mpirun) console.log(`not run: ${found.version}`);

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

test.run();
