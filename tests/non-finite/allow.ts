import * as assert from "uvu/assert";
import type { Optimizer } from "../../src/index.ts";
import { placesOf } from "./places.ts";
import { dtypeOf, gradientsOf, open, patternsFor, type SpoilCase, shapesFor } from "./subject.ts";
import { type Given, MATRIX, WAYS } from "./ways.ts";

// With nonFinite "allow" a bad element spoils itself and nothing else.

/**
 * Steps with one bad element after the other, beside an optimizer that gets the good ones.
 *
 * @returns how many were tried
 */
export async function allowAll(one: SpoilCase): Promise<number> {
  const { options, way } = one;
  const dtype = dtypeOf(one);
  const [spoiled, twin] = [await open(one), await open(one)];
  const shapes = shapesFor(options);
  const [given, other] = [gradientsOf(shapes, dtype, 100), gradientsOf(shapes, dtype, 200)];
  const rows = way.startsWith("rows");
  const patterns = patternsFor(one);
  const places = placesOf(spoiled, rows ? MATRIX : null);
  const poisoned = new Map(spoiled.parameterNames.map((name) => [name, new Set<number>()]));
  for (const [i, { parameter, index }] of places.entries()) {
    const { bits, shape } = given.find(({ name }) => name === parameter) as Given;
    const row = rows ? Math.floor(index / shape[1]) : 11;
    const [pattern, kind] = patterns[i % patterns.length];
    const good = bits[index];
    await WAYS[way](twin, given, other, row);
    bits[index] = pattern;
    const { applied, nonFinite } = await WAYS[way](spoiled, given, other, row);
    bits[index] = good;
    assert.equal([applied, nonFinite], [true, null]);
    poisoned.get(parameter)?.add(index);
    if (kind !== "overflow") assert.ok(Number.isNaN(weightOf(spoiled, parameter, index)));
    // All are looked at now and then; each place when it has just been.
    const looked = i % 16 === 0 || i === places.length - 1 ? spoiled.parameterNames : [parameter];
    for (const name of looked) compare(spoiled, twin, name, poisoned.get(name) ?? new Set());
  }
  for (const optimizer of [spoiled, twin]) optimizer.dispose();
  return places.length;
}

function weightOf(optimizer: Optimizer, name: string, index: number): number {
  const parts = optimizer.parameter(name).parts;
  const part = parts.find(({ first, length }) => index >= first && index < first + length);
  return part ? part.master[index - part.first] : 0;
}

/** Compares the bits of all elements but the poisoned ones. */
function compare(a: Optimizer, b: Optimizer, name: string, poisoned: ReadonlySet<number>): void {
  const others = b.parameter(name).parts;
  for (const [i, part] of a.parameter(name).parts.entries()) {
    for (const plane of ["master", "expAvg", "expAvgSq"] as const) {
      const [got, expected] = [part[plane], others[i][plane]].map(
        ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length),
      );
      for (let j = 0; j < got.length; j++) {
        if (got[j] === expected[j] || poisoned.has(part.first + j)) continue;
        assert.unreachable(`${plane}[${part.first + j}] of ${name} has other bits`);
      }
    }
  }
}
