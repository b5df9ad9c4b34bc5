import { writeFileSync } from "node:fs";
import { print } from "../common/terminal.ts";
import { facts, heading } from "../language-detector/report.ts";
import type { Outcome } from "./outcome.ts";
import { FILES, type Plan } from "./task.ts";

const LINES = 16;

/** @param where "4 worker threads" */
export function printStart(where: string, micro: number, { steps, precision }: Plan): void {
  heading("VS Code's language detector learns Solidity, Svelte and AssemblyScript");
  facts([
    ["where", where],
    ["step", `${micro} micro-batches of ${FILES} files, computing in ${precision}`],
  ]);
  heading(`Loss of ${steps} steps, mean over the micro-batches`);
}

/** A line now and then: 16 of them, the first and the last among them. */
export function stepPrinter({ steps }: Plan): (step: number, loss: number) => void {
  const every = Math.max(1, Math.round(steps / LINES));
  return (step, loss) => {
    if (step > 1 && step % every !== 0 && step !== steps) return;
    print(`  step ${String(step).padStart(String(steps).length)}  ${loss.toFixed(6)}`);
  };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(2)} MiB`;

export function printOutcome({ digest, newAccuracy, oldAccuracy, costs }: Outcome): void {
  heading("What each rank takes");
  const row = (cells: readonly string[]) =>
    print(`  ${cells.map((cell) => cell.padStart(16)).join("")}`);
  row(["rank", "its shard", "all its memory", "sent in a step"]);
  for (const [rank, { shardBytes, bytes, sentPerStep }] of costs.entries()) {
    row([`${rank}`, ...[shardBytes, bytes, sentPerStep].map(mebibytes)]);
  }
  heading("Result");
  facts([
    ["new languages", `${percent(newAccuracy)} of their test files named rightly`],
    ["old languages", percent(oldAccuracy)],
    ["digest", digest],
  ]);
}

/** @param path nothing where it is undefined */
export function writeOutcome(path: string | undefined, outcome: Outcome): void {
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(outcome, null, 2)}\n`);
}
