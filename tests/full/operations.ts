import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runLives, showTally } from "../operations/lives.ts";
import { promised } from "./promised.ts";

// Random lives of an optimizer beside its plain reference:
//
//   node dist/tests/full/operations.js [count] [seed]           500 lives at a time, in two processes
//   node dist/tests/full/operations.js --one count seed [path]  in this process; a failure says how
//
// After every operation each bit of parameters and moments, each count, report and error is compared.

const AT_ONCE = 500;
const PROCESSES = 2;
const PROGRAM = fileURLToPath(import.meta.url);

interface Part {
  readonly count: number;
  readonly seed: number;
}

/** Runs a part in a process of its own; gives how often each operation was done. */
function runApart({ count, seed }: Part): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const args = [PROGRAM, "--one", `${count}`, `${seed}`];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const tally = new Map<string, number>();
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith("{")) return;
      for (const [what, number] of Object.entries(JSON.parse(line))) {
        tally.set(what, number as number);
      }
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 && tally.size > 0) resolve(tally);
      else reject(new Error(`${count} lives of seed ${seed} ended with exit code ${code}`));
    });
  });
}

async function runAll(count: number, seed: number): Promise<void> {
  const parts: Part[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    parts.push({ count: Math.min(AT_ONCE, count - from), seed: seed + parts.length });
  }
  const total = new Map<string, number>();
  const begun = performance.now();
  let done = 0;
  const worker = async () => {
    for (let part = parts.shift(); part; part = parts.shift()) {
      for (const [what, number] of await runApart(part)) {
        total.set(what, (total.get(what) ?? 0) + number);
      }
      done += part.count;
      const seconds = Math.round((performance.now() - begun) / 1000);
      console.log(`${done} of ${count} lives, ${seconds} s`);
    }
  };
  try {
    await Promise.all(Array.from({ length: PROCESSES }, worker));
  } finally {
    // Where one part failed, no other is begun.
    parts.length = 0;
  }
  console.log(showTally(total));
  const steps = total.get("steps applied") ?? 0;
  promised(
    "P24",
    `${count.toLocaleString("en")} random lives of an optimizer, seeds from ${seed}: ` +
      `${steps.toLocaleString("en")} steps among saves, loads, growth, disposals and bad calls`,
    "after each operation every bit, count, report and error was the plain reference's",
  );
}

/** Runs a part here, and prints what was done as one line of JSON. */
async function runHere([count, seed, path]: readonly string[]): Promise<void> {
  try {
    console.log(JSON.stringify(Object.fromEntries(await runLives(+count, +seed, path))));
  } catch (error) {
    const [, failed] = /path: "([^"]*)"/.exec((error as Error).message) ?? [];
    console.error(error);
    console.error(`again: node dist/tests/full/operations.js --one ${count} ${seed} ${failed}`);
    process.exitCode = 1;
  }
}

const [first, ...rest] = process.argv.slice(2);
try {
  if (first === "--one") await runHere(rest);
  else await runAll(Number(first ?? 10_000), Number(rest[0] ?? 24));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
