/** One thing that is timed against others. */
export type Contender = Named & (Called | SelfTimed);

interface Named {
  readonly name: string;
  /** Nanoseconds of a step are divided by this: parameters, or 1e6 for milliseconds. */
  readonly per: number;
  /** Lets go of memory and processes. */
  close(): void;
}

/** A function that does one step: tinybench times it. */
export interface Called {
  step(): void;
}

/** Another process, or a queue that must be awaited: it times its steps by itself. */
export interface SelfTimed {
  /** Does `warm` steps untimed, then `steps`. @returns the median of the latter's nanoseconds */
  run(warm: number, steps: number): Promise<number>;
}

/** How to make a contender. It is checked for right results before it is returned. */
export interface Entry {
  readonly name: string;
  /** Memory that it takes. */
  readonly bytes: number;
  /** Ours: any error ends the run, where a rival's is a line in the table. */
  readonly mustRun?: boolean;
  /** @throws NotRun, WrongResult */
  open(): Promise<Contender>;
}

/** A contender is not there; the message says why, for the table. */
export class NotRun extends Error {}

/** An error as a cell of a table. */
export const firstLine = ({ message }: Error) => message.split("\n")[0] || "it failed";
