import { spawn } from "node:child_process";
import type { Program } from "./programs.ts";
import { MARK } from "./promised.ts";
import type { Claim, ProgramOutcome } from "./reliability-report.ts";

/**
 * Runs a program to its end, shows what it prints and keeps what it says of promises. One that says
 * nothing of any has failed.
 */
export async function runProgram(
  program: Program,
  more: readonly string[],
  print: (line: string) => void,
): Promise<ProgramOutcome> {
  const { name, argv, minutes } = program;
  const command = `node ${argv.join(" ")}`;
  print(`== ${command}`);
  const begun = performance.now();
  const child = spawn(process.execPath, [...argv, ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const claims: Claim[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith(MARK)) claims.push(JSON.parse(line.slice(MARK.length)) as Claim);
      else print(line);
    }
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      resolve(code === 0 ? null : `ended with ${signal ?? `exit code ${code}`}`);
    });
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, minutes * 60_000);
  const how = await ended;
  clearTimeout(timer);
  if (rest) print(rest);
  const failure = late ? `not done after ${minutes} minutes` : how;
  const seconds = (performance.now() - begun) / 1000;
  if (failure === null && claims.length === 0) {
    return { name, command, seconds, failure: "said nothing of any promise", claims };
  }
  return { name, command, seconds, failure, claims };
}
