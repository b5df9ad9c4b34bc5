import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_GRAD,
  SEG_GRAD16,
  SEG_MAX_ABS_GRAD,
  SEG_METRICS,
  SEG_PARAM,
  SEG_SUMS,
} from "../assembly/layout.ts";
import { widenHalves } from "../src/gradients/widen-halves.ts";
import { stepScalars } from "../src/optimizers/scalars.ts";
import { referenceStep } from "./reference/adamw.ts";
import { differingBits } from "./reference/bits.ts";
import { type FixtureSegment, KernelFixture } from "./reference/kernel-fixture.ts";
import { realistic } from "./reference/patterns.ts";
import { narrowed } from "./reference/round-half.ts";

// What a step does to gradients besides reading them: 16-bit ones are widened, and where asked all
// become zero.

const test = suite("kernel, gradients");

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 1000, 1023, 1024, 1025, 4095, 4096, 4097, 9001];
const scalars = stepScalars(
  {
    lr: 3e-3,
    lrScale: 1,
    initialLr: 3e-3,
    weightDecay: 0.05,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    t: 7,
    gradScale: 1,
  },
  {} as ReturnType<typeof stepScalars>,
);

type Half = "float16" | "bfloat16";

function segmentOf(length: number, dtype: Half | null, zero: boolean): FixtureSegment {
  const g = realistic(length, 2);
  const halves = dtype && { bits: narrowed(g, dtype).halves, dtype };
  return {
    p: realistic(length, 1),
    // What lies there before is not read where the gradient comes in 16 bits.
    g: halves ? new Float32Array(length).fill(Number.NaN) : g,
    m: realistic(length, 3),
    v: realistic(length, 4).map(Math.abs),
    ...(halves ? { halves } : {}),
    scalars,
    flush: false,
    zero,
  };
}

/** The segment after a step, by the reference. */
function stepped(segment: FixtureSegment): FixtureSegment {
  const { halves } = segment;
  const g = halves ? widenHalves(halves.bits, halves.dtype === "bfloat16") : segment.g.slice();
  const after = { ...segment, p: segment.p.slice(), g, m: segment.m.slice(), v: segment.v.slice() };
  referenceStep(after, scalars, { amsgrad: false, flush: false });
  return after;
}

function compare(fixture: KernelFixture, segment: FixtureSegment, why: string): void {
  const expected = stepped(segment);
  assert.is(differingBits(fixture.floats(0, SEG_PARAM), expected.p), -1, `${why}: param`);
  assert.is(differingBits(fixture.floats(0, SEG_EXP_AVG), expected.m), -1, `${why}: expAvg`);
  assert.is(differingBits(fixture.floats(0, SEG_EXP_AVG_SQ), expected.v), -1, `${why}: expAvgSq`);
  const g = segment.zero ? new Float32Array(expected.g.length) : expected.g;
  assert.is(differingBits(fixture.floats(0, SEG_GRAD), g), -1, `${why}: grad`);
  if (segment.halves) {
    const bits = segment.zero ? segment.halves.bits.map(() => 0) : segment.halves.bits;
    assert.equal(fixture.halves(0, SEG_GRAD16), bits, `${why}: grad16`);
  }
  assert.is(fixture.brokenCanary(), -1, why);
}

for (const dtype of [null, "float16", "bfloat16"] as const) {
  for (const zero of [false, true]) {
    const gradients = `${dtype ?? "float32"} gradients, zeroed ${zero}`;
    test(`a step, measured or not, has the reference's bits: ${gradients}`, () => {
      for (const length of LENGTHS) {
        for (const misalign of [0, 4, "mixed"] as const) {
          const segment = segmentOf(length, dtype, zero);
          const plain = new KernelFixture([segment], misalign);
          plain.step();
          compare(plain, segment, `length ${length}, +${misalign}`);
          const measured = new KernelFixture([segment], misalign);
          const blocks = Math.ceil(length / 4096);
          const metrics = measured.setBytes(0, SEG_METRICS, blocks * 48);
          measured.stepMeasured();
          compare(measured, segment, `measured, length ${length}, +${misalign}`);
          const [squares] = new Float64Array(measured.memory.buffer, metrics, 1);
          assert.ok(squares > 0, "the metrics are of the gradients before they became zero");
        }
      }
    });
  }
}

for (const dtype of ["float16", "bfloat16"] as const) {
  test(`a scan widens ${dtype} gradients, whole or in pieces, and keeps them`, () => {
    for (const length of LENGTHS) {
      const segment = segmentOf(length, dtype, true);
      const dense = segmentOf(length, null, true);
      dense.g = widenHalves(segment.halves?.bits as Uint16Array, dtype === "bfloat16");
      const starts = Array.from({ length: Math.ceil(length / 4096) }, (_, block) => block * 4096);
      const results = [segment, dense].flatMap((one) =>
        [false, true].map((pieces) => {
          const fixture = new KernelFixture([one], 4);
          const ptr = fixture.setBytes(0, SEG_SUMS, starts.length * 8);
          if (pieces) fixture.scanPieces(0, starts);
          else fixture.scan();
          assert.is(differingBits(fixture.floats(0, SEG_GRAD), dense.g), -1, `length ${length}`);
          assert.is(fixture.brokenCanary(), -1);
          const sums = new Float64Array(fixture.memory.buffer.slice(0), ptr, starts.length);
          return [fixture.field(0, SEG_MAX_ABS_GRAD), ...sums];
        }),
      );
      for (const result of results) assert.equal(result, results[0], `length ${length}`);
    }
  });
}

test.run();
