import { EventEmitter } from "node:events";
import { join } from "../../src/adapters/mpi/join.ts";
import type { MpiCollective } from "../../src/adapters/mpi/mpi-collective.ts";
import { FakeCluster, type FakeOptions, type FakeRank } from "./fake-cluster.ts";

const FIRST_PID = 1000;

/** Node's `process` of one rank, whose other ranks' processes may be gone. */
export class FakeProcess extends EventEmitter {
  readonly platform: string;
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  /** What kill(pid, 0) throws, by process. */
  readonly gone = new Map<number, string>();
  exited: number | null = null;

  constructor(rank: number, platform = "linux", env = {}) {
    super();
    this.platform = platform;
    this.env = env;
    this.pid = FIRST_PID + rank;
  }

  kill(pid: number): boolean {
    const code = this.gone.get(pid - FIRST_PID);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return true;
  }

  exit(code: number): void {
    this.exited = code;
  }
}

/** A rank of a fake cluster, before it has joined or after. */
export interface Rank {
  readonly fake: FakeRank;
  readonly process: FakeProcess;
  join(options?: unknown): Promise<MpiCollective>;
}

/** Ranks that can join. */
export function fakeRanks(
  size: number,
  options: FakeOptions = {},
  around: { platform?: string; env?: object; messageBytes?: number; scratchBytes?: number } = {},
): Rank[] {
  const { platform, env, messageBytes = 1 << 30, scratchBytes = 1 << 24 } = around;
  return new FakeCluster(size, options).ranks.map((fake) => {
    const process = new FakeProcess(fake.rank, platform, env);
    const importKoffi = async () => ({ default: fake.koffi });
    return {
      fake,
      process,
      join: (options) => join(options, { process, importKoffi, messageBytes, scratchBytes }),
    };
  });
}

/** All of them, joined. */
export const joinAll = (ranks: readonly Rank[], options?: unknown): Promise<MpiCollective[]> =>
  Promise.all(ranks.map((rank) => rank.join(options)));
