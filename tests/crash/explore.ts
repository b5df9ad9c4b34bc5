import { AtomicFile } from "../../src/state/files/atomic-file.ts";
import type { FileSystem } from "../../src/state/files/file-system.ts";
import { type DiskOptions, FOLDER, SimulatedDisk } from "./disk.ts";
import { BLOCK, crashStates, type DiskState, keyOf, type NameModel } from "./states.ts";

// Lets the power fail at every point of a save, in every way, and judges what is left.

export const NAME = "model.safetensors";
export const PATH = `${FOLDER}/${NAME}`;

/** Version `n` of a file: five blocks and a part of one, no byte as in another version. */
export function version(n: number): Uint8Array {
  const length = 5 * BLOCK + 1 + (n % 5);
  return Uint8Array.from({ length }, (_, i) => 32 * (n % 7) + 1 + (i % 31));
}

/** Saves version `n` to a disk. */
export type Saver = (disk: SimulatedDisk, n: number) => Promise<void>;

/** As the library does it, on what `wrap` makes of the disk. */
export function atomicSaver(keep = 0, wrap = (disk: SimulatedDisk): FileSystem => disk): Saver {
  return async (disk, n) => {
    const file = await AtomicFile.open(wrap(disk), PATH, keep);
    const bytes = version(n);
    for (let at = 0; at < bytes.length; at += 11) await file.write(bytes.subarray(at, at + 11));
    await file.close();
  };
}

/** Versions that were saved before, the newest first, and a file that is nobody's business. */
export function diskOf(versions: readonly number[]): DiskState {
  const files = versions.map((n, i) => [i === 0 ? NAME : `${NAME}.${i}`, version(n)] as const);
  return new Map([...files, ["other.bin", version(6)]]);
}

export interface Exploration {
  /** Points at which the power may fail. */
  readonly points: number;
  /** States after it, of all points. */
  readonly states: number;
  /** Those that differ from one another. */
  readonly distinct: ReadonlyMap<string, DiskState>;
  /** What is wrong with some of them: no more than one sentence of a kind. */
  readonly violations: readonly string[];
}

export interface Scene extends DiskOptions {
  readonly before: DiskState;
  /** The version that is saved. */
  readonly saved: number;
  /** Versions of which each must be there under some name, whatever happens. */
  readonly kept?: readonly number[];
  readonly model: NameModel;
}

export async function explore(save: Saver, scene: Scene): Promise<Exploration> {
  const { before, saved, kept = [], model } = scene;
  const distinct = new Map<string, DiskState>();
  const violations = new Set<string>();
  const old = before.get(NAME);
  const fresh = version(saved);
  const older = kept.map((n) => [n, version(n)] as const);
  let points = 0;
  let states = 0;

  const judge = (disk: SimulatedDisk, at: string, isDone: boolean) => {
    points++;
    for (const state of crashStates(disk, model)) {
      states++;
      distinct.set(keyOf(state), state);
      const found = state.get(NAME);
      const isNew = isEqual(found, fresh);
      const isOld = found === undefined ? old === undefined : isEqual(found, old);
      if (!isNew && !isOld) violations.add(`${at}: ${found ? "another file" : "no file"}`);
      if (isDone && !isNew) violations.add(`${at}: the save is undone`);
      if (!isEqual(state.get("other.bin"), before.get("other.bin"))) {
        violations.add(`${at}: another file has changed`);
      }
      for (const [n, contents] of older) {
        const isThere = [...state].some(
          ([name, bytes]) => /^model\.safetensors(\.\d)?$/.test(name) && isEqual(bytes, contents),
        );
        if (!isThere) violations.add(`${at}: version ${n} is lost`);
      }
    }
  };

  const disk: SimulatedDisk = new SimulatedDisk(before, {
    ...scene,
    afterCall: (call) => judge(disk, `after ${call}`, false),
  });
  judge(disk, "at first", false);
  await save(disk, saved);
  judge(disk, "at last", true);
  if (disk.openFiles !== 0) violations.add(`${disk.openFiles} files are left open`);
  return { points, states, distinct, violations: [...violations] };
}

export interface Recovery extends DiskOptions {
  /** The version that is saved. */
  readonly saved: number;
  /** How many versions of before must outlast it. */
  readonly keep: number;
}

/** What is wrong after a save on a disk on which the power has failed before. */
export async function recover(save: Saver, state: DiskState, scene: Recovery): Promise<string[]> {
  const { saved: n, keep } = scene;
  const disk = new SimulatedDisk(state, { ...scene, pid: 2000 });
  await save(disk, n);
  const wrong: string[] = [];
  const left = [...disk.names.keys()].filter((name) => name.endsWith(".tmp"));
  if (left.length > 0) wrong.push(`left behind: ${left.join(", ")}`);
  const kept = versionsIn(state).slice(0, keep);
  for (const after of crashStates(disk, "torn")) {
    const [newest, ...older] = versionsIn(after);
    if (!isEqual(newest, version(n))) wrong.push("the next save is not there");
    if (!kept.every((bytes, i) => isEqual(older[i], bytes))) wrong.push("an older version is lost");
  }
  return wrong;
}

/** Contents under NAME, NAME.1 and so on, each once: a crash may leave one under two names. */
function versionsIn(state: DiskState): Uint8Array[] {
  const names = [NAME, ...Array.from({ length: 9 }, (_, i) => `${NAME}.${i + 1}`)];
  const found: Uint8Array[] = [];
  for (const name of names) {
    const bytes = state.get(name);
    if (bytes && !found.some((other) => isEqual(other, bytes))) found.push(bytes);
  }
  return found;
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? Buffer.compare(a, b) === 0 : a === b;
}
