import { BLOCK_LENGTH } from "../../assembly/layout.ts";
import { layoutSlab } from "../../src/core/slab-layout.ts";
import { xorshift32 } from "../reference/random.ts";
import { type ProofLayout, proofDigests } from "./proof.ts";
import { PARAMETERS } from "./proof-model.ts";

// The proof in random layouts. No Node API.

export interface NamedLayout {
  readonly name: string;
  readonly layout: ProofLayout;
}

/** Bytes of a slab that holds a parameter of so many elements, in either optimizer. */
function slabOf(elements: number): number {
  const one = { elements, segments: 1, blocks: Math.ceil(elements / BLOCK_LENGTH), threads: 1 };
  const full = layoutSlab({ ...one, amsgrad: true, model16: false, grad16: false });
  const half = layoutSlab({ ...one, amsgrad: false, model16: true, grad16: true });
  return Math.max(full.bytes, half.bytes);
}

const LEAST_BYTES = slabOf(BLOCK_LENGTH);
/** From here on no parameter needs to be split. */
const UNSPLIT_BYTES = slabOf(Math.max(...PARAMETERS.map(({ length }) => length)));
/** From here on each set of planes has one slab. */
const MOST_BYTES = 8_388_608;

/** Slabs of random sizes, small ones more often; in one of eight no parameter is split. */
export function randomPartitions(count: number): NamedLayout[] {
  const next = xorshift32(0x9b05688c);
  return Array.from({ length: count }, (_, i): NamedLayout => {
    const splitParameters = next() % 8 > 0;
    const least = splitParameters ? LEAST_BYTES : UNSPLIT_BYTES;
    const slabBytes = least + (next() % ((MOST_BYTES - least) >> (next() % 8)));
    const what = splitParameters ? "" : ", no parameter split";
    return {
      name: `partition ${i + 1}, slabs of at most ${slabBytes} bytes${what}`,
      layout: { slabBytes, splitParameters },
    };
  });
}

/** Parameters in random order within their groups, and the groups too. */
export function randomOrders(count: number): NamedLayout[] {
  const next = xorshift32(0x1f83d9ab);
  return Array.from({ length: count }, (_, i): NamedLayout => {
    const order = <T>(all: readonly T[]) =>
      all
        .map((one) => ({ one, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
    return { name: `order ${i + 1}`, layout: { order } };
  });
}

/** The digest that the proof ends with in such a layout. */
export async function layoutDigest(steps: number, { layout }: NamedLayout): Promise<string> {
  return (await proofDigests({ steps, layout })).get(steps) as string;
}
