import type { Terminal } from "./terminal.ts";

/** What the tool's commands end with, and what scripts go by. */
export const EXIT = {
  /** Done; for a question: all is well, nothing differs. */
  ok: 0,
  /** The answer is no: damaged, or not the same. */
  no: 1,
  /** No answer: wrong usage, or what cannot be read or written. */
  failed: 2,
} as const;

/** A command of the tool. A new one is a file in commands/ and a row in commands.ts. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints: the synopsis, then what it does and its options. */
  readonly usage: string;
  /** Returns the exit code. @throws UsageError, ToolError and errors of files, which main prints */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}
