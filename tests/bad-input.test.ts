import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  AshlarError,
  cosineWithWarmup,
  families,
  layerDecay,
} from "../src/index.ts";

const test = suite("bad input");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;
/** The constructor alone: AshlarError's takes a code first. */
type ErrorClass = { readonly name: string };
type Row = [why: string, act: () => unknown, error: ErrorClass, message: string];

const w = () => ({ w: new Float32Array(4) });
const withOptions = (options: Wrong) => () => new AdamW(w(), options);
const withGroup = (group: Wrong) => () => new AdamW([{ params: w(), ...group }]);
const withParameters = (parameters: Wrong) => () => new AdamW(parameters);
const cosine = (options: Wrong) => () =>
  cosineWithWarmup({ peak: 1, warmupSteps: 1, totalSteps: 2, ...options });
const withSlabs = (options: AdamWOptions) => () =>
  new AdamW({ w: { shape: [100_000] } }, { slabBytes: 1_048_576, ...options });

const cyclic: unknown[] = [];
cyclic.push(cyclic);

const CONSTRUCTION: Row[] = [
  // Options: wrong kind.
  [
    "options is a number",
    withOptions(3),
    TypeError,
    '"options" of AdamW: expected an object of options, got 3',
  ],
  [
    "options is null",
    withOptions(null),
    TypeError,
    '"options" of AdamW: expected an object of options, got null',
  ],
  [
    "lr is a string",
    withOptions({ lr: "0.1" }),
    TypeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got "0.1"',
  ],
  [
    "lr is a bigint",
    withOptions({ lr: 1n }),
    TypeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got 1n',
  ],
  [
    "weightDecay is an array",
    withOptions({ weightDecay: [0.1] }),
    TypeError,
    '"weightDecay" of the options: expected a finite number >= 0, or a schedule (k) => number, got [0.1]',
  ],
  [
    "betas is a number",
    withOptions({ betas: 0.9 }),
    TypeError,
    '"betas" of the options: expected an array of two numbers, got 0.9',
  ],
  [
    "a beta is a string",
    withOptions({ betas: [0.9, "x"] }),
    TypeError,
    '"betas[1]" of the options: expected a number in [0, 1), got "x"',
  ],
  [
    "eps is null",
    withOptions({ eps: null }),
    TypeError,
    '"eps" of the options: expected a finite number >= 0, got null',
  ],
  [
    "amsgrad is 1",
    withOptions({ amsgrad: 1 }),
    TypeError,
    '"amsgrad" of the options: expected true or false, got 1',
  ],
  [
    "maximize is a string",
    withOptions({ maximize: "yes" }),
    TypeError,
    '"maximize" of the options: expected true or false, got "yes"',
  ],
  [
    "decays is a list",
    withOptions({ decays: ["bias"] }),
    TypeError,
    '"decays" of the options: expected a function (parameter) => boolean, got ["bias"]',
  ],
  [
    "lrScale is a number",
    withOptions({ lrScale: 0.5 }),
    TypeError,
    '"lrScale" of the options: expected layerDecay(...) or (parameter) => number, got 0.5',
  ],
  [
    "precision is a word",
    withOptions({ precision: "float16" }),
    TypeError,
    '"precision" of the options: expected an object of options, got "float16"',
  ],
  [
    "slabBytes is a string",
    withOptions({ slabBytes: "1MB" }),
    TypeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got "1MB"',
  ],
  // Options: wrong value.
  [
    "lr is negative",
    withOptions({ lr: -0.1 }),
    RangeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got -0.1',
  ],
  [
    "lr is NaN",
    withOptions({ lr: Number.NaN }),
    RangeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got NaN',
  ],
  [
    "weightDecay is infinite",
    withOptions({ weightDecay: Number.POSITIVE_INFINITY }),
    RangeError,
    '"weightDecay" of the options: expected a finite number >= 0, or a schedule (k) => number, got Infinity',
  ],
  [
    "three betas",
    withOptions({ betas: [0.9, 0.99, 0.999] }),
    RangeError,
    '"betas" of the options: expected two numbers, got 3 of them',
  ],
  [
    "beta is 1",
    withOptions({ betas: [1, 0.999] }),
    RangeError,
    '"betas[0]" of the options: expected a number in [0, 1), got 1',
  ],
  [
    "beta is negative",
    withOptions({ betas: [0.9, -0.1] }),
    RangeError,
    '"betas[1]" of the options: expected a number in [0, 1), got -0.1',
  ],
  [
    "beta is NaN",
    withOptions({ betas: [Number.NaN, 0.9] }),
    RangeError,
    '"betas[0]" of the options: expected a number in [0, 1), got NaN',
  ],
  [
    "beta rounds to 1",
    withOptions({ betas: [0.9, 0.99999999] }),
    RangeError,
    '"betas[1]" of the options: expected a number below 1 as float32 too, at most 0.99999997, got 0.99999999',
  ],
  [
    "eps is negative",
    withOptions({ eps: -1e-8 }),
    RangeError,
    '"eps" of the options: expected a finite number >= 0, got -1e-8',
  ],
  [
    "eps is 0, so 0/0 threatens",
    withOptions({ eps: 0 }),
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 0',
  ],
  [
    "eps is too small",
    withOptions({ eps: 1e-37 }),
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-37',
  ],
  [
    "precision of another name",
    withOptions({ precision: { model: "fp16" } }),
    RangeError,
    '"model" of precision: expected "float32" or "float16" or "bfloat16", got "fp16"',
  ],
  [
    "policy of another name",
    withOptions({ nonFinite: "ignore" }),
    RangeError,
    '"nonFinite" of the options: expected "throw" or "skip" or "allow", got "ignore"',
  ],
  [
    "slabBytes too large",
    withOptions({ slabBytes: 2 ** 33 }),
    RangeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got 8589934592',
  ],
  // Unknown keys.
  [
    "an unknown option",
    withOptions({ weight_decay: 0.1 }),
    TypeError,
    '"weight_decay" of the options: expected one of lr, weightDecay, betas, eps, amsgrad, centralize, maximize, decays, lrScale, clip, clips, lossScale, lazy, zeroGradients, precision, nonFinite, gradNorm, slabBytes, splitParameters, got an unknown key',
  ],
  [
    "an unknown key of precision",
    withOptions({ precision: { models: "float16" } }),
    TypeError,
    '"models" of precision: expected one of model, gradients, master, got an unknown key',
  ],
  [
    "an unknown group key",
    withGroup({ name: "head", weightDeacy: 0 }),
    TypeError,
    '"weightDeacy" of group "head": expected one of lr, weightDecay, betas, eps, amsgrad, centralize, lrScale, clip, got an unknown key',
  ],
  [
    "an unknown parameter key",
    withParameters({ w: { shape: [1], values: 1 } }),
    TypeError,
    '"values" of parameter "w": expected one of shape, data, dtype, got an unknown key',
  ],
  // Groups.
  [
    "a group's lr is negative",
    withGroup({ lr: -1 }),
    RangeError,
    '"lr" of group 0: expected a finite number >= 0, or a schedule (k) => number, got -1',
  ],
  [
    "a group's beta is too large",
    withGroup({ name: "head", betas: [2, 3] }),
    RangeError,
    '"betas[0]" of group "head": expected a number in [0, 1), got 2',
  ],
  [
    "a group's eps is too small for the common betas",
    withGroup({ eps: 1e-40 }),
    RangeError,
    '"eps" of group 0: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-40',
  ],
  [
    "a group's lrScale is NaN",
    withGroup({ lrScale: Number.NaN }),
    RangeError,
    '"lrScale" of group 0: expected a finite number >= 0, got NaN',
  ],
  [
    "a group's name is a number",
    withGroup({ name: 7 }),
    TypeError,
    '"name" of group 0: expected a string, got 7',
  ],
  [
    "a group is empty",
    () => new AdamW([{ params: w() }, { params: {}, name: "head" }]),
    RangeError,
    '"params" of group "head": expected at least one parameter, got none',
  ],
  [
    "a group among parameters",
    withParameters([{ params: w() }, { name: "v", shape: [2] }]),
    TypeError,
    '"[1]" of the list of groups: expected an object { params, ... } like its neighbours, got an object',
  ],
  [
    "two groups of one name",
    () =>
      new AdamW([
        { params: w(), name: "a" },
        { params: { v: new Float32Array(1) }, name: "a" },
      ]),
    RangeError,
    '"name" of group "a": expected a name that no other group has, got "a"',
  ],
  [
    "a name twice in a group",
    () =>
      new AdamW([
        {
          params: [
            { name: "w", shape: [1] },
            { name: "w", shape: [2] },
          ],
        },
      ]),
    RangeError,
    'parameter "w" of group 0: expected each name once, got it twice',
  ],
  [
    "a name in two groups",
    () => new AdamW([{ params: w() }, { params: w(), name: "head" }]),
    RangeError,
    'parameter "w" of group "head": expected each name once, got it in group 0 too',
  ],
  // Parameters.
  [
    "no parameters at all",
    withParameters({}),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "parameters is null",
    withParameters(null),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got null',
  ],
  [
    "parameters is an array of numbers",
    withParameters([1, 2]),
    TypeError,
    '"params[0]" of the optimizer: expected an object { name, shape, data }, got 1',
  ],
  [
    "parameters is one Float32Array",
    withParameters(new Float32Array(3)),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got Float32Array of length 3',
  ],
  [
    "a parameter is a Float64Array",
    withParameters({ w: new Float64Array(2) }),
    TypeError,
    '"data" of parameter "w": expected a Float32Array or { shape, data?, dtype? }, got Float64Array of length 2',
  ],
  [
    "a parameter without a name",
    withParameters([{ shape: [2] }]),
    TypeError,
    '"name" of params[0] of the optimizer: expected a string, got undefined',
  ],
  [
    "a parameter with an empty name",
    withParameters({ "": new Float32Array(1) }),
    RangeError,
    '"name" of a parameter: expected a string that is not empty, got ""',
  ],
  [
    "half of a surrogate pair",
    withParameters({ "\ud800": new Float32Array(1) }),
    RangeError,
    '"name" of a parameter: expected well-formed Unicode, got "\\ud800"',
  ],
  [
    "a shape that is a number",
    withParameters({ w: { shape: 4 } }),
    TypeError,
    '"shape" of parameter "w": expected an array of sizes, got 4',
  ],
  [
    "a negative size",
    withParameters({ w: { shape: [2, -1] } }),
    RangeError,
    '"shape" of parameter "w": expected whole numbers >= 0, got [2, -1]',
  ],
  [
    "an enormous shape",
    withParameters({ w: { shape: [2 ** 23, 2 ** 23] } }),
    RangeError,
    '"shape" of parameter "w": expected at most 68719476736 elements, got 70368744177664',
  ],
  [
    "data of another length",
    withParameters({ w: { shape: [2, 2], data: new Float32Array(5) } }),
    RangeError,
    '"length" of the data of parameter "w": expected 4, its shape\'s size, got 5',
  ],
  [
    "float16 data in a Float32Array",
    withParameters({ w: { shape: [2], data: new Float32Array(2), dtype: "float16" } }),
    TypeError,
    '"data" of parameter "w": expected a Uint16Array of float16 bits, got Float32Array of length 2',
  ],
  [
    "a dtype of another name",
    withParameters({ w: { shape: [2], dtype: "int8" } }),
    RangeError,
    '"dtype" of parameter "w": expected "float32" or "float16" or "bfloat16", got "int8"',
  ],
  [
    "data with NaN",
    withParameters({ w: Float32Array.of(0, Number.NaN) }),
    RangeError,
    '"data[1]" of parameter "w": expected a finite number, got NaN',
  ],
  [
    "float16 data with infinity",
    withParameters({ w: { shape: [1], data: Uint16Array.of(0x7c00), dtype: "float16" } }),
    RangeError,
    '"data[0]" of parameter "w": expected a finite number, got bits 0x7c00',
  ],
  // Rules.
  [
    "decays gives no boolean",
    withOptions({ decays: () => 1 }),
    TypeError,
    '"decays" of parameter "w": expected true or false, got 1',
  ],
  [
    "lrScale gives NaN",
    withOptions({ lrScale: () => Number.NaN }),
    RangeError,
    '"lrScale" of parameter "w": expected a finite number >= 0, got NaN',
  ],
  [
    "lrScale gives nothing",
    withOptions({ lrScale: () => {} }),
    TypeError,
    '"lrScale" of parameter "w": expected a finite number >= 0, got undefined',
  ],
  [
    "a layer rule that matches nothing",
    withOptions({ lrScale: layerDecay({ rate: 0.8, layerOf: families.bert }) }),
    RangeError,
    '"layerOf" of layerDecay: expected families.bert to match a parameter, got 1 unmatched of 1 ("w"). Where no family fits, give a function of the name',
  ],
  [
    "a layer index beyond layers",
    () =>
      new AdamW(
        { "bert.encoder.layer.12.output.dense.bias": new Float32Array(1) },
        { lrScale: layerDecay({ rate: 0.8, layers: 12, layerOf: families.bert }) },
      ),
    RangeError,
    '"layers" of layerDecay: expected more than 12, the block index in "bert.encoder.layer.12.output.dense.bias", got 12. Blocks are counted from 0',
  ],
  [
    "a parameter larger than its slab, splitting off",
    withSlabs({ splitParameters: false }),
    RangeError,
    '"length" of parameter "w": expected at most 47600 elements in a slab of 1048576 bytes, got 100000. Allow splitParameters, or raise slabBytes',
  ],
  [
    "slabs too small for anything",
    withSlabs({ slabBytes: 65_536 }),
    RangeError,
    '"slabBytes" of the options: expected at least 393216 bytes, room for 4096 elements, got 65536',
  ],
  // Schedules.
  [
    "cosine without peak",
    cosine({ peak: undefined }),
    TypeError,
    '"peak" of cosineWithWarmup: expected a finite number >= 0, got undefined',
  ],
  [
    "cosine with an unknown key",
    cosine({ warmup: 3 }),
    TypeError,
    '"warmup" of cosineWithWarmup: expected one of peak, warmupSteps, totalSteps, floor, start, cycles, ramp, progress, past, got an unknown key',
  ],
  [
    "cosine that only warms up",
    cosine({ warmupSteps: 2 }),
    RangeError,
    '"warmupSteps" of cosineWithWarmup: expected less than totalSteps, 2, got 2',
  ],
  [
    "cosine with half a step",
    cosine({ totalSteps: 2.5 }),
    RangeError,
    '"totalSteps" of cosineWithWarmup: expected a whole number from 1 to 9007199254740991, got 2.5',
  ],
  [
    "cosine with a floor above the peak",
    cosine({ floor: 2 }),
    RangeError,
    '"floor" of cosineWithWarmup: expected at most the peak, 1, got 2',
  ],
  [
    "options in a Map",
    withOptions(new Map([["lr", 5]])),
    TypeError,
    '"options" of AdamW: expected an object of options, got a Map',
  ],
  [
    "options not awaited",
    withOptions(Promise.resolve({})),
    TypeError,
    '"options" of AdamW: expected an object of options, got a Promise',
  ],
  [
    "options with inherited keys",
    withOptions(Object.create({ lr: 0.5 })),
    TypeError,
    '"options" of AdamW: expected an object of options, got an object',
  ],
  [
    "a hole in betas",
    withOptions({ betas: new Array(2) }),
    TypeError,
    '"betas[0]" of the options: expected a number in [0, 1), got undefined',
  ],
  [
    "maximize is null",
    withOptions({ maximize: null }),
    TypeError,
    '"maximize" of the options: expected true or false, got null',
  ],
  [
    "nonFinite is null",
    withOptions({ nonFinite: null }),
    TypeError,
    '"nonFinite" of the options: expected "throw" or "skip" or "allow", got null',
  ],
  [
    "slabBytes is null",
    withOptions({ slabBytes: null }),
    TypeError,
    '"slabBytes" of the options: expected a whole number from 65536 to 4294967296, got null',
  ],
  [
    "an object that only says that it is a layer rule",
    withOptions({ lrScale: { kind: "layerDecay" } }),
    TypeError,
    '"lrScale" of the options: expected layerDecay(...) or (parameter) => number, got an object',
  ],
  [
    "a list of itself",
    withOptions({ lr: cyclic }),
    TypeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got an array of length 1',
  ],
  [
    "an escape code in a class name",
    withOptions({ lr: { constructor: { name: "\u001b[31m" } } }),
    TypeError,
    '"lr" of the options: expected a finite number >= 0, or a schedule (k) => number, got a \\u001b[31m',
  ],
  [
    "one group without its list",
    withParameters({ params: w(), lr: 0.1 }),
    TypeError,
    '"parameters" of the optimizer: expected a list of groups, got one group. Write [{ params, ... }]',
  ],
  [
    "parameters in a Promise",
    withParameters(Promise.resolve(w())),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got a Promise',
  ],
  [
    "a shape of infinite size times 0",
    withParameters({ w: { shape: [...new Array(30).fill(2 ** 52), 0] } }),
    RangeError,
    '"shape" of parameter "w": expected at most 68719476736 elements, got NaN',
  ],
  [
    "a floor of null",
    cosine({ floor: null }),
    TypeError,
    '"floor" of cosineWithWarmup: expected a finite number >= 0, got null',
  ],
];

/** Calls on a living optimizer; each must leave its digest as it was. */
const CALLS: [
  why: string,
  act: (optimizer: AdamW) => unknown,
  error: ErrorClass,
  message: string,
][] = [
  [
    "gradients is a number",
    (o) => o.step(5 as Wrong),
    TypeError,
    '"gradients" of step: expected a record of name to Float32Array, got 5',
  ],
  [
    "gradients is one array",
    (o) => o.step(new Float32Array(4) as Wrong),
    TypeError,
    '"gradients" of step: expected a record of name to Float32Array, got Float32Array of length 4',
  ],
  [
    "a gradient of an unknown name",
    (o) => o.step({ w: new Float32Array(4), v: new Float32Array(4) }),
    RangeError,
    '"gradients" of step: expected names of parameters, got "v"',
  ],
  [
    "a gradient too short",
    (o) => o.step({ w: new Float32Array(3) }),
    RangeError,
    '"gradient" of parameter "w": expected 4 elements, got 3',
  ],
  [
    "a gradient in float64",
    (o) => o.step({ w: new Float64Array(4) as Wrong }),
    TypeError,
    '"gradient" of parameter "w": expected a Float32Array, or null to leave it as it is, got Float64Array of length 4',
  ],
  [
    "a gradient that is undefined",
    (o) => o.step({ w: undefined as Wrong }),
    TypeError,
    '"gradient" of parameter "w": expected a Float32Array, or null to leave it as it is, got undefined',
  ],
  [
    "a schedule that gives NaN",
    (o) => {
      o.groups[0].lr = () => Number.NaN;
      o.step();
    },
    RangeError,
    '"lr" of the options at step 0: expected its schedule to give a finite number >= 0, got NaN',
  ],
  [
    "a schedule that gives text",
    (o) => {
      o.groups[0].weightDecay = (() => "x") as Wrong;
      o.step();
    },
    TypeError,
    '"weightDecay" of the options at step 0: expected its schedule to give a finite number >= 0, got "x"',
  ],
  [
    "a step within a step",
    (o) => {
      o.groups[0].lr = () => o.step().step;
      o.step();
    },
    AshlarError,
    "step: expected no step to run, got a call from within one",
  ],
  [
    "a parameter of an unknown name",
    (o) => o.parameter("v"),
    RangeError,
    '"name" of the parameters: expected the name of one, got "v"',
  ],
  [
    "a gradient view of an unknown name",
    (o) => o.gradient("toString"),
    RangeError,
    '"name" of the parameters: expected the name of one, got "toString"',
  ],
  [
    "a target of the wrong length",
    (o) => o.copyTo({ w: new Float32Array(5) }),
    RangeError,
    '"target" of parameter "w": expected 4 elements, got 5',
  ],
  [
    "a 16-bit target without a 16-bit model",
    (o) => o.copyTo({ w: new Uint16Array(4) }),
    TypeError,
    '"target" of parameter "w": expected a Float32Array, got Uint16Array of length 4',
  ],
  [
    "targets is null",
    (o) => o.copyTo(null as Wrong),
    TypeError,
    '"targets" of copyTo: expected a record of name to array, got null',
  ],
  [
    "an eps assigned too small",
    (o) => {
      o.groups[0].eps = 1e-45;
    },
    RangeError,
    '"eps" of the options: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-45',
  ],
  [
    "betas assigned out of range",
    (o) => {
      o.groups[0].betas = [0.9, 1];
    },
    RangeError,
    '"betas[1]" of the options: expected a number in [0, 1), got 1',
  ],
  [
    "gradients not awaited",
    (o) => o.step(Promise.resolve({}) as Wrong),
    TypeError,
    '"gradients" of step: expected a record of name to Float32Array, got a Promise',
  ],
  [
    "gradients in a Map",
    (o) => o.step(new Map([["w", new Float32Array(4)]]) as Wrong),
    TypeError,
    '"gradients" of step: expected a record of name to Float32Array, got a Map',
  ],
  [
    "gradients in a list",
    (o) => o.step([] as Wrong),
    TypeError,
    '"gradients" of step: expected a record of name to Float32Array, got []',
  ],
  [
    "targets in a Map",
    (o) => o.copyTo(new Map() as Wrong),
    TypeError,
    '"targets" of copyTo: expected a record of name to array, got a Map',
  ],
  [
    "an lr that is infinite as float32",
    (o) => {
      o.groups[0].lr = 1e40;
      o.step();
    },
    RangeError,
    '"lr, weightDecay and eps" of parameter "w" at step 0: expected products that are finite as float32, got decay 1e+38, step size 3.1622776601683816e+39, eps 3.1622776601683806e-10',
  ],
  [
    "dispose within a step",
    (o) => {
      o.groups[0].lr = () => {
        o.dispose();
        return 1;
      };
      o.step();
    },
    AshlarError,
    "dispose: expected no step to run, got a call from within one",
  ],
];

const USES: [string, (optimizer: AdamW) => unknown][] = [
  ["step()", (o) => o.step()],
  ["step({})", (o) => o.step({})],
  ["parameter", (o) => o.parameter("w")],
  ["gradient", (o) => o.gradient("w")],
  ["zeroGradients", (o) => o.zeroGradients()],
  ["copyTo", (o) => o.copyTo({})],
  ["digest", (o) => o.digest()],
  ["weightsDigest", (o) => o.weightsDigest()],
  ["configDigest", (o) => o.configDigest()],
  ["bytes", (o) => o.bytes],
];

function assertRefused(act: () => unknown, kind: ErrorClass, message: string): void {
  try {
    act();
  } catch (error) {
    assert.is((error as Error).message, message);
    assert.is((error as Error).constructor, kind);
    return;
  }
  assert.unreachable(`accepted; expected ${kind.name} ${message}`);
}

test("the tables have at least 60 rows, each its own case", () => {
  const whys = [...CONSTRUCTION, ...CALLS].map(([why]) => why);
  assert.ok(whys.length >= 60, `${whys.length}`);
  assert.is(new Set(whys).size, whys.length);
});

for (const [why, act, kind, message] of CONSTRUCTION) {
  test(`refused: ${why}`, () => {
    const { Memory } = WebAssembly;
    let memories = 0;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories++;
      }
    };
    try {
      assertRefused(act, kind, message);
    } finally {
      WebAssembly.Memory = Memory;
    }
    assert.is(memories, 0, "nothing was allocated");
  });
}

for (const [why, act, kind, message] of CALLS) {
  test(`refused, and nothing changed: ${why}`, () => {
    const optimizer = new AdamW(w());
    optimizer.gradient("w").fill(0.5);
    const before = optimizer.digest();
    assertRefused(() => act(optimizer), kind, message);
    assert.is(optimizer.digest(), before);
    assert.is(optimizer.steps, 0);
    optimizer.groups[0].lr = 1e-3;
    optimizer.groups[0].weightDecay = 0;
    assert.is(optimizer.step().step, 1, "and it still works");
  });
}

test("after dispose every use is named, also through a view taken before", () => {
  const message = "the AdamW optimizer: expected to be in use, got disposed";
  const optimizer = new AdamW(w());
  const view = optimizer.parameter("w");
  optimizer.dispose();
  optimizer.dispose();
  for (const [, use] of USES) assertRefused(() => use(optimizer), AshlarError, message);
  assertRefused(() => view.master, AshlarError, message);
  assertRefused(() => view.parts, AshlarError, message);
});

test("a split parameter has parts, and asking for one view says so", () => {
  const optimizer = new AdamW({ w: { shape: [100_000] } }, { slabBytes: 1_048_576 });
  assertRefused(
    () => optimizer.gradient("w"),
    RangeError,
    '"gradient" of parameter "w": expected one view, got 3 parts over as many slabs. ' +
      "Use its parts, step({ name: gradient }) or copyTo({ name: target })",
  );
  const parts = optimizer.parameter("w").parts;
  assert.equal(
    parts.map(({ first }) => first % 4096),
    [0, 0, 0],
  );
  assert.is(
    parts.reduce((sum, { length }) => sum + length, 0),
    100_000,
  );
});

test("a memory that the engine refuses is OUT_OF_MEMORY with the bytes asked for", () => {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor() {
      super({ initial: 65_537 });
    }
  };
  try {
    new AdamW(w());
    assert.unreachable("accepted");
  } catch (error) {
    assert.is((error as AshlarError).code, "OUT_OF_MEMORY");
    assert.match((error as Error).message, /^memory for a slab: expected \d+ bytes, got none \(/);
  } finally {
    WebAssembly.Memory = Memory;
  }
});

test.run();
