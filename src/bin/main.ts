import { readFileSync } from "node:fs";
import { AshlarError } from "../errors.ts";
import { type Command, EXIT } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import type { Terminal } from "./terminal.ts";
import { ToolError, UsageError } from "./tool-error.ts";

/** Runs a command line. Returns the exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  switch (first) {
    case "--help":
    case "-h":
      terminal.print(help());
      return EXIT.ok;
    case "--version":
      terminal.print([`ashlar ${version()}`]);
      return EXIT.ok;
    case undefined:
      terminal.warn(help());
      return EXIT.failed;
  }
  const command = COMMANDS.find(({ name }) => name === first);
  if (!command) {
    const what = first.startsWith("-") ? "option" : "command";
    terminal.warn([`ashlar: unknown ${what} "${first}"`, "", ...help()]);
    return EXIT.failed;
  }
  const options = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (options.includes("--help") || options.includes("-h")) {
    terminal.print(command.usage.split("\n"));
    return EXIT.ok;
  }
  const code = await command.run(rest, terminal).catch((error: unknown) => {
    terminal.warn(messageOf(error, command));
    return EXIT.failed;
  });
  terminal.status?.show("");
  return code;
}

function help(): string[] {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    "Usage: ashlar COMMAND ...",
    "",
    "Looks into checkpoints, other safetensors files and run ledgers.",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "ashlar COMMAND --help says more. ashlar --version tells the version.",
  ];
}

/** Lines for a person. An error that is no one's but ours comes with its stack. */
function messageOf(error: unknown, { name, usage }: Command): string[] {
  const title = `ashlar ${name}`;
  if (!(error instanceof Error)) return [`${title}: ${String(error)}`];
  if (error instanceof UsageError) {
    const [synopsis] = usage.split("\n");
    return [`${title}: ${error.message}`, "", synopsis, `${title} --help says more.`];
  }
  const isKnown = error instanceof ToolError || error instanceof AshlarError || "code" in error;
  return isKnown ? [`${title}: ${error.message}`] : (error.stack ?? String(error)).split("\n");
}

function version(): string {
  const url = new URL("../../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
}
