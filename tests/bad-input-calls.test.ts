import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AshlarError } from "../src/index.ts";
import {
  assertNothingChanged,
  assertOwnCases,
  type RefusedCall,
  type Wrong,
  w,
} from "./reference/bad-input.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("bad input: calls");

/** Calls on a living optimizer; each must leave its digest as it was. */
const ROWS: RefusedCall[] = [
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

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, act, kind, message] of ROWS) {
  test(`refused, and nothing changed: ${why}`, () => assertNothingChanged(act, kind, message));
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

test("a target of a 16-bit model may be either", async () => {
  const optimizer = await AdamW.create({ w: { shape: [4] } }, { precision: { model: "float16" } });
  assert.throws(
    () => optimizer.copyTo({ w: new Uint8Array(4) as Wrong }),
    (error: TypeError) =>
      error instanceof TypeError &&
      error.message ===
        '"target" of parameter "w": expected a Float32Array or a Uint16Array, got Uint8Array of length 4',
  );
});

test.run();
