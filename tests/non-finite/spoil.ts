import * as assert from "uvu/assert";
import type { AshlarError, BadGradient, Optimizer, StepReport } from "../../src/index.ts";
import { valueOfHalf } from "../reference/round-half.ts";
import { type Place, placesOf } from "./places.ts";
import {
  dtypeOf,
  gradientsOf,
  open,
  type Pattern,
  patternsFor,
  type SpoilCase,
  shapesFor,
} from "./subject.ts";
import { type Given, MATRIX, WAYS } from "./ways.ts";

// Puts one bad element after the other into good gradients, and looks whether anything changed.

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

const countsOf = (optimizer: Optimizer) => [
  optimizer.steps,
  ...optimizer.parameterNames.map((name) => optimizer.parameter(name).step),
];

/** Whether state and counts are still those of a moment: all that a digest is made of. */
function watch(optimizer: Optimizer): () => void {
  const live = planesOf(optimizer);
  const before = live.map((plane) => Buffer.from(plane));
  const counts = countsOf(optimizer);
  return () => {
    assert.ok(
      before.every((plane, i) => plane.equals(live[i])),
      "a byte of the state changed",
    );
    assert.equal(countsOf(optimizer), counts);
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
  const dtype = dtypeOf(one);
  const [spoiled, twin] = [await open(one), await open(one)];
  const shapes = shapesFor(options);
  const [given, other] = [gradientsOf(shapes, dtype, 100), gradientsOf(shapes, dtype, 200)];
  for (const optimizer of [spoiled, twin]) await WAYS[way](optimizer, given, other, 11);
  const unchanged = watch(spoiled);

  const rows = way.startsWith("rows");
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
      await refused(step, one, place, pattern);
      unchanged();
      bits[place.index] = good;
      // Where it threw, sums wait on.
      spoiled.zeroGradients();
      tried++;
    }
  }
  for (const optimizer of [spoiled, twin]) await WAYS[way](optimizer, other, given, 12);
  assert.equal(countsOf(spoiled), countsOf(twin));
  const planes = planesOf(twin);
  planesOf(spoiled).forEach((plane, i) => {
    assert.ok(Buffer.from(planes[i]).equals(plane), "the next good step has other bits");
  });
  for (const optimizer of [spoiled, twin]) optimizer.dispose();
  return tried;
}

async function refused(
  step: () => StepReport | Promise<StepReport>,
  one: SpoilCase,
  { parameter, index }: Place,
  [bits, kind]: Pattern,
): Promise<void> {
  const { options, way, dynamic } = one;
  const dtype = dtypeOf(one);
  const where = `${parameter}[${index}], bits ${bits.toString(16)}`;
  const value = dtype === "float32" ? floatOf(bits) : valueOfHalf(bits, dtype);
  if (options.nonFinite === "skip" || dynamic) {
    const report = await step();
    assert.is(report.applied, false, where);
    const { value: seen, ...rest } = report.nonFinite as BadGradient;
    assert.equal(rest, { parameter, index, kind }, where);
    // A sum of micro-batches is another number, but as infinite.
    const same =
      kind === "overflow" && way.includes("micro-batch")
        ? Math.abs(seen) > 2 ** 63
        : Object.is(seen, value);
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
