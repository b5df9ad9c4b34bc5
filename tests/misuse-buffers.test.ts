import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, adamw, WeightAverage } from "../src/index.ts";
import { assertNothingAllocated, assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { grownAway, resized, transferred } from "./reference/misuse.ts";
import { assertRefused, type ErrorClass, type RefusedRow } from "./reference/refused.ts";

// P21: arrays whose memory is gone, of another kind, or not what they say they are.

const test = suite("misuse: buffers");

const GONE: Readonly<Record<string, (length: number) => Float32Array>> = {
  "handed over to a worker": (length) => transferred(new Float32Array(length)),
  "of a WebAssembly memory that grew": grownAway,
  "of a buffer that shrank below it": (length) => resized(length, 4, false),
};

const REMEDY =
  ". Its memory was transferred, or has grown or shrunk: make a new view, or a copy before that";
const detached = (what: string, where: string, expected: string, kind = "Float32Array") =>
  `"${what}" of ${where}: expected ${expected}, got a detached ${kind}${REMEDY}`;

const PARAMETERS = () => ({
  w: Float32Array.of(1, 2, 3, 4),
  table: { shape: [2, 2] },
  none: empty(),
});
const empty = () => new Float32Array(0);

/** Where arrays go, with what each says of one whose memory is gone. */
const CALLS: [call: string, act: (o: AdamW, gone: Float32Array) => unknown, message: string][] = [
  ["step", (o, w) => o.step({ w }), detached("gradient", 'parameter "w"', "4 elements")],
  [
    "step, of a parameter without elements",
    (o, none) => o.step({ none }),
    detached("gradient", 'parameter "none"', "0 elements"),
  ],
  [
    "accumulate",
    (o, w) => o.accumulate({ w }),
    detached("gradient", 'parameter "w"', "4 elements"),
  ],
  ["setWeights", (o, w) => o.setWeights({ w }), detached("weights", 'parameter "w"', "4 elements")],
  ["copyTo", (o, w) => o.copyTo({ w }), detached("target", 'parameter "w"', "4 elements")],
  [
    "rows' values",
    (o, values) => o.step({ table: { rows: [0, 1], values } }),
    detached("values", 'parameter "table"', "4 elements, 2 rows of 2"),
  ],
  [
    "no rows' values",
    (o, values) => o.step({ table: { rows: [], values } }),
    detached("values", 'parameter "table"', "0 elements, 0 rows of 2"),
  ],
  [
    "addParameters",
    (o, v) => o.addParameters({ v }),
    detached("data", 'parameter "v"', "a Float32Array or { shape, data?, dtype? }"),
  ],
  [
    "addParameters, with a shape",
    (o, data) => o.addParameters({ v: { shape: [4], data } }),
    detached("data", 'parameter "v"', "a Float32Array"),
  ],
  [
    "a group's lr",
    (o, lr) => {
      o.groups[0].lr = lr;
    },
    detached("lr", "the options", "numbers"),
  ],
];

/** Throws unless the call is refused in these words, changes nothing, and all goes on after it. */
function refusedOf(act: (o: AdamW) => unknown, kind: ErrorClass, message: string): void {
  const optimizer = new AdamW(PARAMETERS());
  optimizer.step({ w: Float32Array.of(1, 1, 1, 1) });
  const facts = () => [optimizer.digest(), optimizer.configDigest(), optimizer.steps];
  const before = facts();
  assertRefused(() => act(optimizer), kind, message);
  assert.equal(facts(), before, "nothing has changed");
  assert.is(optimizer.step({ w: Float32Array.of(1, 1, 1, 1) }).step, 2, "and it still works");
  optimizer.dispose();
}

for (const [how, make] of Object.entries(GONE)) {
  for (const [call, act, message] of CALLS) {
    test(`${call}: an array ${how}`, () => refusedOf((o) => act(o, make(4)), TypeError, message));
  }
  test(`a constructor: an array ${how}`, () => {
    const expected = "a Float32Array or { shape, data?, dtype? }";
    const message = detached("data", 'parameter "w"', expected);
    const gone = make(4);
    assertNothingAllocated(() => new AdamW({ w: gone }), TypeError, message);
  });
}

const NONE_LEFT: RefusedRow[] = [
  [
    "lr in the options",
    () => new AdamW(PARAMETERS(), { lr: transferred(Float64Array.of(0.1)) }),
    TypeError,
    detached("lr", "the options", "numbers", "Float64Array"),
  ],
  [
    "weightDecay of a group",
    () => new AdamW([{ params: PARAMETERS(), weightDecay: transferred(new Uint8Array(3)) }]),
    TypeError,
    detached("weightDecay", "group 0", "numbers", "Uint8Array"),
  ],
  [
    "16-bit data",
    () => {
      const data = transferred(new Uint16Array(2));
      return new AdamW({ w: { shape: [2], dtype: "float16", data } });
    },
    TypeError,
    detached("data", 'parameter "w"', "a Uint16Array of float16 bits", "Uint16Array"),
  ],
];

for (const [why, act, kind, message] of NONE_LEFT) {
  test(`detached: ${why}`, () => assertNothingAllocated(act, kind, message));
}

test("detached: 16-bit gradients, and rows", () => {
  const optimizer = new AdamW(
    { table: { shape: [2, 2] } },
    { precision: { gradients: "float16" } },
  );
  const before = optimizer.digest();
  const bits = () => transferred(new Uint16Array(4));
  assertRefused(
    () => optimizer.step({ table: bits() }),
    TypeError,
    detached("gradient", 'parameter "table"', "4 elements", "Uint16Array"),
  );
  const values = new Float32Array(4);
  for (const kind of [Int32Array, Uint32Array]) {
    assertRefused(
      () => optimizer.step({ table: { rows: transferred(new kind(2)), values } }),
      TypeError,
      detached(
        "rows",
        'parameter "table"',
        "an Int32Array, a Uint32Array or an array of numbers",
        kind.name,
      ),
    );
  }
  assert.is(optimizer.digest(), before);
});

test("targets of another kind, where there is a 16-bit model too", () => {
  const optimizer = new AdamW({ w: Float32Array.of(1, 2) }, { precision: { model: "bfloat16" } });
  assertRefused(
    () => optimizer.copyTo({ w: new Float64Array(2) as Wrong }),
    TypeError,
    '"target" of parameter "w": expected a Float32Array or a Uint16Array, got Float64Array of length 2',
  );
});

test("detached: the functional form, and a weight average's state", () => {
  const rates = { lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, eps: 1e-8, amsgrad: false };
  const p = Float32Array.of(1, 2);
  const zeros = () => [new Float32Array(2)];
  const gone = transferred(new Float32Array(2));
  assertRefused(
    () => adamw([p], [gone], zeros(), zeros(), [], [1], rates as Wrong),
    TypeError,
    detached("grads[0]", "adamw", "2 elements"),
  );
  assertRefused(
    () => adamw([gone], zeros(), zeros(), zeros(), [], [1], rates as Wrong),
    TypeError,
    detached("params[0]", "adamw", "0 elements"),
  );
  assert.equal([...p], [1, 2]);
  const optimizer = new AdamW({ w: p });
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, merge: false });
  optimizer.step({ w: p });
  average.update();
  const state = average.state();
  assertRefused(
    () => average.restore({ ...state, average: { w: gone as Float32Array<ArrayBuffer> } }),
    TypeError,
    detached("average", 'parameter "w" in the weight average\'s state', "2 elements"),
  );
  assert.equal(average.state(), state);
});

/** Arrays that are not what they say, or of another length, and what a step says of them. */
const LIARS: [why: string, make: () => unknown, kind: ErrorClass, got: string][] = [
  ["too short", () => new Float32Array(3), RangeError, "4 elements, got 3"],
  ["too long", () => new Float32Array(5), RangeError, "4 elements, got 5"],
  ["shrunk, and tracking it", () => resized(4, 8, true), RangeError, "4 elements, got 2"],
  ["grown, and tracking it", () => resized(4, 32, true), RangeError, "4 elements, got 8"],
  [
    "with a length of its own",
    () => Object.defineProperty(new Float32Array(2), "length", { value: 4 }),
    RangeError,
    "4 elements, got 2",
  ],
  [
    "of a class that says another length",
    () =>
      new (class Longer extends Float32Array {
        override get length() {
          return 4;
        }
      })(2),
    RangeError,
    "4 elements, got 2",
  ],
  [
    "that says it is of another class",
    () => Object.defineProperty(new Uint32Array(4), Symbol.toStringTag, { value: "Float32Array" }),
    TypeError,
    "Uint32Array of length 4",
  ],
  [
    "of a prototype that is not its own",
    () => Object.setPrototypeOf(new Int32Array(4), Float32Array.prototype),
    TypeError,
    "Float32Array of length 4",
  ],
  [
    "of no prototype",
    () => Object.setPrototypeOf(new Float64Array(4), null),
    TypeError,
    "a view of bytes",
  ],
  ["behind a Proxy", () => new Proxy(new Float32Array(4), {}), TypeError, "a Float32Array"],
  ["in float64", () => new Float64Array(4), TypeError, "Float64Array of length 4"],
  ["as whole numbers", () => new Int32Array(4), TypeError, "Int32Array of length 4"],
  [
    "as 16 bits, where none are asked for",
    () => new Uint16Array(4),
    TypeError,
    "Uint16Array of length 4",
  ],
  ["as a DataView", () => new DataView(new ArrayBuffer(16)), TypeError, "DataView"],
  ["as a buffer", () => new ArrayBuffer(16), TypeError, "a ArrayBuffer"],
  ["as a shared buffer", () => new SharedArrayBuffer(16), TypeError, "a SharedArrayBuffer"],
  ["as a list", () => [1, 2, 3, 4], TypeError, "[1, 2, 3, 4]"],
  ["as a Promise", () => Promise.resolve(new Float32Array(4)), TypeError, "a Promise"],
];

const TAKERS: [
  call: string,
  take: (o: AdamW, w: Wrong) => unknown,
  what: string,
  ofKind: string,
][] = [
  ["step", (o, w) => o.step({ w }), "gradient", "a Float32Array, or null to leave it as it is"],
  [
    "accumulate",
    (o, w) => o.accumulate({ w }),
    "gradient",
    "a Float32Array, or null to leave it as it is",
  ],
  ["setWeights", (o, w) => o.setWeights({ w }), "weights", "a Float32Array"],
  ["copyTo", (o, w) => o.copyTo({ w }), "target", "a Float32Array"],
];

test("each row is its own case", () => {
  assertOwnCases(LIARS);
  assertOwnCases(TAKERS);
  assertOwnCases(CALLS);
});

for (const [call, take, what, ofKind] of TAKERS) {
  for (const [why, make, kind, got] of LIARS) {
    test(`${call}: an array ${why}`, () => {
      const words = kind === RangeError ? got : `${ofKind}, got ${got}`;
      const message = `"${what}" of parameter "w": expected ${words}`;
      refusedOf((o) => take(o, make()), kind, message);
    });
  }
}

/** Memory that is not ashlar's, and is fine: it is copied at once. */
const FOREIGN: Readonly<Record<string, (length: number) => Float32Array>> = {
  "another WebAssembly memory": (length) =>
    new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer, 8, length),
  "shared memory": (length) => new Float32Array(new SharedArrayBuffer(4 * length)),
  "a resizable buffer": (length) => resized(length, 4 * length, true),
  "the middle of a buffer": (length) => new Float32Array(length + 9).subarray(3, 3 + length),
};

for (const [what, make] of Object.entries(FOREIGN)) {
  test(`${what} gives the bits of any other array`, () => {
    const train = (array: (length: number) => Float32Array) => {
      const of = (...values: number[]) => {
        const made = array(values.length);
        made.set(values);
        return made;
      };
      const optimizer = new AdamW({ w: of(1, 2, 3, 4) }, { lr: of(0.5, 0.25, 0.125) });
      optimizer.step({ w: of(1, -2, 3, -4) });
      optimizer.setWeights({ w: of(4, 3, 2, 1) });
      optimizer.accumulate({ w: of(1, 1, 1, 1) });
      optimizer.step();
      const target = array(4);
      optimizer.copyTo({ w: target });
      return [optimizer.digest(), ...target];
    };
    assert.equal(
      train(make),
      train((length) => new Float32Array(length)),
    );
  });
}

test("rates are read when they are given: what becomes of their array changes nothing", () => {
  const values = Float64Array.of(0.5, 0.25);
  const optimizer = new AdamW({ w: new Float32Array(1) }, { lr: values });
  transferred(values);
  assert.is(optimizer.step().lr.default, 0.5);
  assert.is(optimizer.step().lr.default, 0.25);
});

test.run();
