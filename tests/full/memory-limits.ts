import { OutOfMemoryError } from "../../src/errors.ts";
import { AdamW } from "../../src/index.ts";
import { trainGrowing, trainInHeap } from "../reference/growing.ts";
import { MEMORY_CASES } from "../reference/memory-cases.ts";
import { refuseEach } from "../reference/memory-refusals.ts";
import { promised } from "./promised.ts";

// Memory that is refused, and memory that grows: node dist/tests/full/memory-limits.js [steps]
//
// Each allocation of what asks for memory is refused in turn, then the engine itself is asked until
// it has no more. A heap and a set of parameters grow beyond 1 GiB, between steps (default 1,000) and
// within them, against runs where nothing grows.

const GIB = 2 ** 30;
/** Elements: with its moments, and so on, 0.7 GB. Two of them come. */
const GIANT = 35_000_000;
const steps = Number(process.argv[2] ?? 1000);

const resident = () => `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`;
const refuse = (why: string): never => {
  throw new Error(why);
};

/** Returns how many allocations were refused. */
async function refuseAll(): Promise<number> {
  let refused = 0;
  for (const each of MEMORY_CASES) {
    const count = await refuseEach(each);
    console.log(`${each.title}: each of ${count} allocations refused, nothing changed, then done`);
    if (count === 0) refuse("nothing was refused");
    refused += count;
  }
  return refused;
}

/** Makes optimizers until the engine refuses one; it goes on once they are disposed of. */
function exhaust(): number {
  const held: AdamW[] = [];
  const make = () => new AdamW({ w: { shape: [9] } });
  const first = make();
  first.step({ w: new Float32Array(9).fill(0.5) });
  const digest = first.digest();
  let error: unknown = null;
  while (error === null && held.length < 100_000) {
    try {
      held.push(make());
    } catch (cause) {
      error = cause;
    }
  }
  if (!(error instanceof OutOfMemoryError)) refuse(`got ${error}`);
  if (first.digest() !== digest) refuse("one that there was has changed");
  if (!first.step().applied) refuse("one that there was does not step");
  for (const optimizer of held) optimizer.dispose();
  // They are still held, their memory is not.
  const again = Array.from({ length: 100 }, make);
  for (const optimizer of again) if (!optimizer.step().applied) refuse("no step");
  console.log(`the engine had ${held.length} memories: ${(error as Error).message}`);
  return held.length;
}

const refused = await refuseAll();
const memories = exhaust();

const still = trainInHeap(steps, 0);
const heap = trainInHeap(steps, 1.1 * GIB);
const { between, within } = heap;
console.log(
  `a heap of ${heap.bytes} bytes grew ${between} times between and ${within} within steps`,
);
if (heap.digest !== still.digest) refuse("a heap that grew has other bits");
if (heap.bytes <= GIB || within === 0) refuse("it did not grow enough");

const whole = await trainGrowing(steps, GIANT, true);
const grown = await trainGrowing(steps, GIANT, false);
console.log(
  `parameters of ${grown.bytes} bytes: added ${grown.between} times between and ${grown.within} ` +
    `within steps, ${resident()}`,
);
if (grown.digest !== whole.digest) refuse("parameters that came later have other bits");
if (grown.bytes <= GIB) refuse("they did not grow enough");

promised(
  "P18",
  `${refused} allocations of ${MEMORY_CASES.length} calls refused in turn, and ${memories} memories made until the engine had none`,
  "OUT_OF_MEMORY with bytes asked and had, no byte of state changed, each call done when tried again",
);
promised(
  "P16",
  `${steps} steps: a heap grown ${between + within} times to ${heap.bytes} bytes, parameters added ${grown.between + grown.within} times to ${grown.bytes} bytes`,
  "the digests of the runs that did not grow",
);
