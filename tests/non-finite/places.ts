import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import { cutChunks } from "../../src/core/threads/chunks.ts";
import type { Optimizer, ParameterPart } from "../../src/index.ts";
import { xorshift32 } from "../reference/random.ts";

/** One element of one parameter. */
export interface Place {
  readonly parameter: string;
  readonly index: number;
}

/** Lanes of the core's widest round, and of its tails. */
const WIDEST = 16;
export const LEAST_PLACES = 200;

/**
 * Where a gradient may go wrong in a way of its own: first and last elements, tails, every lane, both
 * sides of each block, of each chunk that threads share and of each slab; and others, up to 200.
 *
 * @param only the parameter that they are to be in; null for all
 */
export function placesOf(optimizer: Optimizer, only: string | null): Place[] {
  const places = new Map<string, Place>();
  const add = (parameter: string, length: number, index: number) => {
    if (index < 0 || index >= length || (only ?? parameter) !== parameter) return;
    places.set(`${parameter} ${index}`, { parameter, index });
  };
  const parameters = optimizer.parameterNames.map((name) => {
    const { length, parts } = optimizer.parameter(name);
    return { name, length, parts };
  });
  const edges = chunkEdges(parameters);
  for (const { name, length, parts } of parameters) {
    for (let lane = 0; lane < WIDEST; lane++) add(name, length, lane);
    for (let tail = 1; tail <= WIDEST / 2; tail++) add(name, length, length - tail);
    for (const { first } of parts) edges.push({ parameter: name, index: first });
    for (let edge = BLOCK_LENGTH; edge < length; edge += BLOCK_LENGTH) {
      edges.push({ parameter: name, index: edge });
    }
  }
  for (const { parameter, index } of edges) {
    for (const side of [-1, 0, 1]) add(parameter, lengthOf(parameters, parameter), index + side);
  }
  const next = xorshift32(0x9e3779b9);
  const large = parameters.filter(({ length }) => length > 0);
  while (places.size < LEAST_PLACES) {
    const { name, length } = large[next() % large.length];
    add(name, length, next() % length);
  }
  return [...places.values()];
}

interface Runs {
  readonly name: string;
  readonly length: number;
  readonly parts: readonly ParameterPart[];
}

const lengthOf = (parameters: readonly Runs[], name: string) =>
  parameters.find((one) => one.name === name)?.length ?? 0;

/** The first elements of the chunks that threads take: those of a slab are cut together. */
function chunkEdges(parameters: readonly Runs[]): Place[] {
  const slabs = new Map<ArrayBufferLike, (Place & { readonly length: number })[]>();
  for (const { name, parts } of parameters) {
    for (const { first, length, master } of parts) {
      const runs = slabs.get(master.buffer) ?? [];
      slabs.set(master.buffer, [...runs, { parameter: name, index: first, length }]);
    }
  }
  return [...slabs.values()].flatMap((runs) =>
    cutChunks(runs.map(({ length }) => length)).flatMap((chunk) =>
      chunk.map(({ segment, first }) => {
        const { parameter, index } = runs[segment];
        return { parameter, index: index + first };
      }),
    ),
  );
}
