import { createHash } from "node:crypto";
import { joinMpi } from "../../src/adapters/mpi/index.ts";
import type { Collective, Reduction } from "../../src/collectives/collective.ts";
import type { RankError } from "../../src/errors.ts";
import { exercise } from "../collectives/exercise.ts";

// Programs that mpirun starts: `node programs.js NAME ...`. What a rank reports is a line of JSON.

const [name = "", ...given] = process.argv.slice(2);
const timeout = name === "late" ? 1500 : 30_000;
const collective = await joinMpi({ timeout });
const { rank, size } = collective;

const report = (what: unknown) => process.stdout.write(`@${JSON.stringify([rank, what])}\n`);

const hex = (view: ArrayBufferView) =>
  createHash("sha256")
    .update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    .digest("hex");

/** Reports how a call ends. */
async function reportEnd(call: () => Promise<void>): Promise<void> {
  const start = Date.now();
  try {
    await call();
    report("resolved");
  } catch (error) {
    const { code, rank, message } = error as RankError;
    report({ code, rank, message, seconds: Math.floor((Date.now() - start) / 1000) });
  }
}

/** Sums whose bits depend on the order: large and small, of both signs. */
async function sums(use: Collective, reduction: Reduction): Promise<string> {
  const length = 40_000;
  const parts = Array.from({ length: size }, (_, part) =>
    Float32Array.from({ length }, (_, i) => {
      const u = Math.imul(i * size * size + part * size + rank + 1, 0x9e3779b1) >>> 0;
      return ((u % 4001) - 2000) * 2 ** ((u >>> 12) % 24);
    }),
  );
  const all = new Float32Array(length * size);
  await use.reduceScatter(parts, all.subarray(rank * length, (rank + 1) * length), reduction);
  const owned = parts.map((_, part) => all.subarray(part * length, (part + 1) * length));
  await use.allGather(
    owned.map(({ byteOffset }) => new Uint8Array(all.buffer, byteOffset, length * 4)),
  );
  return hex(all);
}

const PROGRAMS: Readonly<Record<string, () => Promise<void>>> = {
  async exercise() {
    for (const seed of given) report(await exercise(collective, Number(seed)));
    report(await exercise(collective, 3, { calls: 5, elements: 300_000 }));
    await collective.close();
  },

  async sums() {
    for (const reduction of ["ordered", "fast"] as const) report(await sums(collective, reduction));
    await collective.close();
  },

  /** Ranges on both sides of 2 GiB, of memory that is shared and that is not. */
  async far() {
    for (const shared of [false, true]) {
      const pages = 0x8100;
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
      const starts = [4096, 0x7fff_fff0, 0x8001_0004].slice(0, size);
      const parts = starts.map((start) => new Uint8Array(buffer, start, 40_000));
      parts[rank].fill(rank + 1);
      await collective.allGather(parts);
      const got = parts.map((part) => [...new Set(part)]);
      const floats = starts.map((start) => new Float32Array(buffer, start, 10_000).fill(rank + 1));
      const into = new Float32Array(buffer, 0x8010_0000, 10_000);
      await collective.reduceScatter(floats, into, "ordered");
      const one = into[0];
      await collective.reduceScatter(floats, into, "fast");
      await collective.broadcast(new Uint8Array(buffer, 0x8020_0001, 5).fill(rank), size - 1);
      const five = [...new Uint8Array(buffer, 0x8020_0000, 7)];
      const values = new Float64Array(buffer, 0x8030_0000, 2).fill(rank + 1);
      await collective.allReduce(values, "ordered");
      report([got, new Set(into).size, one, into[9_999], five, [...values]]);
    }
    await collective.close();
  },

  /** Counts the turns of the event loop while all wait for the last rank. */
  async loop() {
    if (rank === size - 1) await new Promise((resolve) => setTimeout(resolve, 1000));
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    await collective.allGather(Array.from({ length: size }, () => new Uint8Array(1)));
    clearInterval(timer);
    report(rank === size - 1 || turns > 20);
    await collective.close();
  },

  async killed() {
    await collective.barrier();
    if (rank === 1) process.kill(process.pid, "SIGKILL");
    const under = collective.barrier();
    const after = collective.allReduce(new Float64Array(1), "ordered");
    await Promise.all([reportEnd(() => under), reportEnd(() => after)]);
    process.exitCode = 1;
    await collective.close();
  },

  async throws() {
    if (rank === 1) throw new Error("a fault of rank 1");
    await reportEnd(() => collective.barrier());
    await collective.close();
  },

  async late() {
    if (rank === 1) await new Promise((resolve) => setTimeout(resolve, 20_000));
    await reportEnd(() => collective.barrier());
    process.exit(7);
  },

  async differs() {
    if (rank === 1) await reportEnd(() => collective.broadcast(new Uint8Array(4), 0));
    else await reportEnd(() => collective.barrier());
    await collective.close();
  },

  async leaves() {
    if (rank !== 1) await reportEnd(() => collective.barrier());
    await collective.close();
    await reportEnd(() => collective.barrier());
    await reportEnd(async () => void (await joinMpi()));
  },

  /** Ends without close(). */
  async forgets() {
    await collective.barrier();
    report("done");
  },
};

await PROGRAMS[name]();
