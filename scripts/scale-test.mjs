// Trains on 1, 2, 3 and 4 ranks, on every engine that joins ranks: `npm run test:scale`.
//
//   node scripts/scale-test.mjs [--only threads,mpi,nats,"nats + page"] [--require ...] [--steps N]
//        [--without matrix,kills,example] [--write-docs]
//
// Open MPI and nats-server are installed by apt-get where they are absent and this may be done; what is
// absent then is counted as not run. Each run's digest must be that of one process; then a rank is
// killed, all others must say so and stand where they should, and the run goes on from its checkpoint.
// Exit code 1 where anything fails, is required and absent, or nothing was run.
//
// --only        these engines
// --require     engines whose absence is an error
// --steps       of each run (default 200; more than 121)
// --without     leaves out a part
// --write-docs  writes docs/scale-test.md

import { parseArgs } from "node:util";
import { runAlone } from "./scale-test/alone.mjs";
import { checkCosts, costCells, HEAD } from "./scale-test/costs.mjs";
import { writeDocument } from "./scale-test/document.mjs";
import { NAMES, openEngines } from "./scale-test/engines.mjs";
import { runExample } from "./scale-test/example.mjs";
import { runKills } from "./scale-test/kills.mjs";
import { runMatrix } from "./scale-test/matrix.mjs";
import { line, Tally } from "./scale-test/tally.mjs";

const PARTS = ["matrix", "kills", "example"];
const EXAMPLE_STEPS = "60";
const LEAST_STEPS = 122;

function readFlags() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: NAMES.join(",") },
      require: { type: "string", default: "" },
      steps: { type: "string", default: "200" },
      without: { type: "string", default: "" },
      "write-docs": { type: "boolean", default: false },
    },
  });
  /** @param {"only" | "require" | "without"} flag @param {readonly string[]} allowed */
  const listOf = (flag, allowed) => {
    const given = values[flag].split(",").filter((name) => name !== "");
    const wrong = given.find((name) => !allowed.includes(name));
    if (wrong === undefined) return given;
    throw new RangeError(`--${flag}: expected some of ${allowed.join(", ")}, got ${wrong}`);
  };
  const steps = Number(values.steps);
  if (!Number.isInteger(steps) || steps < LEAST_STEPS) {
    throw new RangeError(`--steps: expected at least ${LEAST_STEPS}, got ${values.steps}`);
  }
  const writes = values["write-docs"];
  const without = listOf("without", PARTS);
  if (writes && without.length > 0) {
    throw new RangeError("--write-docs: expected all parts, got --without");
  }
  return {
    only: listOf("only", NAMES),
    required: listOf("require", NAMES),
    steps,
    without,
    writes,
  };
}

async function main() {
  const { only, required, steps, without, writes } = readFlags();
  const tally = new Tally();
  const { engines, missing, close } = await openEngines(only);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    // No server and no browser stays behind.
    process.once(signal, () => close().finally(() => process.exit(1)));
  }
  try {
    for (const { name, missing: reason } of missing) {
      if (required.includes(name)) tally.failed(name, reason);
      else tally.notRun(name, reason);
    }
    const expected = await runAlone(steps);
    console.log(`one process: ${expected.exact}`);
    const has = (/** @type {string} */ part) => !without.includes(part);
    const rows = has("matrix") ? await runMatrix(engines, expected, steps, tally) : [];
    checkCosts(rows, expected.elements, tally);
    printCosts(rows, expected.elements);
    const losses = has("kills") ? await runKills(engines, steps, expected.exact, tally) : [];
    if (has("example")) await runExample(engines, EXAMPLE_STEPS, tally);
    if (writes) writeDocument({ steps, expected, rows, losses, tally: `${tally}` });
    if (rows.length > 0) console.log(`\nthe one digest: ${expected.exact}`);
  } finally {
    await close();
  }
  console.log(`\n${tally}`);
  if (tally.counts.failed > 0 || tally.counts.passed === 0) process.exitCode = 1;
}

/** @param {readonly import("./scale-test/matrix.mjs").Row[]} rows @param {number} elements */
function printCosts(rows, elements) {
  if (rows.length === 0) return;
  console.log(`\nBytes of a rank, mean of all, beside theory; P = ${elements} elements\n`);
  const cells = [HEAD, ...costCells(rows, elements)];
  const widths = HEAD.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  for (const row of cells) console.log(line(row, widths));
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
