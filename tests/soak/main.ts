import { parseArgs } from "node:util";
import { promised } from "../full/promised.ts";
import { inScratchFolder } from "../reference/scratch.ts";
import { ELEMENTS } from "./model.ts";
import { type Soaked, soak } from "./run.ts";

// A million steps, ten thousand of them stops: node dist/tests/soak/main.js
//
//   --steps 1000000  steps of 4,096 elements, half of them before step 2^24
//   --cycles 10000   saves that the run goes on from, in a fresh optimizer each
//   --seed 24        of the gradients
//
// A run straight on, one that is saved and loaded again and again, and plain loops must have the same
// bits at every stop. Short runs pass 2^31 and 2^32 steps too.

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "1000000" },
    cycles: { type: "string", default: "10000" },
    seed: { type: "string", default: "24" },
  },
});
const [steps, cycles, seed] = (["steps", "cycles", "seed"] as const).map((name) => {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`--${name}: expected a whole number from 1, got ${values[name]}`);
});
const LINES = 20;
const FAR = [2 ** 31, 2 ** 32];
const FAR_STEPS = 2000;

const begun = performance.now();
const minutes = () => ((performance.now() - begun) / 60_000).toFixed(1);
const show = (count: number) => count.toLocaleString("en");

function printer(total: number): (done: number, digest: string) => void {
  let lines = 0;
  return (done, digest) => {
    if (done < ((lines + 1) * total) / LINES) return;
    lines = Math.floor((done * LINES) / total);
    const resident = Math.round(process.memoryUsage.rss() / 2 ** 20);
    console.log(
      `${show(done)} steps, ${minutes()} min, ${resident} MiB, digest ${digest.slice(0, 16)}`,
    );
  };
}

async function run(folder: string): Promise<Soaked> {
  const half = Math.floor(steps / 2);
  console.log(`seed ${seed}: ${show(steps)} steps around 2^24, ${show(cycles)} saves and loads`);
  const long = { steps, cycles, start: 2 ** 24 - half, seed, folder };
  const soaked = await soak({ ...long, onProgress: printer(steps) });
  const far = Math.min(steps, FAR_STEPS);
  for (const past of FAR) {
    const start = past - Math.floor(far / 2);
    const { digest } = await soak({ steps: far, cycles: far / 100, start, seed, folder });
    console.log(`${show(far)} steps around 2^${Math.log2(past)}: digest ${digest.slice(0, 16)}`);
  }
  return soaked;
}

try {
  const { digest, files } = await inScratchFolder(run);
  console.log(`digest ${digest}`);
  promised(
    "P24",
    `${show(steps)} steps of ${show(ELEMENTS)} elements past step 2^24, saved and resumed in a fresh ` +
      `optimizer ${show(cycles)} times, ${show(files)} of them by a file (seed ${seed})`,
    `the straight run, the resumed one and plain loops have one digest, ${digest.slice(0, 16)}, ` +
      `and one norm in each step; ${minutes()} minutes`,
  );
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
