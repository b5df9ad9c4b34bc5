import { GOODS, runDamage, runTruncations } from "../reference/damage-run.ts";
import { promised } from "./promised.ts";

// Judges damaged checkpoints: node dist/tests/full/damage.js [count] [seed]
//
// Prints how many were refused for which reason. Exit code 1 if any crashed, took long or loaded as
// another than it was.

const count = wholeNumber(process.argv[2] ?? "100000", "count");
const seed = wholeNumber(process.argv[3] ?? "461845907", "seed");

function wholeNumber(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(`"${what}" of damage: expected a whole number from 1 to 999999999, got ${text}`);
  process.exit(2);
}

const start = performance.now();
let failed = 0;
let files = 0;
const runs = [...GOODS.map((good) => () => runTruncations(good)), () => runDamage(count, seed)];
for (const run of runs) {
  const { mutants, outcomes, kinds, failures } = await run();
  console.log(`${mutants} files, ${kinds.size} kinds of damage`);
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(times).padStart(9)}  ${outcome}`);
  }
  for (const failure of failures.slice(0, 20)) console.error(failure);
  failed += failures.length;
  files += mutants;
}
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(`${failed} failures, ${seconds} s, seed ${seed}`);
if (failed > 0) process.exitCode = 1;
else {
  const cases = `${files.toLocaleString("en")} damaged files, every truncation of ${GOODS.length} files among them`;
  promised("P13", cases, "each refused or as it was saved; 0 crashes, 0 slower than 50 ms");
}
