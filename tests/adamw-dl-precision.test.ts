import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamWDL, type AdamWDLOptions } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { halfParameter, PlainHalfOptimizer, widened } from "./reference/half-weights.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused, type RefusedRow } from "./reference/refused.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

// 16-bit parameters of AdamWDL, as Paddle has them: the parameter's dtype is the model's.

const test = suite("AdamWDL precision");

const LENGTHS = { a: 37, b: 1029 };
const NAMES = ["a", "b"] as const;
const HALVES = ["float16", "bfloat16"] as const;
type Half = (typeof HALVES)[number];

const halves = (dtype: Half) => ({
  a: halfParameter(LENGTHS.a, 1, dtype),
  b: halfParameter(LENGTHS.b, 2, dtype),
});
const mixed = () => ({ a: halves("float16").a, b: realistic(LENGTHS.b, 2) });
const gradientsAt = (k: number) => ({
  a: realistic(LENGTHS.a, 10 * k + 3),
  b: realistic(LENGTHS.b, 10 * k + 4),
});
const make = (parameters: AdamWDLOptions["parameters"], options: Partial<AdamWDLOptions> = {}) =>
  new AdamWDL({ parameters, ...options });
const digestOf = (optimizer: AdamWDL) => {
  for (let k = 0; k < 3; k++) optimizer.step(gradientsAt(k));
  return optimizer.digest();
};

for (const dtype of HALVES) {
  for (const [why, options, masters] of [
    ["without masters by default", {}, false],
    ["without masters", { multiPrecision: false }, false],
    ["with masters by multiPrecision", { multiPrecision: true }, true],
  ] as const) {
    test(`${dtype} parameters are the model, ${why}: plain loops' bits over 70 steps`, () => {
      const optimizer = make(halves(dtype), options);
      const plain = new PlainHalfOptimizer(dtype, masters);
      for (const name of NAMES) plain.add(name, halves(dtype)[name].data);
      const check = (when: string) => {
        for (const name of NAMES) {
          const { master, model, expAvg } = optimizer.parameter(name);
          assert.is(differingBits(master, plain.master(name)), -1, `${name} ${when}`);
          assert.equal(model, plain.model(name), `${name} ${when}`);
          assert.instance(expAvg, Float32Array);
        }
      };
      check("as given");
      assert.equal(optimizer.parameter("b").model, halves(dtype).b.data);
      for (let k = 0; k < 70; k++) {
        optimizer.step(gradientsAt(k));
        plain.step(gradientsAt(k));
      }
      check("after 70 steps");
      const kept = optimizer.parameter("b").master;
      const roundedTo = widened(narrowed(kept, dtype).halves, dtype);
      assert.is(differingBits(kept, roundedTo) === -1, !masters, "more than 16 bits are kept");
    });
  }

  test(`${dtype}: it means the same as precision.model, for a list and with multipliers too`, () => {
    const given = halves(dtype);
    const list = NAMES.map((name) => ({ name, ...given[name], optimizeAttr: { learningRate: 1 } }));
    for (const multiPrecision of [false, true]) {
      const inferred = [make(given, { multiPrecision }), make(list, { multiPrecision })];
      const said = make(given, { multiPrecision, precision: { model: dtype } });
      for (const optimizer of inferred) {
        assert.is(optimizer.configDigest(), said.configDigest());
        assert.is(digestOf(optimizer), digestOf(make(given, { multiPrecision })));
      }
      assert.is(digestOf(said), inferred[0].digest());
    }
    assert.is.not(
      make(given).configDigest(),
      make(given, { multiPrecision: true }).configDigest(),
      "masters or none",
    );
  });

  test(`${dtype}: without masters small updates are lost, with them they add up`, () => {
    const one = { w: { shape: [1], data: narrowed(Float32Array.of(1), dtype).halves, dtype } };
    const moved = (multiPrecision: boolean) => {
      const optimizer = make(one, { multiPrecision, learningRate: 1e-4, weightDecay: 0 });
      for (let k = 0; k < 200; k++) optimizer.step({ w: Float32Array.of(1) });
      return valueOfHalf((optimizer.parameter("w").model as Uint16Array)[0], dtype);
    };
    assert.is(moved(false), 1);
    assert.ok(Math.abs(moved(true) - 0.98) < 2 ** -8, `${moved(true)}`);
  });

  for (const multiPrecision of [false, true]) {
    test(`${dtype}, multiPrecision ${multiPrecision}: what overflows is counted and named`, () => {
      const largest = narrowed(Float32Array.of(dtype === "float16" ? 65_504 : 3.3895e38), dtype);
      const data = new Uint16Array(1030).fill(largest.halves[0]);
      const optimizer = make(
        { fine: halfParameter(2, 1, dtype), grows: { shape: [1030], data, dtype } },
        { multiPrecision, learningRate: dtype === "float16" ? 100 : 7e35, weightDecay: 0 },
      );
      const up = Float32Array.from({ length: 1030 }, (_, i) => (i % 10 === 0 ? -1 : 0));
      const { overflowed } = optimizer.step({ fine: new Float32Array(2), grows: up });
      assert.equal(overflowed, [{ parameter: "grows", count: 103 }]);
      const { master } = optimizer.parameter("grows");
      assert.is(master.filter(Number.isFinite).length, multiPrecision ? 1030 : 927);
      // A master that is finite overflows again; an infinite weight was reported when it became so.
      const again = optimizer.step({ grows: new Float32Array(1030) }).overflowed;
      assert.equal(again, multiPrecision ? [{ parameter: "grows", count: 103 }] : []);
    });
  }
}

test("a model that is given wins: float32 widens all, 16 bits take float32 in", () => {
  const wide = make(halves("bfloat16"), { precision: { model: "float32" } });
  assert.is(wide.parameter("a").model, null);
  const floats = (dtype: Half) =>
    Object.fromEntries(NAMES.map((name) => [name, widened(halves(dtype)[name].data, dtype)]));
  assert.is(digestOf(wide), digestOf(make(floats("bfloat16"))));
  assert.is(make(mixed(), { precision: { model: "float32" } }).parameter("a").model, null);
  const narrow = make(mixed(), { precision: { model: "float16" }, multiPrecision: true });
  assert.equal(narrow.parameter("b").model, narrowed(realistic(LENGTHS.b, 2), "float16").halves);
  assert.is(differingBits(narrow.parameter("b").master, realistic(LENGTHS.b, 2)), -1);
});

test("multiPrecision has no effect on float32 parameters", () => {
  const floats = () => ({ a: realistic(LENGTHS.a, 1), b: realistic(LENGTHS.b, 2) });
  const [without, with_] = [false, true].map((multiPrecision) =>
    make(floats(), { multiPrecision }),
  );
  assert.is(with_.parameter("a").model, null);
  assert.is(with_.configDigest(), without.configDigest());
  assert.is(digestOf(with_), digestOf(without));
});

test("precision may say the rest without the model: gradients, and the same of the masters", () => {
  const optimizer = make(halves("float16"), {
    precision: { gradients: "float16", master: false },
  });
  const plain = make(halves("float16"));
  const gradients = { a: halfParameter(LENGTHS.a, 5, "float16").data };
  optimizer.step(gradients);
  plain.step({ a: widened(gradients.a, "float16") });
  assert.is(optimizer.digest(), plain.digest());
  const masters = { multiPrecision: true, precision: { master: true } };
  assert.is(
    digestOf(make(halves("float16"), masters)),
    digestOf(make(halves("float16"), { multiPrecision: true })),
  );
});

test("zeros of a 16-bit dtype count as parameters of that dtype", () => {
  const optimizer = make({ a: halves("float16").a, head: { shape: [3], dtype: "float16" } });
  assert.equal(optimizer.parameter("head").model, new Uint16Array(3));
});

const REFUSED: RefusedRow[] = [
  [
    "mixed dtypes without a model",
    () => make(mixed()),
    RangeError,
    '"dtype" of parameter "b": expected "float16", as parameter "a" has, got "float32". An optimizer keeps one dtype: say which by precision.model, or make an optimizer for each',
  ],
  [
    "a float32 head beside 16-bit weights, with multiPrecision too",
    () => make({ head: { shape: [2] }, ...halves("bfloat16") }, { multiPrecision: true }),
    RangeError,
    '"dtype" of parameter "a": expected "float32", as parameter "head" has, got "bfloat16". An optimizer keeps one dtype: say which by precision.model, or make an optimizer for each',
  ],
  [
    "both 16-bit dtypes, with one of them as the model",
    () =>
      make(
        { a: halves("float16").a, b: halves("bfloat16").b },
        { precision: { model: "float16" } },
      ),
    RangeError,
    '"model" of precision: expected "bfloat16", the dtype of parameter "b", or "float32", got "float16"',
  ],
  [
    "a model of the other 16 bits",
    () => make(halves("float16"), { precision: { model: "bfloat16" } }),
    RangeError,
    '"model" of precision: expected "float16", the dtype of parameter "a", or "float32", got "bfloat16"',
  ],
  [
    "a model that is no dtype",
    () => make(halves("float16"), { precision: { model: "float8" as "float16" } }),
    RangeError,
    '"model" of precision: expected "float32" or "float16" or "bfloat16", got "float8"',
  ],
  [
    "precision.master without multiPrecision",
    () => make(halves("float16"), { precision: { master: true } }),
    RangeError,
    '"master" of precision: expected multiPrecision, false, got true. Leave it out of precision',
  ],
  [
    "multiPrecision without precision.master",
    () => make(halves("float16"), { multiPrecision: true, precision: { master: false } }),
    RangeError,
    '"master" of precision: expected multiPrecision, true, got false. Leave it out of precision',
  ],
  [
    "no masters of float32 parameters",
    () => make({ w: new Float32Array(2) }, { precision: { master: false } }),
    RangeError,
    '"master" of precision: expected true with a float32 model, which has no copy beside it, got false',
  ],
];

for (const [why, act, kind, message] of REFUSED) {
  test(`refused: ${why}`, () => assertRefused(act, kind, message));
}

test.run();
