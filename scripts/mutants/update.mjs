// The update of one element, and the walk over a segment.

/** @typedef {import("./mutant.mjs").Mutant} Mutant */

const UPDATE = "assembly/update.ts";
const SEGMENT = "assembly/segment.ts";
const SIMD = ["adamw.test.js", "kernel.test.js"];
const SCALAR = ["without-simd/checksums.test.js", "without-simd/kernel.test.js"];

/** @type {readonly Mutant[]} */
export const UPDATE_MUTANTS = [
  {
    id: "betas-swapped",
    what: "the first moment decays by beta2",
    file: UPDATE,
    find: "let m = f32x4.add(f32x4.mul(v128.load(expAvg), beta1), f32x4.mul(g, oneMinusBeta1));",
    replace: "let m = f32x4.add(f32x4.mul(v128.load(expAvg), beta2), f32x4.mul(g, oneMinusBeta2));",
    tests: SIMD,
  },
  {
    id: "eps-inside-the-root",
    what: "eps is added below the root",
    file: UPDATE,
    find: "f32x4.add(f32x4.sqrt(v), epsHat)",
    replace: "f32x4.sqrt(f32x4.add(v, epsHat))",
    tests: SIMD,
  },
  {
    id: "decay-after-update",
    what: "the decay is taken of the weight that has moved",
    file: UPDATE,
    find: "v128.store(param, f32x4.sub(p, f32x4.add(f32x4.mul(p, decay), step)));",
    replace:
      "const moved = f32x4.sub(p, step); v128.store(param, f32x4.sub(moved, f32x4.mul(moved, decay)));",
    tests: SIMD,
  },
  {
    id: "decay-times-step",
    what: "decay and step are added to each other in another order of roundings",
    file: UPDATE,
    find: "v128.store(param, f32x4.sub(p, f32x4.add(f32x4.mul(p, decay), step)));",
    replace: "v128.store(param, f32x4.sub(f32x4.sub(p, f32x4.mul(p, decay)), step));",
    tests: SIMD,
  },
  {
    id: "decay-coupled",
    what: "the weight decay is part of the gradient, as in Adam with L2",
    file: UPDATE,
    find: "  if (scaled) g = f32x4.mul(g, gradScale);",
    replace:
      "  g = f32x4.add(g, f32x4.mul(v128.load(param), decay)); if (scaled) g = f32x4.mul(g, gradScale);",
    tests: SIMD,
  },
  {
    id: "square-before-factor",
    what: "g * g is rounded before it is multiplied by 1 - beta2",
    file: UPDATE,
    find: "f32x4.mul(f32x4.mul(g, oneMinusBeta2), g)",
    replace: "f32x4.mul(f32x4.mul(g, g), oneMinusBeta2)",
    tests: SIMD,
  },
  {
    id: "moment-not-saved",
    what: "the first moment is used, and not kept for the next step",
    file: UPDATE,
    find: "  v128.store(expAvg, m);\n",
    replace: "",
    tests: SIMD,
  },
  {
    id: "amsgrad-min",
    what: "amsgrad keeps the smaller second moment",
    file: UPDATE,
    find: "v = f32x4.pmax(v, before);",
    replace: "v = f32x4.pmin(v, before);",
    tests: SIMD,
  },
  {
    id: "amsgrad-not-saved",
    what: "the maximum of amsgrad is that of two steps",
    file: UPDATE,
    find: "    v = f32x4.pmax(v, before);\n    v128.store(maxExpAvgSq, v);",
    replace: "    v128.store(maxExpAvgSq, v);\n    v = f32x4.pmax(v, before);",
    tests: SIMD,
  },
  {
    id: "step-size-after-division",
    what: "m is divided first and multiplied by the step size then",
    file: UPDATE,
    find: "f32x4.div(f32x4.mul(m, stepSize), f32x4.add(f32x4.sqrt(v), epsHat))",
    replace: "f32x4.mul(f32x4.div(m, f32x4.add(f32x4.sqrt(v), epsHat)), stepSize)",
    tests: SIMD,
  },
  {
    id: "flush-at-the-limit",
    what: "the flush takes the smallest normal number too",
    file: UPDATE,
    find: "v128.andnot(x, f32x4.lt(",
    replace: "v128.andnot(x, f32x4.le(",
    tests: ["kernel.test.js"],
  },
  {
    id: "flush-keeps-minus-zero",
    what: "without SIMD the flush looks at the sign too, and keeps what is negative",
    file: UPDATE,
    core: "scalar",
    find: "(reinterpret<u32>(x) & 0x7fffffff) < SMALLEST_NORMAL_BITS",
    replace: "reinterpret<u32>(x) < SMALLEST_NORMAL_BITS",
    tests: ["without-simd/kernel.test.js"],
  },
  {
    id: "scalar-betas-swapped",
    what: "without SIMD the second moment decays by beta1",
    file: UPDATE,
    core: "scalar",
    find: "load<f32>(expAvgSq) * beta2",
    replace: "load<f32>(expAvgSq) * beta1",
    tests: SCALAR,
  },
  {
    id: "scalar-amsgrad-nan",
    what: "the scalar form chooses the other one of amsgrad's two where one is NaN",
    file: UPDATE,
    core: "scalar",
    find: "v = v < before ? before : v;",
    replace: "v = v > before ? v : before;",
    tests: ["without-simd/kernel.test.js"],
  },
  {
    id: "tail-in-scalar-lost",
    what: "the last elements of a segment, up to three, are not updated",
    file: SEGMENT,
    find: "    rest = count & 3;\n  }\n  if (rest) {\n    let lane",
    replace: "    rest = 0;\n  }\n  if (rest) {\n    let lane",
    tests: SIMD,
  },
  {
    id: "tail-off-by-4",
    what: "one vector of four is left out after the rounds of sixteen",
    file: SEGMENT,
    find: "      rounds = (count >> 2) & 3;",
    replace: "      rounds = ((count >> 2) & 3) >> 1;",
    tests: SIMD,
  },
  {
    id: "fourth-vector-twice",
    what: "a round updates its third vector twice and its fourth never",
    file: SEGMENT,
    find: "update4(p + 48, g + 48, m + 48, v + 48, x + 48,",
    replace: "update4(p + 32, g + 32, m + 32, v + 32, x + 32,",
    tests: SIMD,
  },
  {
    id: "clip-coefficient-unused",
    what: "amsgrad does not scale the gradient",
    file: SEGMENT,
    find: "    else if (scaled) updateAmsgradScaled(seg, first, count);",
    replace: "    else if (scaled) updateAmsgrad(seg, first, count);",
    tests: SIMD,
  },
  {
    id: "blocks-from-the-start",
    what: "the blocks of a walk all begin with the segment's first element",
    file: SEGMENT,
    find: "    updateBlock(seg, first, count, flags);\n    narrowModel",
    replace: "    updateBlock(seg, 0, count, flags);\n    narrowModel",
    tests: ["half.test.js", "kernel.test.js"],
  },
  {
    id: "narrow-before-update",
    what: "the model copy is that of the weights before the step",
    file: SEGMENT,
    find: "    updateBlock(seg, first, count, flags);\n    narrowModel(seg, first, count, flags);",
    replace:
      "    narrowModel(seg, first, count, flags);\n    updateBlock(seg, first, count, flags);",
    tests: ["accumulate-step.test.js", "kernel.test.js"],
  },
];
