import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promised } from "./promised.ts";

// Kills a process that saves, again and again, at random times: node dist/tests/full/kills.js [count]
//
// Each process goes on with the file that the last one left. After each kill the file must be whole,
// and no older than the last version that the process said it had saved.

/** What a payload module exports; kill-payload.ts is one. */
export interface Payload {
  saveVersion(path: string, n: number): Promise<void>;
  /** Throws if the file is not whole. */
  readVersion(path: string): Promise<number>;
}

export interface Kills {
  readonly kills: number;
  /** Versions that were saved and said so. */
  readonly saves: number;
  /** Kills that left a temporary: those in the middle of a save. */
  readonly interrupted: number;
  /** Kills after which the file was newer than the last version that was reported. */
  readonly unreported: number;
}

const CHILD = fileURLToPath(new URL("./kill-child.js", import.meta.url));
const PAYLOAD = new URL("./kill-payload.js", import.meta.url).href;
/** Milliseconds: a few saves. */
const LONGEST_LIFE = 120;

/** @param payload  URL of the module that says what is saved */
export async function killSavers(count: number, payload = PAYLOAD): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), "ashlar-kills-"));
  const path = join(folder, "m.safetensors");
  const { saveVersion, readVersion } = (await import(payload)) as Payload;
  let last = 0;
  let saves = 0;
  let interrupted = 0;
  let unreported = 0;
  try {
    for (let kill = 0; kill < count; kill++) {
      const reported = await killOne([CHILD, payload, path, String(last + 1)], last);
      saves += reported - last;
      const found = existsSync(path) ? await readVersion(path) : 0;
      // The kill may come between the end of a save and its report.
      if (found !== reported && found !== reported + 1) {
        throw new Error(`kill ${kill}: reported ${reported}, found ${found}`);
      }
      if (found > reported) unreported++;
      if (existsSync(`${path}.1`)) await readVersion(`${path}.1`);
      if (temporariesOf(path).length > 0) interrupted++;
      last = found;
    }
    await saveVersion(path, last + 1);
    const left = temporariesOf(path);
    if (left.length > 0) throw new Error(`the last save left ${left.join(", ")}`);
    if ((await readVersion(path)) !== last + 1) throw new Error("the last save is not there");
    return { kills: count, saves, interrupted, unreported };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a saver, kills it some time after its first save, and returns the last that it reported. */
async function killOne(argv: readonly string[], last: number): Promise<number> {
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  const firstSave = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      resolve();
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on("close", (_, signal) => resolve(signal));
  });
  await Promise.race([firstSave, ended]);
  await wait(Math.random() * LONGEST_LIFE);
  child.kill("SIGKILL");
  const signal = await ended;
  if (signal !== "SIGKILL") throw new Error(`the saver ended by itself: ${errors}`);
  const whole = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  return Number(whole.at(-2) ?? last);
}

function temporariesOf(path: string): string[] {
  const start = `.${basename(path)}.`;
  return readdirSync(dirname(path)).filter((name) => name.startsWith(start));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? 100);
  const { kills, saves, interrupted, unreported } = await killSavers(count);
  console.log(
    `${kills} kills, ${saves} saves: ${interrupted} left a temporary, ${unreported} came before the report`,
  );
  console.log(`${kills} passed, 0 failed`);
  const found = `a whole file each time; ${interrupted} in the middle of a save`;
  promised("P12", `${kills} SIGKILLs at random times, ${saves} saves`, found);
}
