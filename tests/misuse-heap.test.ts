import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  HeapAdamW,
  type HeapAdamWOptions,
  type HeapTensor,
  ready,
} from "../src/adapters/core/index.ts";
import { AshlarError } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { assertEveryMember } from "./reference/misuse.ts";
import { assertRefused, type ErrorClass } from "./reference/refused.ts";

// P21 for HeapAdamW, whose memory is the caller's: there is nothing to dispose.

const test = suite("misuse: HeapAdamW");

await ready();

const AT = 1024;
/** Two tensors of four elements behind the table, and a canary between and after their arrays. */
function layOut() {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  let next = AT + HeapAdamW.bytesFor(3);
  const take = () => {
    next += 24;
    return next - 24;
  };
  const tensors = ["a", "b"].map((name): HeapTensor => {
    const tensor = { name, length: 4, param: take(), grad: take(), expAvg: take() };
    return { ...tensor, expAvgSq: take() };
  });
  const floats = (at: number) => new Float32Array(memory.buffer, at, 4);
  for (const { param, grad } of tensors) {
    floats(param).set([1, 2, 3, 4]);
    floats(grad).set([1, -1, 0.5, -0.5]);
  }
  /** All of the heap but the optimizer's own table. */
  const bytes = () => {
    const all = new Uint8Array(memory.buffer).slice(0, 65_536);
    all.fill(0, AT, AT + HeapAdamW.bytesFor(3));
    return all;
  };
  return { memory, tensors, floats, bytes };
}

type Heap = ReturnType<typeof layOut>;

function open(heap: Heap, options: Partial<HeapAdamWOptions> = {}): HeapAdamW {
  return new HeapAdamW(heap.memory, heap.tensors, { at: AT, ...options });
}

/** Constructors that are refused. */
const CONSTRUCTORS: [
  why: string,
  make: (heap: Heap) => unknown,
  error: ErrorClass,
  message: string,
][] = [
  [
    "a tensor's lrScale is NaN",
    ({ memory, tensors: [a] }) =>
      new HeapAdamW(memory, [{ ...a, lrScale: Number.NaN }], { at: AT }),
    RangeError,
    '"lrScale" of tensor "a": expected a finite number >= 0, got NaN',
  ],
  [
    "a tensor's lrScale is text",
    ({ memory, tensors: [a] }) =>
      new HeapAdamW(memory, [{ ...a, lrScale: "1" as Wrong }], { at: AT }),
    TypeError,
    '"lrScale" of tensor "a": expected a finite number >= 0, got "1"',
  ],
  [
    "a tensor's decays is 1",
    ({ memory, tensors: [a] }) => new HeapAdamW(memory, [{ ...a, decays: 1 as Wrong }], { at: AT }),
    TypeError,
    '"decays" of tensor "a": expected true or false, got 1',
  ],
  [
    "a tensor's name is a number",
    ({ memory, tensors: [a] }) => new HeapAdamW(memory, [{ ...a, name: 7 as Wrong }], { at: AT }),
    TypeError,
    '"name" of tensors[0]: expected a string, got 7',
  ],
  [
    "what only looks like a memory",
    ({ memory, tensors }) => new HeapAdamW({ buffer: memory.buffer } as Wrong, tensors, { at: AT }),
    TypeError,
    '"memory" of HeapAdamW: expected a WebAssembly.Memory that is not shared, got an object',
  ],
  [
    "a hole in the list",
    ({ memory }) => new HeapAdamW(memory, new Array(1), { at: AT }),
    TypeError,
    '"tensors[0]" of HeapAdamW: expected an object of addresses, got undefined',
  ],
  [
    "a count of tensors that is negative",
    () => HeapAdamW.bytesFor(-1),
    RangeError,
    '"count" of bytesFor: expected a whole number from 0 to 44739071, got -1',
  ],
  [
    "a count of tensors that is no number",
    () => HeapAdamW.bytesFor("2" as Wrong),
    TypeError,
    '"count" of bytesFor: expected a whole number from 0 to 44739071, got "2"',
  ],
];

test("each row is its own case", () => assertOwnCases(CONSTRUCTORS));

test("what an engine itself refuses comes through", () => {
  const heap = layOut();
  const { Instance } = WebAssembly;
  const own = new RangeError("out of memory");
  WebAssembly.Instance = class {
    constructor() {
      throw own;
    }
  } as never;
  try {
    assertRefused(() => open(heap), RangeError, "out of memory");
  } finally {
    WebAssembly.Instance = Instance;
  }
});

for (const [why, make, kind, message] of CONSTRUCTORS) {
  test(`refused, and no byte of the heap written: ${why}`, () => {
    const heap = layOut();
    const before = new Uint8Array(heap.memory.buffer).slice();
    assertRefused(() => make(heap), kind, message);
    assert.equal(new Uint8Array(heap.memory.buffer), before);
  });
}

/** Calls that are refused, on an optimizer that has stepped once. */
const CALLS: [
  member: string,
  why: string,
  act: (o: HeapAdamW) => unknown,
  error: ErrorClass,
  message: string,
][] = [
  [
    "step",
    "a gradScale of text",
    (o) => o.step("1" as Wrong),
    TypeError,
    '"gradScale" of step: expected a finite number, got "1"',
  ],
  [
    "step",
    "a gradScale that is NaN",
    (o) => o.step(Number.NaN),
    TypeError,
    '"gradScale" of step: expected a finite number, got NaN',
  ],
  [
    "step",
    "a gradScale that float32 cannot hold",
    (o) => o.step(1e39),
    RangeError,
    '"gradScale" of step: expected a number that is finite as float32, got 1e+39',
  ],
  [
    "steps",
    "NaN is assigned",
    (o) => Object.assign(o, { steps: Number.NaN }),
    RangeError,
    '"steps" of HeapAdamW: expected a whole number from 0 to 9007199254740990, got NaN',
  ],
  [
    "steps",
    "a negative number is assigned",
    (o) => Object.assign(o, { steps: -1 }),
    RangeError,
    '"steps" of HeapAdamW: expected a whole number from 0 to 9007199254740990, got -1',
  ],
  [
    "steps",
    "text is assigned",
    (o) => Object.assign(o, { steps: "3" }),
    TypeError,
    '"steps" of HeapAdamW: expected a whole number from 0 to 9007199254740990, got "3"',
  ],
  [
    "overflowed",
    "it is assigned",
    (o) => Object.assign(o, { overflowed: 3 }),
    TypeError,
    "Cannot set property overflowed of #<HeapAdamW> which has only a getter",
  ],
];

test("each public member has a row", () => assertEveryMember(CALLS, HeapAdamW.prototype));

for (const [member, why, act, kind, message] of CALLS) {
  test(`refused, and nothing changed: ${member}, ${why}`, () => {
    const heap = layOut();
    const optimizer = open(heap);
    optimizer.step();
    const before = heap.bytes();
    assertRefused(() => act(optimizer), kind, message);
    assert.equal(heap.bytes(), before);
    assert.is(optimizer.steps, 1);
    assert.is(optimizer.step(), true);
  });
}

/** What a schedule may not do, and what then becomes of the step. */
const WITHIN: [why: string, act: (o: HeapAdamW) => unknown, message: string][] = [
  ["steps", (o) => o.step(), "step: expected no step to run, got a call from within one"],
  [
    "sets the steps",
    (o) => Object.assign(o, { steps: 9 }),
    "steps: expected no step to run, got a call from within one",
  ],
];

for (const [why, act, message] of WITHIN) {
  test(`a schedule that ${why} is refused, and so is its step`, () => {
    const heap = layOut();
    let nested = true;
    const lr = () => {
      if (nested) act(optimizer);
      return 0.125;
    };
    const optimizer = open(heap, { lr });
    const before = heap.bytes();
    assertRefused(() => optimizer.step(), AshlarError, message);
    assert.equal(heap.bytes(), before);
    nested = false;
    assert.is(optimizer.step(), true);
    assert.is(optimizer.steps, 1);
  });
}

test("a schedule that makes the memory grow: the step has the bits of one that did not", () => {
  const [growing, plain] = [layOut(), layOut()];
  const grows = open(growing, {
    lr: () => {
      growing.memory.grow(1);
      return 0.125;
    },
  });
  const other = open(plain, { lr: 0.125 });
  for (const each of [grows, other]) each.step();
  assert.equal(growing.bytes(), plain.bytes());
  assert.is(grows.steps, 1);
});

test("tensors without a name go by their places", () => {
  const heap = layOut();
  const tensors = heap.tensors.map(({ name: _, ...tensor }) => tensor);
  const optimizer = new HeapAdamW(heap.memory, tensors, { at: AT });
  heap.floats(tensors[1].grad)[2] = Number.NaN;
  const before = heap.bytes();
  assertRefused(
    () => optimizer.step(),
    AshlarError,
    '"grad" of tensor "tensors[1]": expected finite numbers of at most 2^63, got NaN. Nothing was ' +
      'changed; nonFinite: "skip" skips such steps',
  );
  assert.equal(heap.bytes(), before);
  assertRefused(
    () => new HeapAdamW(heap.memory, [{ ...tensors[0], lrScale: -1 }], { at: AT }),
    RangeError,
    '"lrScale" of tensors[0]: expected a finite number >= 0, got -1',
  );
});

test("what becomes of the caller's list of tensors changes nothing", () => {
  const [changed, plain] = [layOut(), layOut()];
  const [optimizer, other] = [open(changed), open(plain)];
  changed.tensors.push({ ...changed.tensors[0], param: 0 });
  Object.assign(changed.tensors[0], { lrScale: Number.NaN, length: 99, decays: false });
  for (const each of [optimizer, other]) each.step();
  assert.equal(changed.bytes(), plain.bytes());
});

test("overflowed counts the infinities of the model copies, also once the memory has grown", () => {
  const heap = layOut();
  const tensors = heap.tensors.map((tensor) => ({ ...tensor, model: tensor.expAvgSq + 16 }));
  const optimizer = new HeapAdamW(heap.memory, tensors, { at: AT, model: "float16", lr: 0 });
  heap.floats(tensors[1].param).set([1e5, 0, -1e6, 65_504]);
  assert.is(optimizer.step(), true);
  assert.is(optimizer.overflowed, 2);
  heap.memory.grow(1);
  assert.is(optimizer.overflowed, 2);
});

test("rates that float32 cannot hold are refused, naming the tensor", () => {
  const heap = layOut();
  const tensors = [heap.tensors[0], { ...heap.tensors[1], lrScale: 1e30 }];
  const optimizer = new HeapAdamW(heap.memory, tensors, { at: AT, lr: 1e20 });
  const before = heap.bytes();
  assertRefused(
    () => optimizer.step(),
    RangeError,
    '"lr, weightDecay and eps" of tensor "b" at step 0: expected products that are finite as ' +
      "float32, got decay 1e+48, step size 3.1622776601683813e+49, eps 3.1622776601683806e-10",
  );
  assert.equal(heap.bytes(), before);
});

test.run();
