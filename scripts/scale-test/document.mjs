// docs/scale-test.md: what a run has seen.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../web/vite-options.mjs";
import { costCells, HEAD } from "./costs.mjs";

/**
 * @param {object} seen
 * @param {number} seen.steps
 * @param {import("./alone.mjs").Expected} seen.expected
 * @param {readonly import("./matrix.mjs").Row[]} seen.rows
 * @param {readonly import("./kills.mjs").Loss[]} seen.losses
 * @param {string} seen.tally
 */
export function writeDocument({ steps, expected, rows, losses, tally }) {
  const { exact, rounded, elements } = expected;
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const table = (/** @type {string[]} */ head, /** @type {string[][]} */ cells) =>
    [row(head), row(head.map(() => "---")), ...cells.map(row)].join("\n");
  const text = `# What \`npm run test:scale\` has seen

Written by \`npm run test:scale -- --write-docs\`: ${tally}. P = ${elements.toLocaleString("en-US")} float32 elements, ${steps} steps.

## Digests

Where sums of gradients are exact, whatever their order, any number of ranks on any engine comes to the digest of one process:
\`${exact}\`.

Where each sum is rounded, N ranks come to the digest of one process that adds N micro-batches in the order of the ranks:

${table(
  ["N", "digest of all ranks, and of one process"],
  Object.entries(rounded).map(([size, digest]) => [size, `\`${digest}\``]),
)}

## Memory and bytes of a rank

Means over the ranks, in bytes; beside each the theory. A shard's memory holds masters, two moments and sums of gradients, and about
0.3 MiB that the core takes whatever the size; memories grow by pages of 64 KiB. Sent: of the ranges that others need; the engine's
own count (NATS) has headers, acknowledgements and signs of life too, and what goes to all others is sent to the server once: 4 P =
${(4 * elements).toLocaleString("en-US")} and these.

${table(HEAD, costCells(rows, elements))}

## A rank is killed

One of three ranks ends by SIGKILL (a thread: by its end) in the middle of step 121. Both others get the same error and stand at the same
step, with the weights of one process at that step. Ranks go on from the checkpoint of step 100, three of them or two, and come to the
digest above.

${table(
  ["engine", "what travelled", "steps of the others", "what they say"],
  losses.map(({ engine, place, steps: done, message }) => [engine, place, `${done}`, message]),
)}
`;
  writeFileSync(join(ROOT, "docs/scale-test.md"), text);
}
