import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions } from "../src/index.ts";
import { machineryOf } from "../src/optimizers/optimizer.ts";
import { stateChecksums } from "../src/optimizers/step-checks.ts";
import { gradientChecksum, stateChecksum } from "./reference/checksums.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("checksums");

const LENGTHS = [0, 1, 2, 3, 4, 5, 15, 16, 17, 1023, 1024, 1025, 4095, 4096, 4097, 20_011];
const next = xorshift32(0x1f123bb5);
const uniform = () => next() / 2 ** 31 - 1;
const random = (length: number, scale: number) =>
  Float32Array.from({ length }, () => uniform() * scale);

function parameters() {
  return Object.fromEntries(LENGTHS.map((length) => [`p${length}`, random(length, 1)]));
}

interface Seen {
  readonly applied: boolean;
  readonly gradient: Map<string, bigint>;
  readonly state: Map<string, bigint>;
}

/** Records what an optimizer's steps say. */
function watch(optimizer: AdamW, stride: number): Seen[] {
  const seen: Seen[] = [];
  const { stepper } = machineryOf(optimizer).bound;
  stepper.watch(
    {
      stepped: ({ report: { applied }, ordered, checks }) => {
        const of = (hashes: BigUint64Array) =>
          new Map(ordered.map(({ entry: { name, index } }) => [name, hashes[index]]));
        seen.push({ applied, gradient: of(checks.gradient), state: of(checks.state) });
      },
    },
    stride,
  );
  return seen;
}

function planesOf(optimizer: AdamW, name: string): Float32Array[] {
  const { master, expAvg, expAvgSq, maxExpAvgSq } = optimizer.parameter(name);
  return [master, expAvg, expAvgSq, ...(maxExpAvgSq ? [maxExpAvgSq] : [])];
}

const CASES: Record<string, AdamWOptions> = {
  plain: {},
  amsgrad: { amsgrad: true },
  "loss scale of a power of two that is not one": { nonFinite: "skip" },
  "gradients zeroed in the step": { zeroGradients: true },
  "a model copy": { precision: { model: "float16" } },
  "no masters": { precision: { model: "bfloat16", master: false } },
  measured: {},
};

for (const [name, options] of Object.entries(CASES)) {
  for (const stride of [1, 3]) {
    test(`they are those of the plain loops: ${name}, stride ${stride}`, async () => {
      const optimizer = await AdamW.create(parameters(), { ...options, lr: 0.01 });
      const seen = watch(optimizer, stride);
      // Step 64 flushes subnormals.
      for (let k = 0; k < 66; k++) {
        const last = k > 61;
        const gradients: Record<string, Float32Array> = {};
        for (const length of LENGTHS) {
          if (!last && length !== 17) continue;
          gradients[`p${length}`] = random(length, 2 ** (-20 * (k % 3)));
        }
        // All parameters count alike only where all take part from the start.
        optimizer.step(gradients, { metrics: name === "measured" });
        if (!last) continue;
        for (const [which, gradient] of Object.entries(gradients)) {
          assert.is(seen[k].gradient.get(which), gradientChecksum(gradient), `${which}, step ${k}`);
          const state = stateChecksum(
            planesOf(optimizer, which),
            (block) => (block + k) % stride === 0,
          );
          assert.is(seen[k].state.get(which), state, `${which}, step ${k}`);
        }
      }
      optimizer.dispose();
    });
  }
}

test("checksums do not change what a step does", async () => {
  const initial = parameters();
  const [plain, watched] = [await AdamW.create(initial), await AdamW.create(initial)];
  watch(watched, 2);
  for (let k = 0; k < 3; k++) {
    const gradients = Object.fromEntries(LENGTHS.map((n) => [`p${n}`, random(n, 0.1)]));
    plain.step(gradients);
    watched.step(gradients);
  }
  assert.is(watched.digest(), plain.digest());
});

test("slabs, order and threads change none", async () => {
  const initial = parameters();
  const reversed = Object.fromEntries(Object.entries(initial).reverse());
  const optimizers = [
    await AdamW.create(initial),
    await AdamW.create(reversed),
    await AdamW.create(initial, { slabBytes: 1_048_576 }),
    await AdamW.create(initial, { threads: 2 }),
  ];
  const seen = optimizers.map((optimizer) => watch(optimizer, 2));
  for (let k = 0; k < 4; k++) {
    const gradients = Object.fromEntries(LENGTHS.map((n) => [`p${n}`, random(n, 0.1)]));
    for (const optimizer of optimizers) optimizer.step(gradients);
    for (const other of seen.slice(1)) {
      for (const length of LENGTHS) {
        const name = `p${length}`;
        assert.is(other[k].gradient.get(name), seen[0][k].gradient.get(name), name);
        assert.is(other[k].state.get(name), seen[0][k].state.get(name), name);
      }
    }
  }
  const [{ bound }] = optimizers.map(machineryOf);
  const whole = stateChecksums(bound.slabs, bound.entries);
  for (const { name, index } of bound.entries) {
    assert.is(
      whole[index],
      stateChecksum(planesOf(optimizers[0], name), () => true),
      name,
    );
  }
  for (const optimizer of optimizers) optimizer.dispose();
});

test("every single bit counts, and so do signs and the order", () => {
  const values = random(5000, 1);
  const bits = new Uint32Array(values.buffer);
  const before = gradientChecksum(values);
  for (let i = 0; i < 5000; i += 7) {
    bits[i] ^= 1 << (i % 32);
    assert.is.not(gradientChecksum(values), before, `element ${i}`);
    bits[i] ^= 1 << (i % 32);
  }
  for (const [what, changed] of Object.entries({
    "all negated": values.map((x) => -x),
    "two neighbours negated": values.map((x, i) => (i === 8 || i === 9 ? -x : x)),
    "two of a lane negated": values.map((x, i) => (i === 8 || i === 24 ? -x : x)),
    reversed: values.slice().reverse(),
    "moved by one": Float32Array.from(values, (_, i) => values[(i + 1) % 5000]),
    "two swapped": values.map((x, i) => (i === 3 ? values[7] : i === 7 ? values[3] : x)),
  })) {
    assert.is.not(gradientChecksum(changed), before, what);
  }
  assert.is.not(gradientChecksum(new Float32Array(1)), gradientChecksum(new Float32Array(0)));
  assert.is(gradientChecksum(values), before);
});

test("lazy rows: the rows and their values count, and the state is that of the whole parameter", async () => {
  const optimizer = await AdamW.create(
    { w: { shape: [3000, 6], data: random(18_000, 1) } },
    { lazy: true, slabBytes: 65_536 * 8 },
  );
  const seen = watch(optimizer, 1);
  const [rows, others] = [
    Uint32Array.of(0, 1, 682, 683, 2999),
    Uint32Array.of(0, 1, 682, 684, 2999),
  ];
  const values = random(30, 1);
  optimizer.step({ w: { rows, values } });
  optimizer.step({ w: { rows, values } });
  optimizer.step({ w: { rows: others, values } });
  optimizer.step({ w: { rows: others, values: values.map((x, i) => (i === 17 ? -x : x)) } });
  const gradients = seen.map(({ gradient }) => gradient.get("w"));
  assert.is(gradients[0], gradients[1]);
  assert.is(new Set(gradients).size, 3);
  const { parts } = optimizer.parameter("w");
  const planes = (["master", "expAvg", "expAvgSq"] as const).map((plane) =>
    Float32Array.from(parts.flatMap((part) => Array.from(part[plane]))),
  );
  const whole = stateChecksum(planes, () => true);
  assert.is(seen[3].state.get("w"), whole);
});

test("a skipped step has the checksum of the gradient, and the state as it was", async () => {
  const optimizer = await AdamW.create(
    { w: random(9000, 1) },
    { nonFinite: "skip", amsgrad: true },
  );
  const seen = watch(optimizer, 1);
  const good = random(9000, 1);
  optimizer.step({ w: good });
  const bad = good.map((x, i) => (i === 8999 ? Number.POSITIVE_INFINITY : x));
  optimizer.step({ w: bad });
  assert.equal(
    seen.map(({ applied }) => applied),
    [true, false],
  );
  assert.is(seen[1].gradient.get("w"), gradientChecksum(bad));
  assert.is(seen[1].state.get("w"), seen[0].state.get("w"));
});

test.run();
