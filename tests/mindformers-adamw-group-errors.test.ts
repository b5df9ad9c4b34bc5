import { suite } from "uvu";
import { MindFormersAdamW } from "../src/index.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";

const test = suite("MindFormersAdamW group errors");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const a = { params: { a: new Float32Array(2) } };
const b = { params: { b: new Float32Array(2) }, name: "b" };
const withParams = (params: Wrong, options?: Wrong) => () => new MindFormersAdamW(params, options);
const withGroup = (group: Wrong) => withParams([{ ...a, ...group }]);
const withOrder = (orderParams: Wrong, more?: Wrong) =>
  withParams([a, b, { orderParams, ...more }]);
const stepped = (gradients: Wrong) => () => new MindFormersAdamW([a, b]).step(gradients);
const g = () => new Float32Array(2);
const ROWS: RefusedRow[] = [
  [
    "params is a number",
    withParams(3),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got 3',
  ],
  [
    "params is null",
    withParams(null),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got null',
  ],
  [
    "params is one array",
    withParams(new Float32Array(2)),
    TypeError,
    '"params" of the optimizer: expected a record of name to Float32Array, or an iterable of { name, shape, data }, got Float32Array of length 2',
  ],
  [
    "params is an empty list",
    withParams([]),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "a group without parameters",
    withParams([{ params: [] }]),
    RangeError,
    '"params" of group 0: expected at least one parameter, got none',
  ],
  [
    "a group whose params are missing",
    withParams([a, { lr: 0.1 }]),
    TypeError,
    '"[1]" of the list of groups: expected an object { params, ... } like its neighbours, got an object',
  ],
  [
    "a group among parameters",
    withParams([a, { name: "v", shape: [2] }]),
    TypeError,
    '"[1]" of the list of groups: expected an object { params, ... } like its neighbours, got an object',
  ],
  [
    "a parameter without a name",
    withParams([{ shape: [2] }]),
    TypeError,
    '"name" of params[0] of the optimizer: expected a string, got undefined',
  ],
  [
    "a parameter in two groups",
    withParams([a, a]),
    RangeError,
    'parameter "a" of group 1: expected each name once, got it in group 0 too',
  ],
  [
    "a group's unknown key",
    withGroup({ betas: [0.9, 0.99] }),
    TypeError,
    '"betas" of group 0: expected one of lr, weightDecay, gradCentralization, got an unknown key',
  ],
  [
    "a group's key in Python's spelling",
    withGroup({ weight_decay: 0.1 }),
    TypeError,
    '"weight_decay" of group 0: expected one of lr, weightDecay, gradCentralization, got an unknown key',
  ],
  [
    "a group's lr is a string",
    withGroup({ lr: "0.1" }),
    RangeError,
    '"lr" of group 0: expected a number, numbers to iterate over, or a schedule, got "0.1"',
  ],
  [
    "a group's lr is negative",
    withGroup({ name: "head", lr: -1 }),
    RangeError,
    '"lr" of group "head": expected a finite number >= 0, or a schedule (k) => number, got -1',
  ],
  [
    "a group's lr is null",
    withGroup({ lr: null }),
    TypeError,
    '"lr" of group 0: expected a number, numbers to iterate over, or a schedule, got null',
  ],
  [
    "a group's weightDecay is negative",
    withGroup({ weightDecay: -1 }),
    RangeError,
    '"weightDecay" of group 0: expected a finite number >= 0, or a schedule (k) => number, got -1',
  ],
  [
    "gradCentralization is 1",
    withGroup({ gradCentralization: 1 }),
    TypeError,
    '"gradCentralization" of group 0: expected true or false, got 1',
  ],
  [
    "orderParams among other keys",
    withOrder(["a", "b"], { lr: 0.1 }),
    RangeError,
    '"orderParams" of the list of groups: expected to stand alone, got it together with lr',
  ],
  [
    "orderParams beside params",
    withParams([{ ...a, orderParams: ["a"] }]),
    RangeError,
    '"orderParams" of the list of groups: expected to stand alone, got it together with params',
  ],
  [
    "two orderParams",
    withParams([a, { orderParams: ["a"] }, { orderParams: ["a"] }]),
    RangeError,
    '"orderParams" of the list of groups: expected one at most, got 2 of them',
  ],
  [
    "orderParams alone",
    withParams([{ orderParams: ["a"] }]),
    RangeError,
    '"params" of the optimizer: expected at least one parameter, got none',
  ],
  [
    "orderParams among parameters",
    withParams([{ name: "v", shape: [2] }, { orderParams: ["v"] }]),
    TypeError,
    '"[0]" of the list of groups: expected an object { params, ... } beside orderParams, got an object',
  ],
  [
    "orderParams is a string",
    withOrder("ab"),
    TypeError,
    '"orderParams" of the list of groups: expected a list of parameters or their names, got "ab"',
  ],
  [
    "orderParams holds a number",
    withOrder(["a", 1]),
    TypeError,
    '"orderParams[1]" of the list of groups: expected a parameter or its name, got 1',
  ],
  [
    "orderParams holds an array",
    withOrder(["a", new Float32Array(2)]),
    TypeError,
    '"orderParams[1]" of the list of groups: expected a parameter or its name, got Float32Array of length 2',
  ],
  [
    "orderParams lacks one",
    withOrder(["b"]),
    RangeError,
    '"orderParams" of the list of groups: expected all 2 parameters, got 1, without "a"',
  ],
  [
    "orderParams has one twice",
    withOrder(["a", "b", "a"]),
    RangeError,
    '"orderParams[2]" of the list of groups: expected each parameter once, got "a"',
  ],
  [
    "orderParams has a stranger",
    withOrder([{ name: "a" }, { name: "c" }]),
    RangeError,
    '"orderParams[1]" of the list of groups: expected a parameter of a group, got "c"',
  ],
  [
    "a list of too few gradients",
    stepped([g()]),
    RangeError,
    '"gradients" of step: expected 2 gradients in the order of parameterNames, got 1',
  ],
  [
    "a list with a wrong gradient",
    stepped([g(), new Float32Array(3)]),
    RangeError,
    '"gradient" of parameter "b": expected 2 elements, got 3',
  ],
  [
    "a gradient of no parameter",
    stepped({ a: g(), c: g() }),
    RangeError,
    '"gradients" of step: expected names of parameters, got "c"',
  ],
];

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test.run();
