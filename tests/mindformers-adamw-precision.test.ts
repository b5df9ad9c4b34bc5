import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MindFormersAdamW, type MindFormersAdamWOptions } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { halfParameter, PlainHalfOptimizer, widened } from "./reference/half-weights.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

// 16-bit parameters of MindFormersAdamW: the parameter's dtype is the model's. Masters are kept,
// but not by "executed", which is what the original does.

const test = suite("MindFormersAdamW precision");

const NAMES = ["a", "b"] as const;
const HALVES = ["float16", "bfloat16"] as const;
type Half = (typeof HALVES)[number];

const halves = (dtype: Half) => ({
  a: halfParameter(37, 1, dtype),
  b: halfParameter(1029, 2, dtype),
});
const grouped = (dtype: Half) => [
  { params: { a: halves(dtype).a }, lr: 1e-3 },
  { params: [{ name: "b", ...halves(dtype).b }] },
  { orderParams: ["b", "a"] },
];
const mixed = () => [{ params: { a: halves("float16").a } }, { params: { b: realistic(1029, 2) } }];
const gradientsAt = (k: number) => ({
  a: realistic(37, 10 * k + 3),
  b: realistic(1029, 10 * k + 4),
});
const digestOf = (optimizer: MindFormersAdamW) => {
  for (let k = 0; k < 3; k++) optimizer.step(gradientsAt(k));
  return optimizer.digest();
};

for (const dtype of HALVES) {
  for (const [why, options, masters] of [
    ["with masters by default", {}, true],
    ["with masters by precision.master", { precision: { master: true } }, true],
    ["without masters by precision.master", { precision: { master: false } }, false],
    ["without masters as executed", { arithmetic: "executed" }, false],
  ] as const) {
    test(`${dtype} parameters are the model, ${why}: plain loops' bits over 70 steps`, () => {
      const optimizer = new MindFormersAdamW(grouped(dtype), { ...options, weightDecay: 0.125 });
      const plain = new PlainHalfOptimizer(dtype, masters);
      for (const name of NAMES) plain.add(name, halves(dtype)[name].data, { weightDecay: 0.125 });
      const check = (when: string) => {
        for (const name of NAMES) {
          const { master, model } = optimizer.parameter(name);
          assert.is(differingBits(master, plain.master(name)), -1, `${name} ${when}`);
          assert.equal(model, plain.model(name), `${name} ${when}`);
        }
      };
      check("as given");
      assert.equal(optimizer.parameter("b").model, halves(dtype).b.data);
      for (let k = 0; k < 70; k++) {
        optimizer.step(gradientsAt(k));
        plain.step(gradientsAt(k));
      }
      check("after 70 steps");
    });
  }

  test(`${dtype}: it means the same as precision.model, in every arithmetic`, () => {
    for (const arithmetic of ["intended", "documented", "executed"] as const) {
      const inferred = new MindFormersAdamW(halves(dtype), { arithmetic });
      const precision = { model: dtype, master: arithmetic !== "executed" };
      const said = new MindFormersAdamW(halves(dtype), { arithmetic, precision });
      assert.is(inferred.configDigest(), said.configDigest(), arithmetic);
      assert.is(digestOf(inferred), digestOf(said), arithmetic);
    }
  });

  test(`${dtype}: as executed small updates are lost, else they add up`, () => {
    const one = { w: { shape: [1], data: narrowed(Float32Array.of(1), dtype).halves, dtype } };
    const moved = (arithmetic: "intended" | "executed") => {
      const optimizer = new MindFormersAdamW(one, { arithmetic, learningRate: 1e-4 });
      for (let k = 0; k < 200; k++) optimizer.step([Float32Array.of(1)]);
      return valueOfHalf((optimizer.parameter("w").model as Uint16Array)[0], dtype);
    };
    assert.is(moved("executed"), 1);
    assert.ok(Math.abs(moved("intended") - 0.98) < 2 ** -8, `${moved("intended")}`);
  });

  for (const arithmetic of ["intended", "executed"] as const) {
    test(`${dtype}, ${arithmetic}: what overflows is counted and named`, () => {
      const largest = narrowed(Float32Array.of(dtype === "float16" ? 65_504 : 3.3895e38), dtype);
      const data = new Uint16Array(1030).fill(largest.halves[0]);
      const optimizer = new MindFormersAdamW(
        { fine: halfParameter(2, 1, dtype), grows: { shape: [1030], data, dtype } },
        { arithmetic, learningRate: dtype === "float16" ? 100 : 7e35 },
      );
      const up = Float32Array.from({ length: 1030 }, (_, i) => (i % 10 === 0 ? -1 : 0));
      const { overflowed } = optimizer.step([new Float32Array(2), up]);
      assert.equal(overflowed, [{ parameter: "grows", count: 103 }]);
      const { master } = optimizer.parameter("grows");
      const kept = arithmetic === "intended";
      assert.is(master.filter(Number.isFinite).length, kept ? 1030 : 927);
      const again = optimizer.step([new Float32Array(2), new Float32Array(1030)]).overflowed;
      assert.equal(again, kept ? [{ parameter: "grows", count: 103 }] : []);
    });
  }
}

test("a model that is given wins: float32 widens all, 16 bits take float32 in", () => {
  const wide = new MindFormersAdamW(halves("bfloat16"), { precision: { model: "float32" } });
  assert.is(wide.parameter("a").model, null);
  const floats = NAMES.map((name) => [name, widened(halves("bfloat16")[name].data, "bfloat16")]);
  assert.is(digestOf(wide), digestOf(new MindFormersAdamW(Object.fromEntries(floats))));
  const narrow = new MindFormersAdamW(mixed(), { precision: { model: "float16" } });
  assert.equal(narrow.parameter("b").model, narrowed(realistic(1029, 2), "float16").halves);
});

test("float32 parameters have no copy, in any arithmetic", () => {
  for (const arithmetic of ["intended", "executed"] as const) {
    const optimizer = new MindFormersAdamW({ w: Float32Array.of(1) }, { arithmetic });
    assert.is(optimizer.parameter("w").model, null);
  }
});

const refused =
  (params: ConstructorParameters<typeof MindFormersAdamW>[0], options?: MindFormersAdamWOptions) =>
  () =>
    new MindFormersAdamW(params, options);

const REFUSED: RefusedRow[] = [
  [
    "mixed dtypes in two groups, without a model",
    refused(mixed()),
    RangeError,
    '"dtype" of parameter "b": expected "float16", as parameter "a" has, got "float32". An optimizer keeps one dtype: say which by precision.model, or make an optimizer for each',
  ],
  [
    "a model of the other 16 bits",
    refused(grouped("bfloat16"), { precision: { model: "float16" } }),
    RangeError,
    '"model" of precision: expected "bfloat16", the dtype of parameter "a", or "float32", got "float16"',
  ],
  [
    "masters as executed",
    refused(halves("float16"), { arithmetic: "executed", precision: { master: true } }),
    RangeError,
    '"master" of precision: expected false with arithmetic "executed" and a 16-bit model, got true. That is "intended"',
  ],
  [
    "no masters of float32 parameters",
    refused({ w: new Float32Array(2) }, { precision: { master: false } }),
    RangeError,
    '"master" of precision: expected true with a float32 model, which has no copy beside it, got false',
  ],
  [
    "precision is a word",
    refused(halves("float16"), { precision: "float16" as unknown as { model: "float16" } }),
    TypeError,
    '"precision" of the options: expected an object of options, got "float16"',
  ],
];

for (const [why, act, kind, message] of REFUSED) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test.run();
