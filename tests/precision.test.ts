import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { PlainOptimizer } from "./reference/plain-optimizer.ts";
import { narrowed, valueOfHalf } from "./reference/round-half.ts";

const test = suite("precision");

for (const model of ["float16", "bfloat16"] as const) {
  test(`${model}: masters move as at float32, the copy is their rounding, from the start`, async () => {
    const data = realistic(5003, 9);
    const optimizer = await AdamW.create({ w: data }, { precision: { model } });
    const plain = new PlainOptimizer().add("w", data);
    const check = (why: string) => {
      const view = optimizer.parameter("w");
      assert.is(differingBits(view.master, plain.get("w").p), -1, why);
      assert.equal(view.model, narrowed(plain.get("w").p, model).halves, why);
    };
    check("before the first step");
    for (let k = 0; k < 66; k++) {
      const gradients = { w: realistic(5003, 200 + k) };
      optimizer.step(gradients);
      plain.step(gradients);
    }
    check("after 66 steps");
    const halves = new Uint16Array(5003);
    optimizer.copyTo({ w: halves });
    assert.equal(halves, optimizer.parameter("w").model);
  });

  test(`${model} data is widened exactly into the masters`, async () => {
    const halves = Uint16Array.from({ length: 3001 }, (_, i) => (i * 37) & 0x3fff);
    const optimizer = await AdamW.create({
      w: { shape: [3001], data: halves, dtype: model },
    });
    const expected = Float32Array.from(halves, (half) => valueOfHalf(half, model));
    assert.is(differingBits(optimizer.parameter("w").master, expected), -1);
    assert.ok(optimizer.parameter("w").expAvg.every((m) => Object.is(m, 0)));
    assert.is(optimizer.parameter("w").model, null);
  });

  test(`${model}: values of the copy that become infinite are counted and named`, async () => {
    const largest = model === "float16" ? 65_519 : 3.3959e38;
    const optimizer = await AdamW.create(
      { fine: Float32Array.of(1, 2), grows: new Float32Array(1030).fill(largest) },
      { precision: { model }, lr: largest / 1e3, weightDecay: 0 },
    );
    const report = optimizer.step({
      fine: Float32Array.of(0, 0),
      grows: Float32Array.from({ length: 1030 }, (_, i) => (i % 10 === 0 ? -1 : 0)),
    });
    assert.equal(report.overflowed, [{ parameter: "grows", count: 103 }]);
    assert.ok(optimizer.parameter("grows").master.every(Number.isFinite));
  });
}

for (const model of ["float16", "bfloat16"] as const) {
  test(`without masters ${model} weights are rounded before the first step`, () => {
    const data = realistic(1003, 4);
    const optimizer = new AdamW({ w: data }, { precision: { model, master: false } });
    const rounded = Float32Array.from(narrowed(data, model).halves, (half) =>
      valueOfHalf(half, model),
    );
    assert.is(differingBits(optimizer.parameter("w").master, rounded), -1);
  });
}

test("the float16 copy reads as a Float16Array where the engine has one", () => {
  const scope = globalThis as { Float16Array?: unknown };
  const own = scope.Float16Array;
  const make = (model: "float16" | "bfloat16") =>
    new AdamW({ w: Float32Array.of(1, 2) }, { precision: { model } }).parameter("w");
  try {
    delete scope.Float16Array;
    assert.is(make("float16").modelFloat16, null);
    scope.Float16Array = class extends Uint16Array {};
    const view = make("float16");
    const bits = view.model as Uint16Array;
    const floats = view.modelFloat16;
    assert.is(floats?.buffer, bits.buffer);
    assert.is(floats?.byteOffset, bits.byteOffset);
    assert.is(floats?.length, 2);
    assert.is(make("bfloat16").modelFloat16, null);
  } finally {
    if (own !== undefined) scope.Float16Array = own;
    else delete scope.Float16Array;
  }
});

test("initial values that a 16-bit copy cannot hold are refused", () => {
  const make = (model: "float16" | "bfloat16") =>
    new AdamW({ w: Float32Array.of(1, 65_520, -1e6) }, { precision: { model } });
  assert.throws(
    () => make("float16"),
    (error: unknown) =>
      error instanceof RangeError &&
      error.message === '"data" of parameter "w": expected values finite as float16, got 2 beyond',
  );
  assert.is(make("bfloat16").steps, 0);
});

test("without masters a bfloat16 weight never moves; with them it equals float32", async () => {
  const options = { lr: 1e-3, weightDecay: 0 };
  const start = () => ({ w: Float32Array.of(1) });
  const precision = { model: "bfloat16", master: false } as const;
  const none = await AdamW.create(start(), { ...options, precision });
  const half = await AdamW.create(start(), { ...options, precision: { model: "bfloat16" } });
  const full = await AdamW.create(start(), options);
  for (let k = 0; k < 100; k++) {
    none.step({ w: Float32Array.of(1) });
    half.step({ w: Float32Array.of(1) });
    full.step({ w: Float32Array.of(1) });
  }
  assert.is(none.parameter("w").master[0], 1);
  assert.is(half.parameter("w").master[0], full.parameter("w").master[0]);
  const moved = valueOfHalf((half.parameter("w").model as Uint16Array)[0], "bfloat16");
  assert.ok(moved < 0.91 && moved > 0.89, `${moved}`);
});

test("a 16-bit gradient of a step that was skipped does not come back", async () => {
  const [skipped, fresh] = await Promise.all(
    [0, 1].map(() =>
      AdamW.create(
        { a: new Float32Array(7).fill(0.5), b: new Float32Array(5000) },
        { precision: { model: "bfloat16", gradients: "float16" }, nonFinite: "skip" },
      ),
    ),
  );
  const bad = new Float32Array(5000);
  bad[0] = Infinity;
  assert.not(skipped.step({ a: new Uint16Array(7).fill(0x3c00), b: bad }).applied);
  for (const optimizer of [skipped, fresh]) {
    optimizer.step({ a: Float32Array.of(1, 2, 3, 4, 5, 6, 7), b: new Uint16Array(5000) });
  }
  assert.is(skipped.digest(), fresh.digest());
});

test("views of an empty parameter are empty", async () => {
  const precision = { model: "float16", gradients: "bfloat16" } as const;
  const optimizer = await AdamW.create({ none: { shape: [0, 4] } }, { precision });
  const { gradient16, model, parts } = optimizer.parameter("none");
  assert.equal([gradient16, model], [new Uint16Array(0), new Uint16Array(0)]);
  assert.is(parts.length, 0);
});

test.run();
