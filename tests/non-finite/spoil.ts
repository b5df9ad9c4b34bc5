import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  type AdamWOptions,
  type AshlarError,
  type BadGradient,
  DecoupledAdamW,
  MindFormersAdamW,
  type Optimizer,
  type StepReport,
} from "../../src/index.ts";
import { realistic } from "../reference/patterns.ts";
import { narrowed, valueOfHalf } from "../reference/round-half.ts";
import { type Place, placesOf } from "./places.ts";
import { type Given, MATRIX, WAYS } from "./ways.ts";

// Puts one bad element after the other into good gradients, and looks whether anything changed.

export interface SpoilCase {
  readonly way: keyof typeof WAYS;
  readonly options: AdamWOptions;
  readonly member?: "AdamW" | "AdamWDL" | "DecoupledAdamW" | "MindFormersAdamW";
}

type Dtype = "float32" | "float16" | "bfloat16";
type Pattern = readonly [bits: number, kind: BadGradient["kind"]];

/** Quiet and signalling NaN of both signs, infinities, the least overflow and the largest. */
const BAD: Readonly<Record<Dtype, readonly Pattern[]>> = {
  float32: [
    [0x7fc00000, "nan"],
    [0x7f800001, "nan"],
    [0xffa00001, "nan"],
    [0x7f800000, "infinite"],
    [0xff800000, "infinite"],
    [0x5f000001, "overflow"],
    [0xff7fffff, "overflow"],
  ],
  float16: [
    [0x7e00, "nan"],
    [0x7c01, "nan"],
    [0xfd01, "nan"],
    [0x7c00, "infinite"],
    [0xfc00, "infinite"],
  ],
  bfloat16: [
    [0x7fc0, "nan"],
    [0x7f81, "nan"],
    [0xffa1, "nan"],
    [0x7f80, "infinite"],
    [0xff80, "infinite"],
    [0x5f01, "overflow"],
    [0xff7f, "overflow"],
  ],
};

/** What is too large is so by the loss scale; half of what is a little too large is not. */
function patternsFor({ options: { precision, lossScale }, way }: SpoilCase): Pattern[] {
  const exponent = Math.log2(lossScale?.scale ?? 1);
  const bad = BAD[precision?.gradients ?? "float32"].filter(([bits]) => {
    return way !== "averaged micro-batches" || (bits !== 0x5f000001 && bits !== 0x5f01);
  });
  return bad.map(([bits, kind]) => [bits === 0x5f000001 ? bits + exponent * 2 ** 23 : bits, kind]);
}

/** The last one is long enough for threads to share every scan. */
function shapesFor({ threads = 1 }: AdamWOptions): Readonly<Record<string, readonly number[]>> {
  const long = threads === 1 ? 40_001 : 270_001;
  return { none: [0], scalar: [], [MATRIX]: [300, 33], few: [5], block: [4096], long: [long] };
}

const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function gradientsOf(shapes: ReturnType<typeof shapesFor>, dtype: Dtype, seed: number): Given[] {
  return Object.entries(shapes).map(([name, shape], i) => {
    const float = realistic(lengthOf(shape), seed + i);
    if (dtype === "float32") {
      return { name, shape, values: float, bits: new Uint32Array(float.buffer) };
    }
    const { halves } = narrowed(float, dtype);
    return { name, shape, values: halves, bits: halves };
  });
}

async function open({ options, member }: SpoilCase): Promise<Optimizer> {
  const parameters = Object.entries(shapesFor(options)).map(([name, shape], i) => {
    return { name, shape, data: realistic(lengthOf(shape), i + 1) };
  });
  const { nonFinite, threads } = options;
  const few = { ...(nonFinite && { nonFinite }), ...(threads && { threads }) };
  if (member === "AdamWDL") return AdamWDL.create({ parameters, ...few });
  if (member === "DecoupledAdamW") {
    return DecoupledAdamW.create(parameters, { ...few, weightDecay: 1e-5 });
  }
  if (member === "MindFormersAdamW") return MindFormersAdamW.create(parameters, few);
  return AdamW.create(parameters, options);
}

/** Every plane of the state, as it lies in memory. */
function planesOf(optimizer: Optimizer): Uint8Array[] {
  return optimizer.parameterNames.flatMap((name) =>
    optimizer.parameter(name).parts.flatMap((part) => {
      const planes = [part.master, part.expAvg, part.expAvgSq, part.maxExpAvgSq, part.model];
      return planes.flatMap((plane) =>
        plane ? [new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength)] : [],
      );
    }),
  );
}

/** Whether state and counts are still those of a moment. */
function watch(optimizer: Optimizer): () => void {
  const counts = () => [
    optimizer.steps,
    ...optimizer.parameterNames.map((name) => optimizer.parameter(name).step),
  ];
  const live = planesOf(optimizer);
  const before = live.map((plane) => Buffer.from(plane));
  const countsBefore = counts();
  return () => {
    assert.ok(
      before.every((plane, i) => plane.equals(live[i])),
      "a byte of the state changed",
    );
    assert.equal(counts(), countsBefore);
  };
}

/**
 * Tries bad elements at every place.
 *
 * @param every whether each place gets every pattern; otherwise one after the other
 * @returns how many were tried
 */
export async function spoilAll(one: SpoilCase, every: boolean): Promise<number> {
  const { options, way } = one;
  const dtype: Dtype = options.precision?.gradients ?? "float32";
  const [spoiled, twin] = [await open(one), await open(one)];
  const shapes = shapesFor(options);
  const [given, other] = [gradientsOf(shapes, dtype, 100), gradientsOf(shapes, dtype, 200)];
  for (const optimizer of [spoiled, twin]) await WAYS[way](optimizer, given, other, 11);
  const [unchanged, digest] = [watch(spoiled), spoiled.digest()];

  const rows = way.startsWith("rows");
  // Half of a sum that is a little too large is not too large.
  const patterns = patternsFor(one);
  const places = placesOf(spoiled, rows ? MATRIX : null);
  let tried = 0;
  for (const [i, place] of places.entries()) {
    const some = every ? patterns : [patterns[i % patterns.length]];
    for (const pattern of some) {
      const { bits, shape } = given.find(({ name }) => name === place.parameter) as Given;
      const good = bits[place.index];
      bits[place.index] = pattern[0];
      const row = rows ? Math.floor(place.index / shape[1]) : 11;
      const step = () => WAYS[way](spoiled, given, other, row);
      await refused(step, options, place, pattern, dtype, way.includes("micro-batch"));
      unchanged();
      bits[place.index] = good;
      // Where it threw, sums wait on.
      spoiled.zeroGradients();
      tried++;
    }
  }
  assert.is(spoiled.digest(), digest);
  for (const optimizer of [spoiled, twin]) await WAYS[way](optimizer, other, given, 12);
  assert.is(spoiled.digest(), twin.digest(), "the next good step");
  for (const optimizer of [spoiled, twin]) optimizer.dispose();
  return tried;
}

async function refused(
  step: () => StepReport | Promise<StepReport>,
  options: AdamWOptions,
  { parameter, index }: Place,
  [bits, kind]: Pattern,
  dtype: Dtype,
  summed: boolean,
): Promise<void> {
  const where = `${parameter}[${index}], bits ${bits.toString(16)}`;
  const value = dtype === "float32" ? floatOf(bits) : valueOfHalf(bits, dtype);
  if (options.nonFinite === "skip") {
    const report = await step();
    assert.is(report.applied, false, where);
    const { value: seen, ...rest } = report.nonFinite as BadGradient;
    assert.equal(rest, { parameter, index, kind }, where);
    // A sum of micro-batches is another number, but as infinite.
    const same = kind === "overflow" && summed ? Math.abs(seen) > 2 ** 63 : Object.is(seen, value);
    assert.ok(same, `${where}: ${seen}`);
    return;
  }
  let error: unknown;
  try {
    await step();
  } catch (caught) {
    error = caught;
  }
  const { code, message } = (error ?? {}) as AshlarError;
  assert.is(code, "NON_FINITE", where);
  assert.ok(
    message.startsWith(`"gradient[${index}]" of parameter "${parameter}": expected`),
    where,
  );
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0];
}
