// Where things lie, and who does what: slabs, chunks, runs of rows.

/** @typedef {import("./mutant.mjs").Mutant} Mutant */

const PLAN = "src/core/plan.ts";
const LAYOUT = "src/core/slab-layout.ts";
const CHUNKS = "src/core/threads/chunks.ts";
const ROW_RUNS = "src/core/row-runs.ts";

/** @type {readonly Mutant[]} */
export const PLANNER_MUTANTS = [
  {
    id: "slab-bytes-exceeded",
    what: "a slab may be a page larger than it should",
    file: PLAN,
    find: "layoutSlab(extended(shape, length)).bytes <= slabBytes",
    replace: "layoutSlab(extended(shape, length)).bytes <= slabBytes + 65_536",
    tests: ["plan.test.js", "properties-layout.test.js"],
  },
  {
    id: "slab-bytes-less",
    what: "a parameter that fills a slab exactly gets no room in it",
    file: PLAN,
    find: "layoutSlab(extended(shape, length)).bytes <= slabBytes",
    replace: "layoutSlab(extended(shape, length)).bytes < slabBytes",
    tests: ["plan.test.js"],
  },
  {
    id: "cut-within-a-block",
    what: "a parameter is cut anywhere, and not at a multiple of a block",
    file: PLAN,
    find: "left > room ? room - (room % BLOCK_LENGTH) : left",
    replace: "left > room ? room : left",
    tests: ["plan.test.js"],
  },
  {
    id: "segments-touch",
    what: "segments begin anywhere, and vectors of two overlap",
    file: PLAN,
    find: "  return Math.ceil(length / alignment) * alignment;",
    replace: "  return Math.ceil(length / alignment) * alignment - (length % 16 === 1 ? 15 : 0);",
    tests: ["plan.test.js"],
  },
  {
    id: "blocks-one-less",
    what: "the last part of a block has no place for its sum",
    file: PLAN,
    find: "export const blocksOf = (length: number) => Math.ceil(length / BLOCK_LENGTH);",
    replace:
      "export const blocksOf = (length: number) => Math.max(1, Math.floor(length / BLOCK_LENGTH));",
    tests: ["plan.test.js"],
  },
  {
    id: "amsgrad-mixed",
    what: "parameters with and without amsgrad share a slab",
    file: PLAN,
    find: "      const slab = open.get(parameter.amsgrad);",
    replace: "      const slab = open.get(parameter.amsgrad) ?? slabs.at(-1);",
    tests: ["plan.test.js", "adamw.test.js"],
  },
  {
    id: "segment-of-the-first-element",
    what: "the second part of a parameter that was cut begins with its first element",
    file: PLAN,
    find: "      append(begin(parameter.amsgrad), index, first, length);",
    replace: "      append(begin(parameter.amsgrad), index, 0, length);",
    tests: ["plan.test.js"],
  },
  {
    id: "planes-too-near",
    what: "planes lie at distances that evict each other from the cache",
    file: LAYOUT,
    find: "while (!starts.every((other) => wellApart(start - other))) start += LINE_BYTES;",
    replace:
      "while (starts.length > 5 && !starts.every((other) => wellApart(start - other))) start += LINE_BYTES;",
    tests: ["plan.test.js"],
  },
  {
    id: "table-too-short",
    what: "the block sums lie over the last record of the segment table",
    file: LAYOUT,
    find: "roundUp(tablePtr + shape.segments * SEG_BYTES, LINE_BYTES)",
    replace: "roundUp(tablePtr + (shape.segments - 1) * SEG_BYTES, LINE_BYTES)",
    tests: ["plan.test.js", "adamw.test.js"],
  },
  {
    id: "scratch-of-one-thread",
    what: "all threads have the same scratch memory",
    file: LAYOUT,
    find: "roundUp(scratchPtr + shape.threads * SCRATCH_BYTES, LINE_BYTES)",
    replace: "roundUp(scratchPtr + SCRATCH_BYTES, LINE_BYTES)",
    tests: ["threads.test.js", "plan.test.js"],
  },
  {
    id: "sums-of-half-size",
    what: "a block sum has room for four bytes",
    file: LAYOUT,
    find: "roundUp(sumsPtr + shape.blocks * 8, LINE_BYTES)",
    replace: "roundUp(sumsPtr + shape.blocks * 4, LINE_BYTES)",
    tests: ["plan.test.js", "metrics.test.js", "clip-step.test.js"],
  },
  {
    id: "chunks-too-many",
    what: "there is less room for chunks than they can be",
    file: CHUNKS,
    find: "return Math.floor(elements / LONGEST_CHUNK) + CHUNKS_WANTED + 2;",
    replace: "return Math.floor(elements / LONGEST_CHUNK) + CHUNKS_WANTED - 4;",
    tests: ["chunks.test.js"],
  },
  {
    id: "last-chunk-lost",
    what: "the elements after the last full chunk belong to none",
    file: CHUNKS,
    find: "  if (open.length > 0) chunks.push(open);",
    replace: "  if (filled >= size) chunks.push(open);",
    tests: ["chunks.test.js"],
  },
  {
    id: "chunk-cuts-blocks",
    what: "chunks end within reduction blocks",
    file: CHUNKS,
    find: "Math.ceil(elements / CHUNKS_WANTED / BLOCK_LENGTH) * BLOCK_LENGTH",
    replace: "Math.ceil(elements / CHUNKS_WANTED / 16) * 16",
    tests: ["chunks.test.js"],
  },
  {
    id: "run-over-a-block",
    what: "runs of rows go on over the end of a block",
    file: ROW_RUNS,
    find: "Math.min(to - from, BLOCK_LENGTH - (first % BLOCK_LENGTH))",
    replace: "to - from",
    tests: ["sparse-step.test.js"],
  },
  {
    id: "runs-too-many",
    what: "the table of runs is written beyond its end",
    file: ROW_RUNS,
    find: "opened !== block && count >= RUNS_AT_ONCE / 2",
    replace: "opened !== block && count >= RUNS_AT_ONCE * 2",
    tests: ["sparse-step.test.js"],
  },
  {
    id: "row-over-two-slabs",
    what: "a row that lies in two slabs is stepped from its first element in both",
    file: ROW_RUNS,
    find: "let from = Math.max(row * rowLength, segment.first);",
    replace: "let from = Math.max(row * rowLength, segment.first - (row % 2));",
    tests: ["sparse-step.test.js"],
  },
];
