import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipAdaptive, clipByGlobalNorm, clipByNorm, clipByValue } from "../src/gradients/clip.ts";
import { dynamicLossScale, type LossScale, staticLossScale } from "../src/gradients/loss-scale.ts";
import { AdamW, type AdamWOptions, type Gradient } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";
import { type HalfName, narrowed, valueOfHalf } from "./reference/round-half.ts";
import {
  lengthOf,
  type ModelGradient,
  type ModelParameter,
  StepModel,
} from "./reference/step-model.ts";

const test = suite("whole steps against the plain model");

const SHAPES = [[], [0], [1], [17], [0, 4], [3, 0], [5, 7], [40, 3], [130, 64], [9001], [3, 5000]];
const CLIPS = [
  null,
  null,
  clipByGlobalNorm(0.5),
  clipByGlobalNorm(0.5, { formula: "paddle" }),
  clipByGlobalNorm(50, { formula: "mindformers" }),
  clipByNorm(0.2),
  clipByValue(0.125, { min: -0.0625 }),
  clipAdaptive(0.01),
  clipAdaptive(0.01, { convention: "composer" }),
];
const DTYPES = ["float32", "float32", "float16", "bfloat16"] as const;

const bitsOf = (values: Float32Array, dtype: HalfName) => narrowed(values, dtype).halves;
const valuesOf = (bits: Uint16Array, dtype: HalfName) =>
  Float32Array.from(bits, (half) => valueOfHalf(half, dtype));

/** A random optimizer, its model and random gradients for both. */
class Case {
  readonly #next: () => number;
  readonly #parameters: ModelParameter[] = [];
  readonly #dtype: (typeof DTYPES)[number];
  readonly #options: AdamWOptions;
  readonly #lossScale: LossScale | null;
  readonly #optimizer: AdamW;
  readonly #model: StepModel;
  readonly #where: string;
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed * 1000;
    this.#next = xorshift32((seed * 2654435761) | 1);
    const model = this.#pick(DTYPES);
    const master = model === "float32" || this.#chance(60);
    this.#dtype = this.#pick(DTYPES);
    this.#lossScale = this.#pick([
      null,
      staticLossScale(1000),
      dynamicLossScale({ initialScale: 8 }),
    ]);
    const clip = this.#pick(CLIPS);
    const lossScale = this.#lossScale;
    this.#options = {
      maximize: this.#chance(30),
      lazy: this.#chance(60),
      zeroGradients: this.#chance(40),
      gradNorm: this.#chance(70),
      nonFinite: lossScale?.kind === "dynamic" ? "allow" : "skip",
      slabBytes: this.#pick([4 * 2 ** 30, 786_432]),
      precision: { model, master, gradients: this.#dtype },
      ...(clip ? { clip } : {}),
      ...(lossScale ? { lossScale } : {}),
    };
    this.#where = `seed ${seed}, ${JSON.stringify(this.#options)}`;
    this.#optimizer = new AdamW(this.#makeGroups(clip), this.#options);
    const plain = { maximize: this.#options.maximize ?? false, model, master };
    this.#model = new StepModel(this.#parameters, plain);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#next() % list.length];
  }
  #chance(percent: number): boolean {
    return this.#next() % 100 < percent;
  }

  #makeGroups(clip: (typeof CLIPS)[number]) {
    return Array.from({ length: 1 + (this.#next() % 3) }, (_, group) => {
      const options = {
        lr: this.#pick([1e-3, 1e-2]),
        weightDecay: this.#pick([0, 0.3]),
        betas: this.#pick([
          [0.9, 0.999],
          [0, 0.5],
        ] as [number, number][]),
        amsgrad: this.#chance(30),
        centralize: this.#chance(30),
      };
      const own = this.#chance(30) ? this.#pick(CLIPS) : null;
      const params = Array.from({ length: 1 + (this.#next() % 3) }, (_, i) => {
        const shape = this.#pick(SHAPES);
        // Both 16-bit formats hold these: multiples of 2^-8 up to 1.
        const data = realistic(lengthOf(shape), this.#seed++).map((x) => Math.round(x * 256) / 256);
        // Names whose order is neither that of the parameters nor that of UTF-16.
        const name = `${this.#pick(["z", "a", "\ufb01", "\u{1d4b3}"])}${group}${i}`;
        const scope = own ? `group ${group}` : "all";
        this.#parameters.push({ name, shape, data, ...options, clip: own ?? clip, scope });
        return { name, shape, data };
      });
      return { params, ...options, ...(own ? { clip: own } : {}) };
    });
  }

  /** A gradient as the optimizer takes it, and the dense one that it stands for. */
  #gradient({ shape }: ModelParameter): { given: Gradient; stands: ModelGradient } {
    const { lazy = false } = this.#options;
    const dtype = this.#dtype;
    const scale = this.#lossScale?.scale ?? 1;
    const sparse = shape.length > 0 && shape[0] > 0 && this.#chance(40);
    const rows = Array.from(
      { length: sparse ? this.#next() % 9 : 0 },
      () => this.#next() % shape[0],
    );
    const rowLength = lengthOf(shape.slice(1));
    const length = sparse ? rows.length * rowLength : lengthOf(shape);
    let values = realistic(length, this.#seed++).map((x) => x * scale);
    if (length > 0 && this.#chance(3)) {
      values[this.#next() % length] = this.#pick([Number.NaN, Number.POSITIVE_INFINITY, -1e38]);
    }
    let array: Float32Array | Uint16Array = values;
    if (dtype !== "float32" && this.#chance(60)) {
      array = bitsOf(values, dtype);
      values = valuesOf(array, dtype);
    }
    if (!sparse) return { given: array, stands: { values, rows: null } };
    const dense = new Float32Array(lengthOf(shape));
    rows.forEach((row, i) => {
      for (let j = 0; j < rowLength; j++) dense[row * rowLength + j] += values[i * rowLength + j];
    });
    const stands = { values: dense, rows: lazy ? new Set(rows) : null };
    return { given: { rows, values: array }, stands };
  }

  #microBatch() {
    const given: Record<string, Gradient | null> = {};
    const stands = new Map<string, ModelGradient>();
    for (const parameter of this.#parameters) {
      if (this.#chance(25)) {
        if (this.#chance(50)) given[parameter.name] = null;
        continue;
      }
      const gradient = this.#gradient(parameter);
      given[parameter.name] = gradient.given;
      stands.set(parameter.name, gradient.stands);
    }
    return { given, stands };
  }

  /** Gives the optimizer gradients, by name or as micro-batches; what `step` is to be called with. */
  #provide() {
    const first = this.#microBatch();
    if (this.#chance(50)) return { input: first.given, stands: first.stands };
    const average = this.#chance(50);
    const count = 1 + (this.#next() % 3);
    const sums = new Map(first.stands);
    this.#optimizer.accumulate(first.given, { average });
    for (let i = 1; i < count; i++) {
      const { given, stands } = this.#microBatch();
      this.#optimizer.accumulate(given, { average });
      for (const [name, b] of stands) {
        const a = sums.get(name) ?? { values: new Float32Array(b.values.length), rows: new Set() };
        const rows = a.rows && b.rows ? new Set([...a.rows, ...b.rows]) : null;
        sums.set(name, { values: a.values.map((x, j) => x + b.values[j]), rows });
      }
    }
    const divide = ({ values, rows }: ModelGradient) => ({
      values: values.map((x) => x / count),
      rows,
    });
    const stands = new Map([...sums].map(([name, sum]) => [name, average ? divide(sum) : sum]));
    return { input: undefined, stands };
  }

  step(measured: boolean): void {
    const { input, stands } = this.#provide();
    const scale = this.#lossScale?.scale ?? 1;
    const before = this.#optimizer.digest();
    const report = this.#optimizer.step(input, { metrics: measured });
    assert.is(report.lossScale, scale, this.#where);
    const bad = this.#model.findBad(stands, scale);
    assert.is(report.applied, bad === null, this.#where);
    if (bad) {
      const { parameter, index } = report.nonFinite ?? {};
      assert.equal(
        { parameter, index },
        { parameter: bad.parameter, index: bad.index },
        this.#where,
      );
      assert.is(this.#optimizer.digest(), before, this.#where);
      return;
    }
    const { gradNorm, metrics } = this.#model.step(stands, scale);
    assert.is(report.gradNorm, this.#options.gradNorm ? gradNorm : null, this.#where);
    this.#compareState(new Set(stands.keys()), stands);
    if (!measured) return;
    const expected = [...metrics].flatMap(([name, all]) =>
      Object.entries(all).map(([metric, value]) => [`${metric}/${name}`, value] as const),
    );
    const actual = this.#optimizer.metrics() ?? {};
    assert.equal(Object.keys(actual).sort(), expected.map(([key]) => key).sort(), this.#where);
    for (const [key, value] of expected) {
      // The gradient's sums are taken before its scale, whose products are not rounded there.
      const slack = key.includes("grad") ? 1e-6 * Math.max(value, 1) : 0;
      assert.ok(Math.abs(actual[key] - value) <= slack, `${key}: ${this.#where}`);
    }
  }

  #compareState(moved: ReadonlySet<string>, stands: ReadonlyMap<string, ModelGradient>): void {
    const { model } = this.#options.precision ?? {};
    for (const { name, p, m, v, vmax, amsgrad, t } of this.#model.states.values()) {
      const view = this.#optimizer.parameter(name);
      const where = `${name}, ${this.#where}`;
      assert.is(view.step, t, where);
      for (const part of view.parts) {
        const own = (plane: Float32Array) => plane.slice(part.first, part.first + part.length);
        assert.is(differingBits(part.master, own(p)), -1, `master of ${where}`);
        assert.is(differingBits(part.expAvg, own(m)), -1, `expAvg of ${where}`);
        assert.is(differingBits(part.expAvgSq, own(v)), -1, `expAvgSq of ${where}`);
        if (part.maxExpAvgSq) assert.is(differingBits(part.maxExpAvgSq, own(vmax)), -1, where);
        assert.is(part.maxExpAvgSq !== null, amsgrad, where);
        if (part.model && model && model !== "float32") {
          assert.equal(part.model, bitsOf(own(p), model), `model of ${where}`);
        }
        if (!this.#options.zeroGradients || !moved.has(name)) continue;
        if (stands.get(name)?.rows === null)
          assert.ok(
            part.gradient.every((g) => g === 0),
            where,
          );
        assert.ok(part.gradient16?.every((bits) => bits === 0) ?? true, where);
      }
    }
  }
}

test("random options, groups, clips, rows and micro-batches: every bit is the model's", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const one = new Case(seed);
    // Two go past the update that flushes.
    const steps = seed % 25 === 0 ? 66 : 5;
    for (let k = 0; k < steps; k++) one.step(k % 2 === 1);
  }
});

test.run();
