import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinMpi } from "../src/adapters/mpi/index.ts";
import { join } from "../src/adapters/mpi/join.ts";
import type { Koffi } from "../src/adapters/mpi/koffi.ts";
import type { AshlarError, RankError } from "../src/errors.ts";
import { FakeProcess, fakeRanks, joinAll } from "./mpi/fake-ranks.ts";
import { rejection } from "./reference/rejection.ts";

// How a rank comes to be one, or why not.

const test = suite("mpi: joining");

const LIMITS = { messageBytes: 1 << 30, scratchBytes: 1 << 24 };

const refused = (joining: Promise<unknown>) => rejection(joining) as Promise<AshlarError>;

test("options that are none", async () => {
  const [rank] = fakeRanks(1);
  const cases: readonly [unknown, string][] = [
    [1, '"options" of joinMpi: expected an object of options, got 1'],
    [{ path: "x" }, '"path" of the options: expected one of library, timeout, got an unknown key'],
    [{ library: 1 }, '"library" of the options: expected a path, got 1'],
    [
      { timeout: 0 },
      '"timeout" of the options: expected a whole number from 1 to 2147483647, got 0',
    ],
  ];
  for (const [options, message] of cases) {
    assert.is((await refused(rank.join(options))).message, message);
  }
  assert.equal(rank.fake.loaded, []);
});

test("without koffi the message says how to install it", async () => {
  const importKoffi = () => Promise.reject(new Error("Cannot find package 'koffi'"));
  const joining = join({}, { process: new FakeProcess(0), importKoffi, ...LIMITS });
  const { code, message } = await refused(joining);
  assert.is(code, "NOT_READY");
  assert.match(message, /\(Cannot find package 'koffi'\)\. `npm install koffi`$/);
});

test("without a library the message has the places looked in, and how to install one", async () => {
  const [linux] = fakeRanks(1, { path: "/elsewhere/libmpi.so.40" });
  const none = await refused(linux.join());
  assert.is(none.code, "NOT_READY");
  assert.match(
    none.message,
    /\(libmpi\.so\.40: no such file; .*; libmpich\.so\.12: no such file\)/,
  );
  assert.match(none.message, /`apt-get install openmpi-bin`/);
  const named = await refused(linux.join({ library: "/x.so" }));
  assert.match(named.message, /^Open MPI's library cannot be opened \(\/x\.so: no such file\)\. /);
  const other = await linux.join({ library: "/elsewhere/libmpi.so.40" });
  assert.is(other.size, 1);
  const [mac] = fakeRanks(1, { path: "none" }, { platform: "darwin" });
  assert.match((await refused(mac.join())).message, /\(libmpi\.40\.dylib: /);
  const [windows] = fakeRanks(1, {}, { platform: "win32" });
  assert.match((await refused(windows.join())).message, /no places known to look in on win32/);
});

test("joinMpi itself, with the real koffi and no library", async () => {
  const { code, message } = await refused(joinMpi({ library: "/no/such/libmpi.so.40" }));
  assert.is(code, "NOT_READY");
  assert.match(message, /\(\/no\/such\/libmpi\.so\.40: /);
});

test("a library of another ABI is named", async () => {
  const version = "MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7";
  const [rank] = fakeRanks(1, { version, path: "libmpi.so.12" });
  const { code, message } = await refused(rank.join());
  assert.is(code, "NOT_READY");
  assert.match(
    message,
    /^libmpi\.so\.12: expected Open MPI, got "MPICH Version:\\t4\.0\.2", whose/,
  );
  // Too long for its place, without an end.
  const [long] = fakeRanks(1, { version: "x".repeat(8192) });
  assert.match((await refused(long.join())).message, /expected Open MPI, got "xxx/);
});

test("a library without MPI's functions cannot be opened", async () => {
  const koffi: Koffi = {
    load: () => ({
      func: (name) => {
        throw new Error(`Cannot find function '${name}'`);
      },
      symbol: () => 0n,
    }),
  };
  const importKoffi = async () => ({ default: koffi });
  const joining = join(
    { library: "/c.so" },
    { process: new FakeProcess(0), importKoffi, ...LIMITS },
  );
  assert.match(
    (await refused(joining)).message,
    /\/c\.so: Cannot find function 'MPI_Get_library_v/,
  );
});

test("a process joins once", async () => {
  const [rank] = fakeRanks(1);
  const collective = await rank.join();
  assert.equal([collective.rank, collective.size], [0, 1]);
  assert.equal([rank.fake.loaded, rank.fake.kept], [["libmpi.so.40"], ["libmpi.so.40"]]);
  assert.is((await refused(rank.join())).code, "BUSY");
  await collective.close();
  assert.is((await refused(rank.join())).code, "DISPOSED");
});

test("an Open MPI that one thread alone may call is refused", async () => {
  const [rank] = fakeRanks(1, { level: 1 });
  const { code, message } = await refused(rank.join());
  assert.is(code, "NOT_READY");
  assert.match(message, /got level 1 of MPI_Init_thread, not 2$/);
  assert.ok(rank.fake.isFinalized);
});

test("processes of another launcher, each of which takes itself for the only one, are refused", async () => {
  for (const name of ["PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS"]) {
    const [alone] = fakeRanks(1, {}, { env: { [name]: "4" } });
    const { code, message } = await refused(alone.join());
    assert.is(code, "NOT_READY");
    assert.match(message, new RegExp(`^joinMpi: ${name} says that 4 processes were started`));
    assert.ok(alone.fake.isFinalized);
    assert.equal(alone.process.eventNames(), []);
    const [one] = fakeRanks(1, {}, { env: { [name]: "1" } });
    assert.is((await one.join()).size, 1);
    const both = await joinAll(fakeRanks(2, {}, { env: { [name]: "2" } }));
    assert.is(both.length, 2);
  }
});

test("an error of MPI while the ranks meet", async () => {
  const [rank] = fakeRanks(1);
  rank.fake.failing.set("MPI_Allgather", 16);
  const { code, message } = await refused(rank.join());
  assert.equal([code, message], ["RANK_LOST", "MPI_Allgather failed: MPI_ERR 16"]);
  assert.ok(rank.fake.isFinalized);
});

test("ranks that speak another version are told of it", async () => {
  const ranks = fakeRanks(3);
  // What the second one says of itself begins with its version.
  const { koffi } = ranks[1].fake;
  const isRecord = (given: unknown): given is Uint8Array =>
    given instanceof Uint8Array && given.length === 264;
  const altered: Koffi = {
    load: (path, options) => {
      const library = koffi.load(path, options);
      return {
        symbol: library.symbol,
        func: (...signature) => {
          const native = library.func(...signature);
          const async: typeof native.async = (...args) => {
            if (isRecord(args[0])) args[0][0] = 2;
            native.async(...args);
          };
          return Object.assign((...args: Parameters<typeof native>) => native(...args), { async });
        },
      };
    },
  };
  const { process } = ranks[1];
  const importKoffi = async () => ({ default: altered });
  const joining = [ranks[0].join(), join({}, { process, importKoffi, ...LIMITS }), ranks[2].join()];
  const errors = (await Promise.all(joining.map(refused))) as RankError[];
  assert.equal(
    errors.map(({ code, rank }) => [code, rank]),
    [
      ["RANKS_DIFFER", 1],
      ["RANKS_DIFFER", 1],
      ["RANKS_DIFFER", 1],
    ],
  );
  assert.match(
    errors[0].message,
    /: rank 1 speaks version 2, rank 0 version 1\. All ranks need the/,
  );
  assert.ok(ranks.every(({ fake }) => fake.isFinalized));
});

test.run();
