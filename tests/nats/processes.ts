import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./rank-process.js", import.meta.url));

/** Milliseconds after which a rank's process is ended. */
const LIMIT = 60_000;

export interface RankProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: unknown[];
  /** Resolves when it has said `word`. */
  heard(word: unknown): Promise<void>;
  /** Resolves with what it said, when it has ended. @throws Error where it failed by itself */
  readonly ended: Promise<unknown[]>;
}

/** Starts tests/nats/rank-process.ts as a rank. */
export function startRank(
  url: string,
  group: string,
  rank: number,
  size: number,
  task: string,
): RankProcess {
  // Node 20 has a WebSocket, and wants to be asked for it; later ones ignore that.
  const flags = url.startsWith("ws:") ? ["--experimental-websocket"] : [];
  const argv = [...flags, "--no-warnings", PROGRAM, url, group, String(rank), String(size), task];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const said: unknown[] = [];
  let text = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    said.push(...lines.map((line) => JSON.parse(line) as unknown));
    child.emit("said");
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  const ended = new Promise<unknown[]>((resolve, reject) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 1) reject(new Error(`rank ${rank}: ${errors}`));
      else resolve(said);
    });
  });
  const heard = (word: unknown) =>
    new Promise<void>((resolve, reject) => {
      const look = () => said.includes(word) && resolve();
      child.on("said", look);
      ended.then(() => reject(new Error(`rank ${rank} has not said ${word}: ${errors}`)), reject);
      look();
    });
  return { child, said, heard, ended };
}
