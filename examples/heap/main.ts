import { LANGUAGES } from "./files.ts";
import { digestOf, evaluate, prepare, type Run, STEPS } from "./train.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
/** Of the middle: other programs on the machine disturb it least. */
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

function printAccuracy(before: [number, number][], after: [number, number][]): void {
  console.log("\nFiles of packages that it never saw, named rightly");
  console.log("  language          files   before    after");
  const row = (name: string, files: number, ...shares: number[]) =>
    console.log(
      `  ${name.padEnd(16)} ${`${files}`.padStart(6)} ${shares
        .map((share) => percent(share).padStart(8))
        .join(" ")}`,
    );
  LANGUAGES.forEach((name, i) => {
    row(name, before[i][1], before[i][0] / before[i][1], after[i][0] / after[i][1]);
  });
  const right = [before, after].map((counts) => sum(counts.map(([count]) => count)));
  const files = sum(before.map(([, total]) => total));
  row("all", files, ...right.map((count) => count / files));
}

/** Milliseconds of each step. */
function trainAndTime({ network, optimizer, train }: Run) {
  const gradients: number[] = [];
  const steps: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const start = performance.now();
    const loss = network.backward(train);
    const middle = performance.now();
    optimizer.step();
    gradients.push(middle - start);
    steps.push(performance.now() - middle);
    if (step === 1 || step % 50 === 0) console.log(`  step ${step}`.padEnd(12), loss.toFixed(4));
  }
  return { gradients: median(gradients), step: median(steps) };
}

const run = await prepare();
const weights = sum(run.network.parameters.map(({ length }) => length));
const heapBytes = run.kernels.memory.buffer.byteLength;
console.log(`A framework's network learns ${LANGUAGES.join(", ")}\n`);
console.log(`  ${run.train.rows} files, ${weights} weights, a heap of ${heapBytes / 65_536} pages`);
console.log("\nLoss");
const before = evaluate(run, run.test);
const times = trainAndTime(run);
printAccuracy(before, evaluate(run, run.test));

console.log(`
Time of a step, median of ${STEPS}
  gradients, the framework   ${times.gradients.toFixed(3)} ms
  optimizer, ashlar/core     ${times.step.toFixed(3)} ms
  copied between the two     0 bytes
  the heap has grown by      ${run.kernels.memory.buffer.byteLength - heapBytes} bytes

digest   ${digestOf(run)}`);
