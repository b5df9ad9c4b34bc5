import { readdirSync } from "node:fs";
import { describeCase, dyingCase, type Outcome, runDyingCase } from "../reference/dying-workers.ts";
import { FaultyTeam } from "../reference/faulty-team.ts";
import { PLACES, runIn } from "../reference/without-threads.ts";
import { promised } from "./promised.ts";

// Lets workers die in the middle of a run: node dist/tests/full/dying-workers.js [count] [seed]
//
// They are killed, throw, trap, end themselves, spin or sleep for ever. Exit code 1 if a step takes two
// seconds or more to say so, if a run does not come to the bits of a straight one, or if workers stay.
// Then it asks for threads where there are none.

function wholeNumber(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  console.error(
    `"${what}" of dying-workers: expected a whole number from 1 to 999999999, got ${text}`,
  );
  process.exit(2);
}

const count = wholeNumber(process.argv[2] ?? "100", "count");
const seed = wholeNumber(process.argv[3] ?? "20240817", "seed");

const begin = performance.now();
const team = new FaultyTeam();
const ends: Record<Outcome["end"], number> = { poisoned: 0, kept: 0, done: 0 };
let slowest = 0;
let failed = 0;
// The first round makes what the process keeps.
let threadsBefore = Number.NaN;
const threadsNow = () =>
  process.platform === "linux" ? readdirSync("/proc/self/task").length : Number.NaN;

for (let index = 0; index < count; index++) {
  const dying = dyingCase(seed, index);
  const what = `${String(index).padStart(3)}  ${describeCase(dying)}`;
  try {
    const { end, ms } = await runDyingCase(dying, team);
    ends[end]++;
    slowest = Math.max(slowest, ms);
    console.log(`${what}: ${end}${end === "done" ? "" : ` in ${ms.toFixed(0)} ms`}`);
  } catch (error) {
    failed++;
    console.error(`${what}: ${(error as Error).message}`);
  }
  if (index === 5) {
    await team.orphans();
    threadsBefore = threadsNow();
  }
}
const orphans = await team.orphans();
const threadsAfter = threadsNow();
const { poisoned, kept, done } = ends;
console.log(
  `${count} runs, ${team.started} workers: ${poisoned} poisoned, ${kept} kept, ${done} done; ` +
    `slowest error ${slowest.toFixed(0)} ms; ${orphans} orphans; threads of the process ` +
    `${threadsBefore} before, ${threadsAfter} after`,
);
for (const place of PLACES) {
  try {
    await runIn(place);
    console.log(`place: ${place.name}`);
  } catch (error) {
    failed++;
    console.error(`place: ${place.name}: ${(error as Error).message}`);
  }
}
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
console.log(`${failed} failures, ${seconds} s, seed ${seed}`);
if (failed > 0 || orphans > 0 || threadsAfter > threadsBefore) process.exitCode = 1;
else {
  promised(
    "P19",
    `${count} faults in workers: killed, ended, thrown, trapped, spinning, asleep; 2 and 3 threads; sync and async`,
    `${poisoned} POISONED, ${kept} WORKER with the state as it was, ${done} steps done all the same; ` +
      `slowest error ${(slowest / 1000).toFixed(2)} s; every run came to the digest of the straight ` +
      `one; 0 hangs, 0 of ${team.started} workers left`,
  );
  promised(
    "P20",
    `${PLACES.length} places with and without shared memory, isolation, workers and cores, or where starting ` +
      'one is refused or fails; threads "auto", 1 and 4 in each',
    "one digest wherever there are steps; every refusal with its whole message; 0 workers left",
  );
}
