import { suite } from "uvu";
import { AdamWDL } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("AdamWDL layer errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const w = () => ({ w: new Float32Array(4) });
const only = (options: Wrong) => () => new AdamWDL(options);
const withOptions = (options: Wrong) => only({ parameters: w(), ...options });
const assign = (rate: Wrong) => (_rate: Wrong, _dict: Wrong, _layers: Wrong, param: Wrong) => {
  param.optimizeAttr.learningRate = rate;
};

const ROWS: RefusedRow[] = [
  [
    "layerwiseDecay is a string",
    withOptions({ layerwiseDecay: "0.8" }),
    TypeError,
    "coeff should be float or Tensor.",
  ],
  [
    "layerwiseDecay is an array of two",
    withOptions({ layerwiseDecay: [0.8, 0.9] }),
    TypeError,
    "coeff should be float or Tensor.",
  ],
  [
    "layerwiseDecay is 0",
    withOptions({ layerwiseDecay: 0 }),
    RangeError,
    '"layerwiseDecay" of the options: expected a finite number > 0, got 0',
  ],
  [
    "layerwiseDecay is infinite",
    withOptions({ layerwiseDecay: Number.POSITIVE_INFINITY }),
    RangeError,
    '"layerwiseDecay" of the options: expected a finite number > 0, got Infinity',
  ],
  [
    "nLayers is a fraction",
    withOptions({ nLayers: 1.5 }),
    RangeError,
    '"nLayers" of the options: expected a whole number from 1 to 9007199254740991, got 1.5',
  ],
  [
    "nLayers is a string",
    withOptions({ nLayers: "12" }),
    TypeError,
    '"nLayers" of the options: expected a whole number from 1 to 9007199254740991, got "12"',
  ],
  [
    "setParamLrFun is a number",
    withOptions({ setParamLrFun: 0.8 }),
    TypeError,
    '"setParamLrFun" of the options: expected a function (decayRate, nameDict, nLayers, param) => ratio, or null, got 0.8',
  ],
  [
    "setParamLrFun neither returns nor assigns",
    withOptions({ setParamLrFun: () => {} }),
    TypeError,
    '"setParamLrFun" of parameter "w": expected a ratio, or optimizeAttr.learningRate to be assigned, got undefined',
  ],
  [
    "setParamLrFun returns a string",
    withOptions({ setParamLrFun: () => "0.8" }),
    TypeError,
    '"setParamLrFun" of parameter "w": expected a finite number >= 0, got "0.8"',
  ],
  [
    "setParamLrFun returns NaN",
    withOptions({ setParamLrFun: () => Number.NaN }),
    RangeError,
    '"setParamLrFun" of parameter "w": expected a finite number >= 0, got NaN',
  ],
  [
    "setParamLrFun assigns a negative rate",
    withOptions({ setParamLrFun: assign(-1) }),
    RangeError,
    '"optimizeAttr.learningRate" of parameter "w": expected a finite number >= 0, got -1',
  ],
  [
    "setParamLrFun assigns a string",
    withOptions({ setParamLrFun: assign("1") }),
    TypeError,
    '"optimizeAttr.learningRate" of parameter "w": expected a finite number >= 0, got "1"',
  ],
  [
    "nameDict is a Map",
    withOptions({ nameDict: new Map([["w", "w"]]) }),
    TypeError,
    '"nameDict" of the options: expected a record of name to static name, got a Map',
  ],
  [
    "nameDict lacks a name",
    withOptions({ nameDict: { v: "v" } }),
    RangeError,
    '"nameDict" of parameter "w": expected its static name, got undefined. Add it to nameDict',
  ],
  [
    "nameDict has a name by inheritance only",
    only({ parameters: { toString: new Float32Array(1) }, nameDict: {} }),
    RangeError,
    '"nameDict" of parameter "toString": expected its static name, got undefined. Add it to nameDict',
  ],
  [
    "a static name is a number",
    withOptions({ nameDict: { w: 3 } }),
    TypeError,
    '"nameDict" of parameter "w": expected its static name, a string, got 3',
  ],
  [
    "encoder.layers without an index",
    withOptions({ nameDict: { w: "encoder.layers.norm.weight" } }),
    RangeError,
    '"static name" of parameter "w": expected a layer index after encoder.layers, got "encoder.layers.norm.weight"',
  ],
  [
    "encoder.layers at the end",
    withOptions({ nameDict: { w: "encoder.layers" } }),
    RangeError,
    '"static name" of parameter "w": expected a layer index after encoder.layers, got "encoder.layers"',
  ],
  [
    "an index with a tail",
    withOptions({ nameDict: { w: "encoder.layers.3x.weight" } }),
    RangeError,
    '"static name" of parameter "w": expected a layer index after encoder.layers, got "encoder.layers.3x.weight"',
  ],
  [
    "a layer index of nLayers",
    withOptions({ nLayers: 6, nameDict: { w: "encoder.layers.6.weight" } }),
    RangeError,
    '"layer" of parameter "w": expected an index below nLayers, 6, got 6',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test.run();
