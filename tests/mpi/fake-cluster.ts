import type { Argument, Koffi, NativeFunction } from "../../src/adapters/mpi/koffi.ts";
import { type Call, type Does, TOGETHER } from "./fake-collectives.ts";
import { Mailbox } from "./fake-mailbox.ts";

// Open MPI and koffi as plain objects: several ranks in one thread. It knows no more of MPI than the
// adapter uses, and is strict with that: calls one at a time, the same ones on all ranks.

type Done = (error: Error | null, code: number) => void;

const TYPES = ["ompi_mpi_comm_world", "ompi_mpi_byte", "ompi_mpi_float", "ompi_mpi_double"];
const SYMBOLS = [...TYPES, "ompi_mpi_op_sum", "ompi_mpi_errors_return"];

export interface FakeOptions {
  /** What MPI_Get_library_version says. */
  readonly version?: string;
  /** What MPI_Init_thread grants. */
  readonly level?: number;
  /** The only path at which there is a library. */
  readonly path?: string;
  /** Names of the machines. */
  readonly hosts?: readonly string[];
}

export class FakeCluster {
  readonly size: number;
  readonly options: FakeOptions;
  readonly mailbox = new Mailbox();
  /** Calls of all ranks that have come, by their number. */
  readonly #meetings: Map<number, { call: Call; done: () => void }>[] = [];
  readonly ranks: FakeRank[];

  constructor(size: number, options: FakeOptions = {}) {
    this.size = size;
    this.options = options;
    this.ranks = Array.from({ length: size }, (_, rank) => new FakeRank(this, rank));
  }

  /** The k-th collective call of a rank; `done` once all ranks have made theirs. */
  meet(k: number, rank: number, call: Call, done: () => void): void {
    this.#meetings[k] ??= new Map();
    const meeting = this.#meetings[k];
    meeting.set(rank, { call, done });
    if (meeting.size < this.size) return;
    const calls = this.ranks.map((each) => (meeting.get(each.rank) as { call: Call }).call);
    const [{ name }] = calls;
    if (calls.some((other) => other.name !== name)) {
      throw new Error(`ranks make different calls: ${calls.map((each) => each.name)}`);
    }
    (TOGETHER[name] as Does)(calls);
    for (const each of meeting.values()) each.done();
  }
}

/** What one rank sees, and what it did. */
export class FakeRank {
  readonly rank: number;
  readonly #cluster: FakeCluster;
  readonly loaded: string[] = [];
  /** Libraries that stay open. */
  readonly kept: string[] = [];
  /** Names of the functions called, in order. */
  readonly log: string[] = [];
  aborted: number | null = null;
  isInitialized = false;
  isFinalized = false;
  /** Codes that the next call of a function gives, by name. */
  readonly failing = new Map<string, number | Error>();
  /** Whether its calls never return. */
  hangs = false;
  #isBusy = false;
  #met = 0;

  constructor(cluster: FakeCluster, rank: number) {
    this.#cluster = cluster;
    this.rank = rank;
  }

  readonly koffi: Koffi = {
    load: (path) => {
      // What the process has: dlopen, whose result nobody looks at.
      if (path === null) return { func: (name) => this.#function(name), symbol: () => 0n };
      this.loaded.push(path);
      if (path !== (this.#cluster.options.path ?? "libmpi.so.40")) throw new Error("no such file");
      return {
        func: (name) => this.#function(name),
        symbol: (name) => BigInt(0x1000 + SYMBOLS.indexOf(name)),
      };
    },
  };

  #function(name: string): NativeFunction {
    const now = (...args: Argument[]): number => {
      // MPI_THREAD_SERIALIZED. Only to abort, nobody asks.
      if (this.#isBusy && name !== "MPI_Abort") throw new Error(`${name} during another call`);
      this.log.push(name);
      const fault = this.#fault(name);
      if (typeof fault === "number") return fault;
      if (name === "MPI_Allgather") this.#meet(name, args, () => undefined);
      else this.#local(name, args);
      return 0;
    };
    const async = (...given: [...Argument[], Done]): void => {
      if (this.#isBusy) throw new Error(`${name} during another call`);
      this.log.push(name);
      const done = given.at(-1) as Done;
      const args = given.slice(0, -1) as Argument[];
      this.#isBusy = true;
      const end = (error: Error | null, code: number) => {
        setImmediate(() => {
          this.#isBusy = false;
          done(error, code);
        });
      };
      if (this.hangs) return;
      const fault = this.#fault(name);
      if (typeof fault === "number") end(null, fault);
      else if (fault) end(fault, 0);
      else if (name === "MPI_Waitall") {
        const [count, requests] = args as [number, BigUint64Array];
        this.#cluster.mailbox.wait(requests.subarray(0, count), () => end(null, 0));
      } else this.#meet(name, args, () => end(null, 0));
    };
    return Object.assign(now, { async });
  }

  #fault(name: string): number | Error | undefined {
    const fault = this.failing.get(name);
    this.failing.delete(name);
    return fault;
  }

  #meet(name: string, args: Argument[], done: () => void): void {
    this.#cluster.meet(this.#met++, this.rank, { name, args }, done);
  }

  #local(name: string, args: Argument[]): void {
    const does = this.#alone[name];
    if (!does) throw new Error(`${name} is no call of one rank`);
    does(args);
  }

  /** What needs no other rank, or not yet. */
  get #alone(): Readonly<Record<string, (args: readonly Argument[]) => void>> {
    const { size, options, mailbox } = this.#cluster;
    return {
      MPI_Get_library_version: ([text]) =>
        write(text, options.version ?? "Open MPI v4.1.4, a fake\nof two lines"),
      MPI_Get_processor_name: ([text]) => write(text, options.hosts?.[this.rank] ?? "node0"),
      MPI_Error_string: ([code, text]) => write(text, `MPI_ERR ${code}`),
      MPI_Initialized: ([answer]) => answerWith(answer, Number(this.isInitialized)),
      MPI_Finalized: ([answer]) => answerWith(answer, Number(this.isFinalized)),
      MPI_Init_thread: ([, , , level]) => {
        this.isInitialized = true;
        answerWith(level, options.level ?? 2);
      },
      MPI_Finalize: () => {
        this.isFinalized = true;
      },
      MPI_Abort: ([, code]) => {
        this.aborted = code as number;
      },
      MPI_Comm_rank: ([, answer]) => answerWith(answer, this.rank),
      MPI_Comm_size: ([, answer]) => answerWith(answer, size),
      MPI_Comm_set_errhandler: () => undefined,
      dlopen: ([path]) => this.kept.push(path as string),
      MPI_Isend: ([bytes, , , peer, , , request]) =>
        mailbox.send(this.rank, peer as number, bytes as Uint8Array, request),
      MPI_Irecv: ([bytes, , , peer, , , request]) =>
        mailbox.receive(peer as number, this.rank, bytes as Uint8Array, request),
    };
  }
}

function answerWith(place: Argument, value: number): void {
  (place as Int32Array)[0] = value;
}

function write(place: Argument, text: string): void {
  (place as Uint8Array).set(new TextEncoder().encode(text));
}
