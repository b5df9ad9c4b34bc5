import { AdamW } from "../../src/index.ts";
import { givenAgain, runTicks, TICKS } from "../reference/checkpoint-run.ts";

// Goes on from a checkpoint: ENGINE dist/tests/engines/resume.js FILE TICK. Prints the digest at the
// end of the run. scripts/resume.mjs compares it with that of a run which was never stopped.

const [file, tick] = process.argv.slice(2);
const optimizer = await AdamW.load(file, givenAgain());
runTicks(optimizer, Number(tick), TICKS);
console.log(optimizer.digest());
optimizer.dispose();
