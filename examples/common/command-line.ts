import process from "node:process";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { print } from "./terminal.ts";

/** The command line is wrong; the message is for the user, on one line. */
export class FlagError extends Error {}

/** The flags as typed. @throws FlagError for one that there is not */
export function parseFlags<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options }>>["values"] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node explains at length how to pass a positional argument that starts with "-".
    const [reason] = (error as Error).message.split(/\.\s|\n/);
    throw new FlagError(reason);
  }
}

/** @throws FlagError */
export function whole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new FlagError(
    `--${flag}: expected a whole number from ${least} to ${most}, got ${quoted(text)}`,
  );
}

/** @throws FlagError for an empty one */
export function path<Path extends string | undefined>(flag: string, text: Path): Path {
  if (text === "") throw new FlagError(`--${flag}: expected a path, got nothing`);
  return text;
}

/** One line, whatever was typed. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}

/** Runs an example's program. Exit codes: 0 done, 1 failed, 2 wrong command line. */
export async function runCommand<Flags extends { readonly help: boolean }>(
  name: string,
  usage: string,
  readFlags: (args: readonly string[]) => Flags,
  run: (flags: Flags) => Promise<void>,
): Promise<void> {
  try {
    const flags = readFlags(process.argv.slice(2));
    if (flags.help) print(usage);
    else await run(flags);
  } catch (error) {
    process.exitCode = error instanceof FlagError ? 2 : 1;
    process.stderr.write(`${name}: ${(error as Error).message}\n`);
  }
}
