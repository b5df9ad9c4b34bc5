// The layers of the house and the arrows between them: the table that check-imports.mjs enforces.

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {RegExp} files
 * @property {string[]} may     layers that it may import, besides itself
 * @property {string[]} [types] layers of which it may import types (`import type`)
 */

const PURE = ["errors", "validate", "numbers"];
const BELOW_OPTIMIZERS = [
  ...PURE,
  "schedules",
  "parameters",
  "gradients",
  "core",
  "digest",
  "state",
];
const SRC = [...BELOW_OPTIMIZERS, "optimizers", "metrics", "ledger", "collectives", "sharded"];

const USERS = [...SRC, "index", "bin", "adapters", "layout", "examples"];

/** Lowest first; a file belongs to the first layer that fits. @type {Layer[]} */
export const LAYERS = [
  { name: "layout", files: /^assembly\/layout\.ts$/, may: [] },
  { name: "assembly", files: /^assembly\//, may: ["layout"] },
  { name: "errors", files: /^src\/errors\.ts$/, may: [] },
  { name: "validate", files: /^src\/validate\.ts$/, may: ["errors"] },
  { name: "numbers", files: /^src\/numbers\//, may: ["errors"] },
  // Pure functions of plain values. What a parameter is, all may know: types only.
  { name: "parameters", files: /^src\/parameters\//, may: PURE },
  { name: "schedules", files: /^src\/schedules\//, may: PURE, types: ["parameters"] },
  {
    name: "gradients",
    files: /^src\/gradients\//,
    // Constants: its sums go block by block as the core's do.
    may: [...PURE, "layout"],
    types: ["parameters"],
  },
  {
    name: "core",
    files: /^src\/core\//,
    may: [...PURE, "schedules", "parameters", "gradients", "layout"],
  },
  // digest(), save() and load() are methods of optimizers, so that state/ lies below them. It takes
  // plain descriptions and bytes, and knows nothing of what they are the state of.
  { name: "digest", files: /^src\/state\/digest\.ts$/, may: ["errors"] },
  { name: "state", files: /^src\/state\//, may: ["errors", "validate", "parameters"] },
  { name: "optimizers", files: /^src\/optimizers\//, may: BELOW_OPTIMIZERS },
  { name: "metrics", files: /^src\/metrics\.ts$/, may: [...BELOW_OPTIMIZERS, "optimizers"] },
  // Records of runs: they watch optimizers, which know nothing of them.
  { name: "ledger", files: /^src\/ledger\//, may: [...BELOW_OPTIMIZERS, "optimizers"] },
  // What ranks do together: bytes alone, of no optimizer.
  { name: "collectives", files: /^src\/collectives\//, may: PURE },
  // Optimizers of which each rank holds a shard.
  {
    name: "sharded",
    files: /^src\/sharded\//,
    may: [...BELOW_OPTIMIZERS, "optimizers", "collectives", "layout"],
  },
  { name: "index", files: /^src\/index(\.workerd)?\.ts$/, may: SRC },
  { name: "bin", files: /^src\/bin\//, may: [...SRC, "index"] },
  { name: "adapters", files: /^src\/adapters\//, may: [...SRC, "index", "layout"] },
  // As the users do: by the package's own name only, and no folder leans on another.
  { name: "examples", files: /^examples\//, may: [] },
  // Pure functions of figures; the other files of bench/ measure, and tests have no use for them.
  { name: "bench report", files: /^bench\/report\//, may: [] },
  // The plain rival that benchmarks run against is the example's, and tests look at all of it.
  { name: "bench", files: /^bench\//, may: [...USERS, "bench report"] },
  { name: "tests", files: /^tests\//, may: [...USERS, "bench report"] },
];

export const ROOTS = ["assembly", "src", "examples", "bench", "tests"];
/** Layers that may import the package by its own name. */
export const SELF_USERS = ["examples", "bench", "tests"];

/** Math that is exact or correctly rounded by specification, and so the same in every engine. */
export const EXACT_MATH = new Set(
  `abs ceil clz32 floor fround imul max min round sign sqrt trunc
  E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2`.split(/\s+/),
);
/** Names of the same functions in JavaScript and AssemblyScript. */
export const MATHS = new Set(["Math", "Mathf", "NativeMath", "NativeMathf", "JSMath"]);
export const MATH_ROOTS = /^(src|assembly|examples)\//;

/** What all examples share: no example itself. */
export const COMMON = "examples/common";
/** Examples that show others in another place. @type {Record<string, string[]>} */
export const BUILT_ON = {
  "examples/browser": ["examples/language-detector"],
  // Its page fetches the files that the other page does.
  "examples/data-parallel": ["examples/language-detector", "examples/browser"],
};
