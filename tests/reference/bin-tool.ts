import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { main } from "../../src/bin/main.ts";
import { terminalOf } from "../../src/bin/terminal.ts";
import { CORE_SHA256 } from "../../src/core/binary.generated.ts";
import type { SavedState } from "../../src/optimizers/checkpoint/saved-state.ts";
import { type PlainTensor, plainCheckpoint } from "./plain-checkpoint.ts";

// The command-line tool as its users have it: a process, files, what it prints.

export const TOOL = fileURLToPath(new URL("../../src/bin/ashlar.js", import.meta.url));

/** A folder that is gone at the end, in which the tool runs. */
export const FOLDER = mkdtempSync(join(tmpdir(), "ashlar-bin-"));
process.on("exit", () => rmSync(FOLDER, { recursive: true, force: true }));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ashlar ARGS` to its end. */
export function run(...args: readonly string[]): Ran {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [TOOL, ...args], {
    cwd: FOLDER,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

/** The same within this process, which is faster: for tables of cases. */
export async function runHere(...args: readonly string[]): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const terminal = terminalOf(
    { write: (text) => (stdout += text) },
    { write: (text) => (stderr += text) },
  );
  const cwd = process.cwd();
  process.chdir(FOLDER);
  try {
    const code = await main(args, terminal);
    return { code, stdout, stderr };
  } finally {
    process.chdir(cwd);
  }
}

/** A command of two files refuses one of them on either side: exit code 2, and one line that says why. */
export async function assertCannotTell(
  command: string,
  file: string,
  message: RegExp,
): Promise<void> {
  for (const pair of [
    ["a", file],
    [file, "a"],
  ]) {
    const { code, stdout, stderr } = await runHere(command, ...pair);
    assert.is(code, 2, file);
    assert.is(stdout, "");
    assert.match(stderr, message);
    assert.is(stderr.split("\n").length, 2);
  }
}

/** Runs it with --json and nothing on stderr. */
export async function runJson(...args: readonly string[]) {
  const { code, stdout, stderr } = await runHere(...args, "--json");
  if (stderr !== "") throw new Error(stderr);
  return { code, answer: JSON.parse(stdout) };
}

/** Writes a file into the folder. Returns its name. */
export function put(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(FOLDER, name), bytes);
  return name;
}

export function tensor(
  name: string,
  dtype: string,
  shape: readonly number[],
  values: ArrayBufferView | readonly number[],
): PlainTensor {
  const view = ArrayBuffer.isView(values) ? values : Float32Array.from(values);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  return { name, dtype, shape, bytes };
}

/** What an AdamW of the two parameters below says of itself. */
export function savedState(changes: Partial<SavedState> = {}): SavedState {
  const group = { options: {}, own: [], amsgrad: false, eps: 1e-8, betas: [0.9, 0.999] as const };
  return {
    class: "AdamW",
    core: CORE_SHA256,
    steps: 1200,
    model: "float32",
    options: {
      lr: { $schedule: 0 },
      weightDecay: 0.01,
      decays: { $builtIn: "noDecayOnBiasAndNorm" },
    },
    groups: [
      { ...group, name: "body", lr: { $schedule: 0 }, weightDecay: 0.01, initialLr: 0.5 },
      { ...group, name: "head", own: ["lr"], lr: 0.25, weightDecay: 0, initialLr: 0.25 },
    ],
    parameters: [
      { name: "body.w", group: "body", shape: [2, 3], step: 1200, lrScale: 0.5, decays: true },
      { name: "head.b", group: "head", shape: [2], step: 1100, lrScale: 1, decays: false },
    ],
    order: null,
    schedules: [
      {
        data: {
          name: "linear",
          options: { base: 0.5, startFactor: 1, endFactor: 0, totalSteps: 2400 },
        },
        states: [],
      },
    ],
    lossScale: null,
    accumulation: null,
    ...changes,
  };
}

export const VALUES = {
  "param.body.w": [3, 4, 0, 0, -12, 0],
  "exp_avg.body.w": [0, 0, 0, 0, 0, 0.5],
  "exp_avg_sq.body.w": [1, 0, 0, 0, 0, 0],
  "param.head.b": [1, -1],
  "exp_avg.head.b": [0.125, 0.25],
  "exp_avg_sq.head.b": [0, 1e-12],
} as const;

/** Its tensors, some with other values. */
export function savedTensors(changes: Readonly<Record<string, readonly number[]>> = {}) {
  return Object.entries({ ...VALUES, ...changes }).map(([name, values]) =>
    tensor(name, "F32", name.endsWith("body.w") ? [2, 3] : [2], values),
  );
}

/** Its file. */
export function savedFile(
  changes: Partial<SavedState> = {},
  values: Readonly<Record<string, readonly number[]>> = {},
): Uint8Array<ArrayBuffer> {
  return plainCheckpoint(JSON.stringify(savedState(changes)), savedTensors(values));
}
