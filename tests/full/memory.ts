import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdamW } from "../../src/index.ts";
import { promised } from "./promised.ts";

// Saving needs hardly more memory than the state: node dist/tests/full/memory.js [MILLIONS]
//
// Saves a model of so many million parameters (default 90: a file of 1.08 GB) and loads it again,
// and looks at the process's resident memory meanwhile. Exit code 1 where it grows by more than
// 16 MiB above the state, or where the digests differ.

const MOST_MIB = 16;
const length = Number(process.argv[2] ?? 90) * 1e6;
const folder = mkdtempSync(join(tmpdir(), "ashlar-memory-"));
const path = join(folder, "model.safetensors");
const resident = () => process.memoryUsage().rss / 2 ** 20;

/** Runs it; by how many MiB the process grew meanwhile, at most. */
async function growth(run: (look: () => void) => Promise<void>): Promise<number> {
  const before = resident();
  let most = before;
  await run(() => {
    most = Math.max(most, resident());
  });
  return most - before;
}

let digest: string;
let digestAgain = "";
const grown: number[] = [];
try {
  const saved = await AdamW.create({ w: { shape: [length] } }, { touchPages: true });
  saved.gradient("w").fill(0.01);
  saved.step();
  digest = saved.digest();
  grown.push(await growth((look) => saved.save(path, { onProgress: look })));
  const { bytes } = saved;
  const loading = await growth(async (look) => {
    const loaded = await AdamW.load(path, { touchPages: true, onProgress: look });
    digestAgain = loaded.digest();
  });
  grown.push(loading - bytes / 2 ** 20);
} finally {
  rmSync(folder, { recursive: true });
}
const [saving, loading] = grown.map((mebibytes) => `${mebibytes.toFixed(1)} MiB`);
console.log(`${length} parameters: saving took ${saving}, loading ${loading} besides the state`);
const fine = digest === digestAgain && grown.every((mebibytes) => mebibytes <= MOST_MIB);
console.log(fine ? "as promised" : `expected the same digest and at most ${MOST_MIB} MiB`);
process.exitCode = fine ? 0 : 1;
if (fine) {
  const gigabytes = ((length * 12) / 1e9).toFixed(2);
  promised("P18", `save and load of ${gigabytes} GB`, `${saving} and ${loading} besides the state`);
}
