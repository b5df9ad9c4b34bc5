import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type NamedGradients } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused } from "./reference/refused.ts";

// P21: ashlar's own memory given back to it, and views that are older than it.

const test = suite("misuse: views of ashlar's own memory");

const made = (options = {}) => {
  const optimizer = new AdamW(
    { a: realistic(6, 1), b: realistic(6, 2), c: { shape: [3, 2], data: realistic(6, 3) } },
    options,
  );
  for (const name of ["a", "b", "c"]) optimizer.parameter(name).parts[0].gradient.fill(0.5);
  return optimizer;
};

const refusal = (what: string, name: string, of: string) =>
  `"${what}" of parameter "${name}": expected an array of the caller's, or the view of its own, ` +
  `got memory of parameter "${of}", which the same call writes. Give a copy`;

type Gives = (o: AdamW, fresh: Float32Array) => Wrong;

/** Gradients that would be overwritten before their turn. */
const OVERLAPS: [why: string, gives: Gives, name: string, of: string][] = [
  ["each other's gradients", (o) => ({ a: o.gradient("b"), b: o.gradient("a") }), "a", "b"],
  ["one that is written before", (o, a) => ({ a, b: o.gradient("a") }), "b", "a"],
  ["one that is written after", (o, b) => ({ a: o.gradient("b"), b }), "a", "b"],
  [
    "a view over two of them",
    (o, a) => ({ a, b: o.groupGradients("default")[0].gradient.subarray(3, 9) }),
    "b",
    "a",
  ],
  [
    "its own, moved by one",
    (o) => ({ a: o.groupGradients("default")[0].gradient.subarray(1, 7) }),
    "a",
    "a",
  ],
  [
    "rows that lie in another's",
    (o, a) => ({ a, c: { rows: [0, 1, 2], values: o.gradient("a") } }),
    "c",
    "a",
  ],
  [
    "another, spread over rows",
    (o) => ({ a: o.gradient("c"), c: { rows: [2], values: Float32Array.of(1, 2) } }),
    "a",
    "c",
  ],
];

for (const [why, gives, name, of] of OVERLAPS) {
  for (const call of ["step", "accumulate"] as const) {
    test(`${call}: ${why}`, () => {
      const optimizer = made();
      const before = optimizer.digest();
      const gradients: NamedGradients = gives(optimizer, new Float32Array(6));
      assertRefused(() => optimizer[call](gradients), RangeError, refusal("gradient", name, of));
      assert.is(optimizer.digest(), before);
      assert.equal([...optimizer.gradient("a")], new Array(6).fill(0.5), "not even a gradient");
      assert.is(optimizer.step().step, 1);
    });
  }
}

test("step: 16-bit gradients of each other", () => {
  const optimizer = made({ precision: { gradients: "bfloat16" } });
  const before = optimizer.digest();
  const [a, b] = [optimizer.gradient16("b"), optimizer.gradient16("a")];
  assertRefused(() => optimizer.step({ a, b }), RangeError, refusal("gradient", "a", "b"));
  assert.is(optimizer.digest(), before);
});

test("step: in shared memory too", async () => {
  const optimizer = await AdamW.create({ a: realistic(6, 1), b: realistic(6, 2) }, { threads: 2 });
  const before = optimizer.digest();
  const [a, b] = [optimizer.gradient("b"), optimizer.gradient("a")];
  assertRefused(() => optimizer.step({ a, b }), RangeError, refusal("gradient", "a", "b"));
  assert.is(optimizer.digest(), before);
  optimizer.dispose();
});

const WEIGHTS: [why: string, gives: Gives, name: string, of: string][] = [
  [
    "each other's weights",
    (o) => ({ a: o.parameter("b").master, b: o.parameter("a").master }),
    "a",
    "b",
  ],
  ["those that are written before", (o, a) => ({ a, b: o.parameter("a").master }), "b", "a"],
];

for (const [why, gives, name, of] of WEIGHTS) {
  test(`setWeights: ${why}`, () => {
    const optimizer = made();
    const before = optimizer.digest();
    const weights = gives(optimizer, new Float32Array(6));
    assertRefused(() => optimizer.setWeights(weights), RangeError, refusal("weights", name, of));
    assert.is(optimizer.digest(), before);
  });
}

test("each row is its own case", () => {
  assertOwnCases(OVERLAPS);
  assertOwnCases(WEIGHTS);
});

/** Views that nothing overwrites before their turn: the bits are those of copies. */
const FINE: [why: string, gives: Gives][] = [
  ["its own gradient", (o) => ({ a: o.gradient("a") })],
  ["all of their own", (o) => ({ a: o.gradient("a"), b: o.gradient("b"), c: o.gradient("c") })],
  ["one gradient for two", (o) => ({ a: o.gradient("a"), b: o.gradient("a") })],
  ["the gradient of one that takes no part", (o) => ({ a: o.gradient("b") })],
  ["the weights", (o) => ({ a: o.parameter("b").master, b: o.parameter("a").master })],
  ["a moment", (o) => ({ a: o.parameter("a").expAvg })],
  ["rows of its own gradient", (o) => ({ c: { rows: [0], values: o.gradient("c").subarray(4) } })],
  [
    "rows of one that takes no part",
    (o) => ({ c: { rows: [2, 0], values: o.gradient("a").subarray(1, 5) } }),
  ],
];

for (const [why, gives] of FINE) {
  test(`fine, with the bits of copies: ${why}`, () => {
    const [views, copies] = [made(), made()];
    for (const each of [views, copies]) {
      each.gradient("a").set(realistic(6, 9));
      each.gradient("c").set(realistic(6, 8));
    }
    views.step(gives(views, new Float32Array(6)));
    copies.step(structuredClone(gives(copies, new Float32Array(6))));
    assert.is(views.digest(), copies.digest());
  });
}

test("fine: its own weights, set again", () => {
  const optimizer = made();
  const before = optimizer.digest();
  optimizer.setWeights({ a: optimizer.parameter("a").master, b: optimizer.parameter("b").master });
  assert.is(optimizer.digest(), before);
});

test("a view from before addParameters is of memory that is not used any more", () => {
  const optimizer = made();
  const [gradient, master] = [optimizer.gradient("a"), optimizer.parameter("a").master];
  const view = optimizer.parameter("a");
  optimizer.addParameters({ d: realistic(3, 4) });
  const before = optimizer.digest();
  gradient.fill(Number.NaN);
  master.fill(Number.NaN);
  assert.is(optimizer.digest(), before);
  assert.equal([...optimizer.gradient("a")], new Array(6).fill(0.5), "gradients were carried over");
  assert.ok(view.gradient.buffer === optimizer.gradient("a").buffer, "a ParameterView goes along");
  assert.is(optimizer.step().nonFinite, null);
});

test("as a gradient such a view is an array like any other", () => {
  const optimizer = made();
  const old = optimizer.gradient("b");
  optimizer.addParameters({ d: realistic(3, 4) });
  const copy = made();
  copy.addParameters({ d: realistic(3, 4) });
  optimizer.step({ a: old, b: old });
  copy.step({ a: old.slice(), b: old.slice() });
  assert.is(optimizer.digest(), copy.digest());
});

test("ashlar's memory cannot be handed over to somebody else", () => {
  const optimizer = made();
  const gradient = optimizer.gradient("a");
  const before = optimizer.digest();
  try {
    // Some engines refuse, others copy.
    structuredClone(gradient, { transfer: [gradient.buffer as ArrayBuffer] });
  } catch (error) {
    assert.is((error as Error).name, "DataCloneError");
  }
  assert.is(gradient.length, 6);
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.step().step, 1);
});

test.run();
