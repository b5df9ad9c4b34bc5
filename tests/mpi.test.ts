import { suite } from "uvu";
import * as assert from "uvu/assert";
import { conformance } from "./collectives/conformance.ts";
import { exercise, expectedDigests } from "./collectives/exercise.ts";
import { fakeRanks, joinAll } from "./mpi/fake-ranks.ts";

// The adapter over a fake Open MPI: what it asks of MPI, whether one is installed or not.
// tests/mpi-run.test.ts runs the real one.

const test = suite("mpi");

conformance(test, (size) => joinAll(fakeRanks(size)), [1, 2, 4]);

test("messages and sums in small pieces give the same", async () => {
  const ranks = await joinAll(fakeRanks(3, {}, { messageBytes: 1000, scratchBytes: 1 }));
  const sizes = { calls: 25, elements: 9000 };
  const expected = expectedDigests(5, 3, sizes);
  const digests = await Promise.all(ranks.map((rank) => exercise(rank, 5, sizes)));
  assert.equal(digests, expected);
});

test("parts of one memory go by MPI_Allgatherv; if one rank has others, all exchange messages", async () => {
  const ranks = fakeRanks(2);
  const [first, second] = await joinAll(ranks);
  const together = () => {
    const { buffer } = new Uint8Array(9);
    return [new Uint8Array(buffer, 6, 3), new Uint8Array(buffer, 1, 4)];
  };
  const apart = () => [new Uint8Array(3), new Uint8Array(4)];
  const gather = async (a: Uint8Array[], b: Uint8Array[]) => {
    for (const { fake } of ranks) fake.log.length = 0;
    a[0].set([1, 2, 3]);
    b[1].set([4, 5, 6, 7]);
    await Promise.all([first.allGather(a), second.allGather(b)]);
    assert.equal(
      [a, b].map((parts) => parts.map(String)),
      [
        ["1,2,3", "4,5,6,7"],
        ["1,2,3", "4,5,6,7"],
      ],
    );
    assert.equal(ranks[0].fake.log, ranks[1].fake.log);
    return ranks[0].fake.log.slice(1);
  };
  const messages = ["MPI_Irecv", "MPI_Isend", "MPI_Waitall"];
  assert.equal(await gather(together(), together()), ["MPI_Allgatherv"]);
  assert.equal(await gather(apart(), together()), messages);
  assert.equal(await gather(together(), apart()), messages);
  const { buffer } = new WebAssembly.Memory({ initial: 0x8001, maximum: 0x8001 });
  const far = [new Uint8Array(buffer, 0, 3), new Uint8Array(buffer, 0x7fff_fffc, 4)];
  assert.equal(await gather(far, together()), messages);
  const closer = [new Uint8Array(buffer, 1, 3), new Uint8Array(buffer, 0x7fff_fffc, 4)];
  assert.equal(await gather(closer, together()), ["MPI_Allgatherv"]);
});

test("fast sums are MPI's, with its bits; ordered ones are not", async () => {
  const ranks = fakeRanks(3);
  const collectives = await joinAll(ranks);
  const sums = (reduction: "ordered" | "fast") =>
    Promise.all(
      collectives.map(async (collective) => {
        const into = new Float32Array(1);
        const parts = [0, 1, 2].map(() => Float32Array.of([1, 1e8, -1e8][collective.rank]));
        await collective.reduceScatter(parts, into, reduction);
        const values = Float64Array.of([1, 1e17, -1e17][collective.rank]);
        await collective.allReduce(values, reduction);
        return [into[0], values[0]];
      }),
    );
  const { log } = ranks[0].fake;
  assert.equal(await sums("ordered"), Array(3).fill([0, 0]));
  assert.not.ok(log.some((name) => /educe/.test(name)));
  // The fake one adds from the last rank to the first.
  assert.equal(await sums("fast"), Array(3).fill([1, 1]));
  assert.equal(
    log.filter((name) => /educe/.test(name)),
    ["MPI_Reduce", "MPI_Reduce", "MPI_Reduce", "MPI_Allreduce"],
  );
});

test("one rank alone needs nobody", async () => {
  const ranks = fakeRanks(1);
  const [only] = await joinAll(ranks);
  const into = new Float32Array(2);
  await only.reduceScatter([Float32Array.of(1, -0)], into, "ordered");
  assert.ok(into[0] === 1 && Object.is(into[1], -0));
  assert.not.ok(ranks[0].fake.log.includes("MPI_Waitall"));
  await only.close();
});

test.run();
