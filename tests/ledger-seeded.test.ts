import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type AdamWOptions } from "../src/index.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { digestBytes } from "../src/state/digest.ts";

const test = suite("ledger: seeded gradients");

const bitsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** docs/ledger.md, "The generator", with integers of any size. */
function* plainBits(seed: number, step: number, name: string) {
  const mask = 0xffff_ffffn;
  const mix = (word: bigint) => {
    let mixed = word ^ (word >> 16n);
    mixed = (mixed * 0x85ebca6bn) & mask;
    mixed ^= mixed >> 13n;
    mixed = (mixed * 0xc2b2ae35n) & mask;
    return mixed ^ (mixed >> 16n);
  };
  let hash = 0x811c9dc5n;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash ^ BigInt(name.charCodeAt(i))) * 0x01000193n) & mask;
  }
  const [low, high] = [BigInt(step) & mask, BigInt(step) >> 32n];
  let state = mix(mix(mix(mix(BigInt(seed)) ^ low) ^ high) ^ hash) || 1n;
  for (;;) {
    state ^= (state << 13n) & mask;
    state ^= state >> 17n;
    state ^= (state << 5n) & mask;
    yield state;
  }
}

function plainValues(seed: number, scale: number, step: number, name: string, length: number) {
  const words = plainBits(seed, step, name);
  return Float32Array.from({ length }, () => {
    const word = words.next().value as bigint;
    const upper = Number(BigInt.asIntN(32, word) >> 6n);
    const kind = Number(word & 63n);
    if (kind === 0) return upper % 2 === 0 ? 0 : -0;
    if (kind === 1) return Math.floor(upper / 8) * 2 ** -149;
    return (upper / 2 ** 25) * scale;
  });
}

test("values are what the specification says, to the bit", () => {
  const cases: [number, number, number, string][] = [
    [0, 0.01, 0, ""],
    [1, 1, 1, "w"],
    // Its first state would be 0.
    [2_026_505_107, 1, 0, "w"],
    [2 ** 32 - 1, 0.3, 999, "transformer.h.11.mlp.weight"],
    [7, 2 ** 62, 2 ** 32 + 5, "Größe 😀"],
    [7, 1e-44, 2 ** 53 - 1, "__proto__"],
  ];
  for (const [seed, scale, step, name] of cases) {
    const values = seededGradients({ seed, scale }).values(name, 5_000, step);
    assert.equal(bitsOf(values), bitsOf(plainValues(seed, scale, step, name, 5_000)));
  }
});

test("values are the same for ever", () => {
  const values = seededGradients({ seed: 20_261_122 }).values("w", 100_003, 7);
  assert.is(
    digestBytes(new Uint8Array(values.buffer)),
    "6f060cc48cdaa8f62e408f6e2a20278357f18abfe9825d0e80183569c471097e",
  );
});

test("there are zeros of both signs, subnormals, and values over the whole range", () => {
  const values = seededGradients({ seed: 9, scale: 4 }).values("w", 64_000, 0);
  const count = (is: (value: number) => boolean) =>
    values.reduce((n, value) => n + (is(value) ? 1 : 0), 0);
  const near = (counted: number, expected: number) =>
    assert.ok(Math.abs(counted - expected) < expected / 4, `${counted}, ${expected}`);
  near(
    count((value) => Object.is(value, 0)),
    500,
  );
  near(
    count((value) => Object.is(value, -0)),
    500,
  );
  near(
    count((value) => value !== 0 && Math.abs(value) < 2 ** -126),
    1_000,
  );
  near(
    count((value) => value > 2),
    15_500,
  );
  near(
    count((value) => value < -2),
    15_500,
  );
  assert.is(
    count((value) => !(value >= -4 && value < 4)),
    0,
  );
});

test("seed, step and name each make other values, and the length does not", () => {
  const of = (seed: number, name: string, step: number, length = 100) =>
    seededGradients({ seed }).values(name, length, step).join();
  const all = [of(1, "a", 0), of(2, "a", 0), of(1, "b", 0), of(1, "a", 1), of(1, "a", 2 ** 32)];
  assert.is(new Set(all).size, all.length);
  assert.ok(of(1, "a", 0, 200).startsWith(`${of(1, "a", 0)},`));
});

test("fill writes every gradient view, for the next step by default", async () => {
  const seeded = seededGradients({ seed: 4 });
  const weights = () => ({
    a: new Float32Array(9_000),
    b: Float32Array.of(1),
    none: new Float32Array(0),
  });
  const layouts: AdamWOptions[] = [{}, { slabBytes: 393_216, splitParameters: true }];
  for (const layout of layouts) {
    const optimizer = await AdamW.create(weights(), layout);
    optimizer.step({ b: Float32Array.of(1) });
    for (const step of [1, 5]) {
      if (step === 1) seeded.fill(optimizer);
      else seeded.fill(optimizer, step);
      for (const { name, length, parts } of ["a", "b", "none"].map((n) => optimizer.parameter(n))) {
        const there = new Float32Array(length);
        for (const { first, gradient } of parts) there.set(gradient, first);
        assert.equal(bitsOf(there), bitsOf(seeded.values(name, length, step)), name);
      }
    }
  }
});

test("16-bit gradients are the values cut towards zero", async () => {
  for (const gradients of ["float16", "bfloat16"] as const) {
    for (const scale of [1e-6, 0.01, 1, 1e6]) {
      const seeded = seededGradients({ seed: 12, scale });
      const optimizer = await AdamW.create(
        { w: new Float32Array(4_999) },
        { precision: { gradients } },
      );
      seeded.fill(optimizer);
      const halves = optimizer.gradient16("w");
      const values = seeded.values("w", 4_999, 0);
      values.forEach((value, i) => {
        const [here, above] = [halves[i], halves[i] + 1].map((bits) =>
          gradients === "float16" ? plainFloat16(bits & 0x7fff) : plainBfloat16(bits & 0x7fff),
        );
        const size = Math.abs(value);
        const largest = gradients === "float16" && size >= 65_504;
        assert.ok(here <= size && (size < above || largest), `${value}: ${halves[i]}`);
        assert.is(halves[i] >> 15, Object.is(Math.sign(value), -0) || value < 0 ? 1 : 0);
      });
      optimizer.step();
      optimizer.dispose();
    }
  }
});

function plainFloat16(bits: number): number {
  const exponent = bits >> 10;
  const fraction = bits & 1_023;
  return exponent === 0 ? fraction * 2 ** -24 : (1_024 + fraction) * 2 ** (exponent - 25);
}

const plainBfloat16 = (bits: number) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0];

test("bad options are refused", () => {
  const make = seededGradients as (options?: unknown) => unknown;
  const cases: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    [undefined, TypeError, /"options" of seededGradients/],
    [{}, TypeError, /"seed" of seededGradients: expected a whole number from 0 to 4294967295/],
    [{ seed: 2 ** 32 }, RangeError, /got 4294967296/],
    [{ seed: 0.5 }, RangeError, /"seed"/],
    [{ seed: 1, scale: 0 }, RangeError, /"scale".*above 0, at most 2\^62, got 0/],
    [{ seed: 1, scale: 2 ** 63 }, RangeError, /"scale"/],
    [{ seed: 1, scale: Number.NaN }, RangeError, /"scale"/],
    [{ seed: 1, scale: "1" }, TypeError, /"scale"/],
    [{ seed: 1, size: 1 }, TypeError, /"size".*unknown key/],
  ];
  for (const [options, kind, message] of cases) {
    assert.throws(
      () => make(options),
      (error: Error) => error instanceof kind && message.test(error.message),
      String(message),
    );
  }
  const seeded = seededGradients({ seed: 1 });
  assert.throws(() => seeded.values("w", -1, 0), /"length" of values/);
  assert.throws(() => seeded.values("w", 1, 0.5), /"step" of values/);
});

test.run();
