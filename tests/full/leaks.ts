import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  beRefused,
  drop,
  type Left,
  leftBy,
  live,
  liveThreaded,
  withFiles,
} from "../reference/leaks.ts";
import { promised } from "./promised.ts";

// Nothing is left of optimizers that are gone: node dist/tests/full/leaks.js [count]
//
// Makes so many (default 10,000) of all classes, steps and disposes of them; fewer on two threads,
// fewer that nobody disposes of, and constructors that are refused. After a collection there must be
// no memory of theirs, no worker, no handle and no open file, and less than 10 MiB more in all.

const MOST_MIB = 10;
const count = Number(process.argv[2] ?? 10_000);

async function look(
  what: string,
  times: number,
  act: (i: number) => Promise<void>,
): Promise<Left & { readonly times: number }> {
  const collect = globalThis.gc as () => void;
  const repeat = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) await act(i);
  };
  // What an engine keeps for code, first uses and a heap of another size is no leak; what leaks does
  // so every time.
  await repeat(Math.ceil(times / 10));
  let left = await leftBy(collect, () => repeat(times));
  for (let again = 0; again < 2 && left.grown >= MOST_MIB; again++) {
    console.log(`${times} ${what}: ${left.grown.toFixed(1)} MiB more; once more`);
    left = await leftBy(collect, () => repeat(times));
  }
  const { made, grown, started, running, handles, files } = left;
  console.log(
    `${times} ${what}: ${made} memories made, ${left.left} left; ${started} workers started, ` +
      `${running} left; ${grown.toFixed(1)} MiB more; ` +
      `handles left: ${handles.join(", ") || "none"}; files left: ${files ?? "not known"}; ` +
      `${(performance.now() / 1000).toFixed(0)} s`,
  );
  const isLeft = left.left + running + handles.length + Math.max(files ?? 0, 0) > 0;
  if (isLeft || grown >= MOST_MIB) {
    process.exitCode = 1;
  }
  return { ...left, times };
}

async function main(): Promise<void> {
  const all = [
    await look("made, stepped and disposed of", count, live),
    await look("refused constructors", Math.ceil(count / 10), (i) => beRefused(i, false)),
    await look("dropped without a word", Math.ceil(count / 5), drop),
    await look("on two threads", Math.ceil(count / 50), liveThreaded),
    await look("refused after their workers started", Math.ceil(count / 100), (i) =>
      beRefused(i, true),
    ),
    await look("times 20 saves and loads", Math.ceil(count / 1000), () => withFiles(20)),
  ];
  if (process.exitCode) {
    console.log(`expected nothing left, and less than ${MOST_MIB} MiB more`);
    return;
  }
  const most = Math.max(...all.map(({ grown }) => grown));
  const [lives, refused, dropped, threaded] = all.map(({ times }) => times);
  promised(
    "P15",
    `${lives} optimizers made, stepped and disposed of, ${threaded} on two threads, ${dropped} dropped, ${refused} refused constructors`,
    `0 memories, 0 workers, 0 handles and 0 files left; resident memory grew by at most ${most.toFixed(1)} MiB`,
  );
}

if (globalThis.gc) await main();
else {
  const args = ["--expose-gc", fileURLToPath(import.meta.url), String(count)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
}
