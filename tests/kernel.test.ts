import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  FLAG_ACTIVE,
  FLAG_MODEL_BFLOAT16,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_GRAD,
  SEG_GRAD_SCALE,
  SEG_MAX_EXP_AVG_SQ,
  SEG_OVERFLOWED,
  SEG_PARAM,
} from "../assembly/layout.ts";
import { instantiate } from "../src/core/kernel.ts";
import { layoutSlab, PAGE_BYTES } from "../src/core/slab-layout.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { referenceStep } from "./reference/adamw.ts";
import { differingBits } from "./reference/bits.ts";
import { type FixtureSegment, KernelFixture } from "./reference/kernel-fixture.ts";
import { type Bits, bitPatterns, realistic, tiny, withNonFinite } from "./reference/patterns.ts";
import { narrowed } from "./reference/round-half.ts";

const test = suite("kernel");

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const LENGTHS = [
  ...range(0, 9),
  ...range(15, 17),
  ...range(31, 33),
  ...range(63, 65),
  1000,
  ...range(4095, 4097),
  65537,
];
const scalars = (t: number, gradScale = 1) =>
  stepScalars(
    {
      lr: 3e-3,
      lrScale: 1,
      initialLr: 3e-3,
      weightDecay: 0.05,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      t,
      gradScale,
    },
    {} as ReturnType<typeof stepScalars>,
  );

type Kind = { bits: Bits; amsgrad: boolean; flush: boolean; model?: "float16" | "bfloat16" };

function segmentOf(length: number, seed: number, kind: Kind): FixtureSegment {
  const m = kind.bits(length, seed + 2);
  const v = kind.bits(length, seed + 3).map(Math.abs);
  return {
    p: kind.bits(length, seed),
    g: kind.bits(length, seed + 1),
    m,
    v,
    ...(kind.amsgrad ? { vmax: kind.bits(length, seed + 4).map(Math.abs) } : {}),
    ...(kind.model ? { model: kind.model } : {}),
    scalars: scalars(7, seed % 2 ? 1 : -0.37),
    flush: kind.flush,
  };
}

/** Steps the fixture and the reference; throws where a bit, a gradient or a canary differs. */
function compare(segments: FixtureSegment[], misalign: number | "mixed", why: string): void {
  const fixture = new KernelFixture(segments, misalign);
  fixture.step();
  segments.forEach((segment, i) => {
    const gradBefore = segment.g.slice();
    const { vmax } = segment;
    if (segment.active !== false) {
      referenceStep(segment, segment.scalars, {
        amsgrad: vmax !== undefined,
        flush: segment.flush,
      });
    }
    const planes: [string, number, Float32Array][] = [
      ["param", SEG_PARAM, segment.p],
      ["grad", SEG_GRAD, gradBefore],
      ["expAvg", SEG_EXP_AVG, segment.m],
      ["expAvgSq", SEG_EXP_AVG_SQ, segment.v],
    ];
    if (vmax) planes.push(["maxExpAvgSq", SEG_MAX_EXP_AVG_SQ, vmax]);
    for (const [name, offset, expected] of planes) {
      const at = differingBits(fixture.floats(i, offset), expected);
      assert.is(at, -1, `${why}: segment ${i} of ${expected.length}, ${name}[${at}] differs`);
    }
    if (segment.model && segment.active !== false) {
      const { halves, overflowed } = narrowed(segment.p, segment.model);
      const actual = fixture.halves(i);
      const at = actual.findIndex((half, j) => half !== halves[j]);
      assert.is(at, -1, `${why}: segment ${i}, model[${at}] differs`);
      assert.is(fixture.field(i, SEG_OVERFLOWED), overflowed, `${why}: segment ${i}, overflowed`);
    }
  });
  assert.is(fixture.brokenCanary(), -1, `${why}: a byte outside the segments changed`);
}

for (const amsgrad of [false, true]) {
  for (const flush of [false, true]) {
    for (const bits of [realistic, bitPatterns, tiny, withNonFinite]) {
      const kind: Kind = { bits, amsgrad, flush };
      const name = `${bits.name}, amsgrad ${amsgrad}, flush ${flush}`;
      test(`every length and alignment has the reference's bits: ${name}`, () => {
        for (const misalign of [0, 4, 8, 12, "mixed"] as const) {
          for (const length of LENGTHS) {
            // Even seeds scale the gradient, odd ones do not.
            for (const seed of [length + 11, length + 12]) {
              compare([segmentOf(length, seed, kind)], misalign, `${name}, +${misalign}`);
            }
          }
        }
      });
    }
  }
}

for (const model of ["float16", "bfloat16"] as const) {
  test(`a ${model} model copy is the new master rounded to nearest even`, () => {
    for (const misalign of [0, 4, 8, 12, "mixed"] as const) {
      for (const length of [...LENGTHS, 1023, 1024, 1025, 2048]) {
        for (const bits of [realistic, bitPatterns]) {
          const kind: Kind = { bits, amsgrad: length % 2 === 1, flush: length % 3 === 0, model };
          compare([segmentOf(length, length + 5, kind)], misalign, `${model} ${bits.name}`);
        }
      }
    }
  });
}

test("one call walks a table of all lengths and variants, and passes over inactive segments", () => {
  const segments = LENGTHS.flatMap((length, i) =>
    [false, true].map((amsgrad): FixtureSegment => {
      const segment = segmentOf(length, 1000 + i, { bits: realistic, amsgrad, flush: i % 2 === 0 });
      return { ...segment, active: i % 5 !== 3 };
    }),
  );
  compare(segments, 4, "table");
});

test("the flush takes what is subnormal and leaves 2^-126, in vectors and in the remainder", () => {
  const smallest = 2 ** -126;
  const halves = { ...scalars(64), beta1: 0.5, beta2: 0.5, gradScale: 1 };
  const values = Float32Array.from(
    { length: 7 },
    (_, i) =>
      [2 * smallest, smallest, 4 * smallest, -2 * smallest, -smallest, -0, 2 * smallest].at(
        i,
      ) as number,
  );
  for (const length of [1, 2, 3, 4, 7]) {
    const part = () => values.slice(values.length - length);
    const segment: FixtureSegment = {
      p: new Float32Array(length),
      g: new Float32Array(length),
      m: part(),
      v: part().map(Math.abs),
      vmax: part().map((x) => Math.abs(x) / 2),
      scalars: halves,
      flush: true,
    };
    compare([segment], 4, `length ${length}`);
    const expected = part().map((x) => (Math.abs(x) >= 2 * smallest ? x / 2 : 0));
    assert.is(differingBits(segment.m, expected), -1, "2^-126 stays, half of it becomes +0");
  }
});

test("planes beyond 2^31 bytes are stepped where they are", () => {
  const layout = layoutSlab({
    elements: 150_000_000,
    segments: 1,
    blocks: 0,
    amsgrad: false,
    model16: true,
    grad16: false,
    threads: 1,
  });
  assert.ok(layout.planes.model > 2 ** 31);
  const memory = new WebAssembly.Memory({ initial: layout.bytes / PAGE_BYTES });
  const kernel = instantiate(memory);
  const segment = segmentOf(9, 1, { bits: realistic, amsgrad: false, flush: false });
  // Only the last nine elements, so that few pages are touched.
  const at = (plane: number, bytes: number) => plane + (150_000_000 - 9) * bytes;
  const { param, grad, expAvg, expAvgSq, model } = layout.planes;
  const view = (plane: number) => new Float32Array(memory.buffer, at(plane, 4), 9);
  const record = new DataView(memory.buffer, layout.tablePtr);
  const { scalars } = segment;
  const words = [at(param, 4), at(grad, 4), at(expAvg, 4), at(expAvgSq, 4), 0, at(model, 2), 0, 9];
  [...words, FLAG_ACTIVE | FLAG_MODEL_BFLOAT16].forEach((word, i) => {
    record.setUint32(i * 4, word, true);
  });
  const { gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, decay, stepSize, epsHat } =
    scalars;
  [gradScale, beta1, oneMinusBeta1, beta2, oneMinusBeta2, decay, stepSize, epsHat].forEach(
    (value, i) => {
      record.setFloat32(SEG_GRAD_SCALE + i * 4, value, true);
    },
  );
  view(param).set(segment.p);
  view(grad).set(segment.g);
  view(expAvg).set(segment.m);
  view(expAvgSq).set(segment.v);
  kernel.step(layout.tablePtr, 1);
  referenceStep(segment, scalars, { amsgrad: false, flush: false });
  assert.is(differingBits(view(param), segment.p), -1);
  assert.is(differingBits(view(expAvgSq), segment.v), -1);
  const halves = new Uint16Array(memory.buffer, at(model, 2), 9);
  assert.equal(Array.from(halves), Array.from(narrowed(segment.p, "bfloat16").halves));
});

test("an empty table is fine", () => {
  const fixture = new KernelFixture([], 0);
  fixture.step();
  fixture.scan();
  assert.is(fixture.brokenCanary(), -1);
});

test("the reference itself: a first step from rest moves by lr * sign(g) and decays by lr * wd", () => {
  const state = {
    p: Float32Array.of(1, -2, 0.5, 0),
    g: Float32Array.of(0.1, -0.2, 0, 3),
    m: new Float32Array(4),
    v: new Float32Array(4),
  };
  const { lr, weightDecay } = { lr: 3e-3, weightDecay: 0.05 };
  referenceStep(state, scalars(1), { amsgrad: false, flush: false });
  const expected = [1, -2, 0.5, 0].map(
    (p, i) => p - lr * weightDecay * p - lr * Math.sign([0.1, -0.2, 0, 3][i]),
  );
  state.p.forEach((p, i) => {
    assert.ok(Math.abs(p - expected[i]) < 1e-6, `element ${i}: expected ${expected[i]}, got ${p}`);
  });
});

test.run();
