// Many ranks: who owns what, what is summed in which order, what is exchanged, and when something is
// written.

/** @typedef {import("./mutant.mjs").Mutant} Mutant */

const PLAN = "src/sharded/shard-plan.ts";
const SHARD = "src/sharded/shard.ts";
const STEP = "src/sharded/run-step.ts";
const STEPPER = "src/sharded/stepper.ts";
const HEADER = "src/sharded/step-header.ts";
const GRADIENTS = "src/sharded/local-gradients.ts";
const FILES = "src/sharded/checkpoint";
const SUM = "src/collectives/messages/ordered-sum.ts";

/** @type {readonly Mutant[]} */
export const SHARDED_MUTANTS = [
  {
    id: "shard-cut-within-a-block",
    what: "a shard ends anywhere, and cuts a block of a sum",
    file: PLAN,
    find: "Math.min(length, Math.ceil(element / BLOCK_LENGTH) * BLOCK_LENGTH)",
    replace: "Math.min(length, Math.ceil(element))",
    tests: ["shard-plan.test.js"],
  },
  {
    id: "shard-ends-where-it-begins",
    what: "a shard ends where it ought to begin: the first rank has nothing, the last one twice its share",
    file: PLAN,
    find: "((rank + 1) * total) / ranks",
    replace: "(rank * total) / ranks",
    tests: ["shard-plan.test.js"],
  },
  {
    id: "slice-of-two-memories",
    what: "a slice goes on in the next memory",
    file: PLAN,
    find: "slice?.memory === memory ?",
    replace: "slice !== undefined ?",
    tests: ["shard-plan.test.js"],
  },
  {
    id: "absent-adds-zero",
    what: "a rank without a gradient adds +0, and a -0 of the others is lost",
    file: GRADIENTS,
    find: "const NOTHING = -0;",
    replace: "const NOTHING = 0;",
    tests: ["sharded.test.js"],
  },
  {
    id: "absent-adds-its-last",
    what: "a rank without a gradient adds what lies there from the step before",
    file: GRADIENTS,
    find: "if (together[entry.index] && !present[entry.index]) this.#view(entry).fill(NOTHING);",
    replace: "if (!together[entry.index] && present[entry.index]) this.#view(entry).fill(NOTHING);",
    tests: ["sharded.test.js"],
  },
  {
    id: "sum-as-it-comes",
    what: "a rank adds its own gradient first, and not at its place in the order",
    file: SUM,
    find: "if (this.#turn === this.#rank) this.#addOwn();",
    replace: "if (this.#turn === 0) this.#addOwn();",
    tests: ["collectives-local.test.js"],
  },
  {
    id: "sum-begins-at-zero",
    what: "the first of a sum is added to zeros, and -0 becomes +0",
    file: SUM,
    find: "if (this.#turn === 0) target.set(values);",
    replace: "if (this.#turn < 0) target.set(values);",
    tests: ["collectives-local.test.js"],
  },
  {
    id: "mean-of-ranks",
    what: "the mean is over ranks, and not over their micro-batches",
    file: STEPPER,
    find: "const divisor = sharding.average ? agreement.microBatches : 1;",
    replace: "const divisor = sharding.average ? shard.collective.size : 1;",
    tests: ["sharded.test.js"],
  },
  {
    id: "one-staging",
    what: "a bucket arrives where the one before is still read",
    file: SHARD,
    find: "this.#staging[index % 2]",
    replace: "this.#staging[0]",
    tests: ["sharded.test.js"],
  },
  {
    id: "norm-of-the-shard",
    what: "each rank clips by the norm of its own shard",
    file: STEP,
    find: "fillScalars(context, report, shard.squares ?? slabs, left);",
    replace: "fillScalars(context, report, slabs, left);",
    tests: ["sharded.test.js"],
  },
  {
    id: "old-squares",
    what: "sums of squares are exchanged before gradients are unscaled for a pass",
    file: STEP,
    find: "  const left = passes ? passOver(context, scale, scratch) : scale;\n  await shard.exchangeSquares();",
    replace:
      "  await shard.exchangeSquares();\n  const left = passes ? passOver(context, scale, scratch) : scale;",
    tests: ["sharded.test.js"],
  },
  {
    id: "no-barrier",
    what: "a rank writes before all have what they need",
    file: STEP,
    find: "  await collective.barrier();\n",
    replace: "",
    tests: ["sharded-errors.test.js"],
  },
  {
    id: "own-bad-gradient",
    what: "only the rank that has a bad gradient refuses the step",
    file: "src/sharded/bad-gradients.ts",
    find: "if (found === 0) continue;",
    replace: "if (found === 0 || own === null) continue;",
    tests: ["sharded-errors.test.js"],
  },
  {
    id: "rates-not-compared",
    what: "ranks whose rates differ go on",
    file: HEADER,
    find: "    ...agreed.map(([what], i): [string, number] => [what, FIXED + i]),\n",
    replace: "",
    tests: ["sharded-errors.test.js"],
  },
  {
    id: "refusal-unheard",
    what: "a rank's refusal of its gradients does not stop the others",
    file: HEADER,
    find: "headers.findIndex((header) => header[1] === 1)",
    replace: "headers.findIndex((header) => header[1] === 2)",
    tests: ["sharded-errors.test.js"],
  },
  {
    id: "weights-not-copied",
    what: "a rank gives the others its old weights",
    file: SHARD,
    find: "      this.#copyWeights(bucket);\n",
    replace: "",
    tests: ["sharded.test.js"],
  },
  {
    id: "lost-rank-undone",
    what: "a step that was applied when a rank was lost does not count",
    file: STEP,
    find: "  finishStep(context, report);\n  applied();\n  if (failure !== null) throw failure;",
    replace: "  if (failure !== null) throw failure;\n  finishStep(context, report);\n  applied();",
    tests: ["sharded-errors.test.js"],
  },
  {
    id: "shards-of-two-saves",
    what: "a shard is not compared with what the index says of it",
    file: `${FILES}/open-files.ts`,
    find: "if (header !== shard.header) {",
    replace: "if (header.length !== shard.header.length) {",
    tests: ["sharded-checkpoint-errors.test.js"],
  },
  {
    id: "shard-names-of-the-step",
    what: "another save of the same step takes the names of the shards before",
    file: `${FILES}/file-names.ts`,
    find: "digest.slice(0, DIGEST_DIGITS)",
    replace: 'digest.slice(0, 0).padEnd(DIGEST_DIGITS, "0")',
    tests: ["sharded-checkpoint-files.test.js"],
  },
  {
    id: "shard-run-begins-at-0",
    what: "a shard's run is read as if it began its parameter",
    file: "src/optimizers/checkpoint/fill.ts",
    find: "(part.segment.first - first)",
    replace: "(part.segment.first - 0 * first)",
    tests: ["sharded-checkpoint-ranks.test.js"],
  },
  {
    id: "shards-needed",
    what: "a shard is passed over that begins before this rank's run",
    file: `${FILES}/fill-shards.ts`,
    find: "first < of.first + of.length && of.first < first + length",
    replace: "first < of.first + of.length && of.first <= first",
    tests: ["sharded-checkpoint-ranks.test.js"],
  },
  {
    id: "shard-file-anywhere",
    what: "an index may name any file",
    file: `${FILES}/saved-shards.ts`,
    find: 'typeof value === "string" && isShardFile(value)',
    replace: 'typeof value === "string" && (isShardFile(value) || value !== "")',
    tests: ["sharded-checkpoint-errors.test.js"],
  },
  {
    id: "shards-with-gaps",
    what: "an index whose shards lack elements is taken",
    file: `${FILES}/saved-shards.ts`,
    find: "if (taken.get(name) === length) continue;",
    replace: "if ((taken.get(name) ?? 0) <= length) continue;",
    tests: ["sharded-checkpoint-errors.test.js"],
  },
  {
    id: "shards-without-sums",
    what: "a save forgets micro-batches that no step has taken",
    file: `${FILES}/save-shards.ts`,
    find: "if (microBatches === 0) return;",
    replace: "if (microBatches >= 0) return;",
    tests: ["sharded-checkpoint-errors.test.js"],
  },
];
