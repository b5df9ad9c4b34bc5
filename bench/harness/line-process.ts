import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A child process that answers each line with one line. */
export class LineProcess {
  readonly #what: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #errors = "";

  constructor(command: string, args: readonly string[]) {
    this.#what = [command, ...args].join(" ");
    this.#child = spawn(command, args);
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    // Both are told by the next answer, which doesn't come.
    this.#child.on("error", ({ message }) => {
      this.#errors += message;
    });
    this.#child.stdin.on("error", () => {});
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error where the process has ended; its message ends with what it said last */
  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (!done) return value;
    const said = this.#errors.trim().split("\n").at(-1) || "it ended";
    throw new Error(`${this.#what}: expected an answer to "${line}", got: ${said}`);
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }
}
