import { allocate } from "../../errors.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { writeAll } from "./write-all.ts";

const CHUNK_BYTES = 1 << 20;
const newChunk = () => allocate(CHUNK_BYTES, "a part of a file", () => new Uint8Array(CHUNK_BYTES));

/** Copies a file to a new one; the copy is on the disk when it resolves. */
export function copyFile(fs: FileSystem, from: string, to: string): Promise<void> {
  return withFile(fs.open(from, "r"), async (source) => {
    const { mode } = await source.status();
    await withFile(fs.open(to, "wx", mode), async (target) => {
      const chunk = newChunk();
      for (;;) {
        const length = await source.read(chunk, null);
        if (length === 0) break;
        await writeAll(target, chunk.subarray(0, length));
      }
      await target.sync();
    });
  });
}

/** Whether two files are equal. Reads no further than the first difference. */
export function haveSameContents(fs: FileSystem, a: string, b: string): Promise<boolean> {
  return withFile(fs.open(a, "r"), (first) =>
    withFile(fs.open(b, "r"), async (second) => {
      const { size } = await first.status();
      if ((await second.status()).size !== size) return false;
      const chunks = [newChunk(), newChunk()] as const;
      for (let at = 0; at < size; at += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, size - at);
        for (const [i, file] of [first, second].entries()) {
          const chunk = (chunks[i] as Uint8Array).subarray(0, length);
          if (!(await fill(file, chunk, at))) return false;
        }
        for (let i = 0; i < length; i++) if (chunks[0][i] !== chunks[1][i]) return false;
      }
      return true;
    }),
  );
}

async function fill(file: OpenFile, into: Uint8Array, position: number): Promise<boolean> {
  for (let filled = 0; filled < into.length; ) {
    const count = await file.read(into.subarray(filled), position + filled);
    if (count === 0) return false;
    filled += count;
  }
  return true;
}

async function withFile<T>(opened: Promise<OpenFile>, act: (file: OpenFile) => Promise<T>) {
  const file = await opened;
  let result: T;
  try {
    result = await act(file);
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  await file.close();
  return result;
}
