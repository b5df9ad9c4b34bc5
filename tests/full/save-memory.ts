import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSource } from "../../src/state/sources/open-source.ts";
import { openTarget } from "../../src/state/targets/open-target.ts";
import { inScratchFolder } from "../reference/scratch.ts";

// How much memory a save and a load of a large file take: node dist/tests/full/save-memory.js [MiB]

const MIB = 1 << 20;

export interface Growth {
  /** Bytes by which the process grew at most while it wrote. */
  readonly saving: number;
  /** And while it read, parts of it passed over. */
  readonly loading: number;
}

/** Writes and reads a file of this many MiB through one chunk of 1 MiB. */
export function memoryGrowth(mebibytes: number): Promise<Growth> {
  return inScratchFolder(async (folder) => {
    const path = join(folder, "m");
    const chunk = new Uint8Array(MIB).fill(7);
    // What the first calls need, code and buffers of the engine, is not per byte.
    await write(path, chunk, 4);
    await read(path, chunk, 4);
    const saving = await write(path, chunk, mebibytes);
    return { saving, loading: await read(path, chunk, mebibytes) };
  });
}

/** The growth at most, looked at after each chunk. */
function watch() {
  const start = process.memoryUsage.rss();
  let most = start;
  return {
    look() {
      most = Math.max(most, process.memoryUsage.rss());
    },
    growth: () => most - start,
  };
}

async function write(path: string, chunk: Uint8Array, count: number): Promise<number> {
  const { look, growth } = watch();
  const sink = await openTarget(path);
  for (let i = 0; i < count; i++) {
    await sink.write(chunk);
    look();
  }
  await sink.close();
  look();
  return growth();
}

async function read(path: string, chunk: Uint8Array, count: number): Promise<number> {
  const { look, growth } = watch();
  const reader = await openSource(path);
  for (let i = 0; i < count; i++) {
    const length = i % 8 === 7 ? await reader.skip(MIB) : await reader.read(chunk);
    if (length !== MIB) throw new Error(`chunk ${i}: ${length} bytes`);
    look();
  }
  await reader.close();
  return growth();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mebibytes = Number(process.argv[2] ?? 256);
  const { saving, loading } = await memoryGrowth(mebibytes);
  const show = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;
  console.log(`${mebibytes} MiB: saving grew by ${show(saving)}, loading by ${show(loading)}`);
  const failed = Number(saving >= 16 * MIB) + Number(loading >= 16 * MIB);
  console.log(`${2 - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
