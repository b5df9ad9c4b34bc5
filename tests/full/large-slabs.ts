import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ready } from "../../src/core/kernel.ts";
import { AdamW } from "../../src/index.ts";
import { compareInHeaps } from "../reference/large-heap.ts";
import {
  checksumsOf,
  compareAtTheEdges,
  LARGE_CASES,
  placeAtTheEdges,
  trainAtTheEdges,
  trainSpread,
} from "../reference/large-slabs.ts";
import { promised } from "./promised.ts";

// Slabs of 4 GiB: node dist/tests/full/large-slabs.js
//
// A parameter across 2^31 and one that ends at 2^32 - 16, and a model over three memories, against
// small slabs: both cores, one and two threads, all precisions. What is between is never touched. At
// the end one such state is saved to a stream and loaded from it: 3 GiB are resident for a while.

const seconds = () => `${(performance.now() / 1000).toFixed(1)} s`;
const resident = () => `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`;

/** All that is compared, with the core that is in use. */
async function compareAll(kernel: string): Promise<void> {
  for (const each of LARGE_CASES) {
    for (const threads of [1, 2]) {
      const options = { ...each.options, threads };
      const { crossing, end } = await compareAtTheEdges({ ...each, options });
      console.log(
        `${kernel}, ${each.title}, threads ${threads}: across 2^31 in ${crossing}, ` +
          `the end ${2 ** 32 - end} bytes below 2^32; ${resident()}, ${seconds()}`,
      );
    }
  }
  for (const end of [2 ** 31, 2 ** 31 + 100_000, 2 ** 32 - 16, 2 ** 32]) compareInHeaps(end);
  console.log(`${kernel}, heaps of 4 GiB: four ends; ${resident()}, ${seconds()}`);
  const three = await trainSpread(2 ** 32, null, true);
  const nine = await trainSpread(2 ** 30, three.rows, true);
  if (three.memories !== 3) throw new Error(`${three.memories} memories`);
  three.seen.forEach((line, i) => {
    if (line !== nine.seen[i]) throw new Error(`${line}\nover nine memories: ${nine.seen[i]}`);
  });
  console.log(
    `${kernel}, ${three.bytes} bytes over 3 memories and over 9; ${resident()}, ${seconds()}`,
  );
}

/** Through a stream, so that no file of 3 GiB comes of it. */
async function saveAndLoad(): Promise<number> {
  const { specs } = placeAtTheEdges({});
  const { optimizer } = await trainAtTheEdges(specs, {}, 2 ** 32);
  const before = checksumsOf(optimizer);
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  let bytes = 0;
  const onProgress = (progress: { bytes: number }) => {
    bytes = progress.bytes;
  };
  const [loaded] = await Promise.all([
    AdamW.load(stream.readable),
    optimizer.save(stream.writable, { onProgress }),
  ]);
  console.log(`saved and loaded ${bytes} bytes; ${resident()}, ${seconds()}`);
  const after = checksumsOf(loaded);
  before.forEach((line, i) => {
    if (line !== after[i]) throw new Error(`saved ${line}, loaded ${after[i]}`);
  });
  return bytes;
}

if (process.argv[2] === "scalar") {
  await ready({ kernel: "scalar" });
  await compareAll("scalar");
} else {
  await compareAll("simd");
  const itself = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [itself, "scalar"], { stdio: "inherit" });
  if (status !== 0) throw new Error(`the scalar core: exit code ${status}`);
  const bytes = await saveAndLoad();
  const runs = 2 * 2 * LARGE_CASES.length;
  promised(
    "P17",
    `${runs} trainings with a segment across 2^31 and one that ends at 2^32 - 16 (both cores, 1 and 2 threads, ${LARGE_CASES.length} precisions), ` +
      "8 heaps of 4 GiB, 9.6 GB over 3 memories",
    `the bits of small slabs and of 9 memories; ${bytes} bytes saved and loaded with the same checksums`,
  );
}
