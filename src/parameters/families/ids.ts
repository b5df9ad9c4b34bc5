import { blocksOf, blocksUpTo, type Located, type Stacks } from "./blocks.ts";
import type { LayerLocation } from "./family.ts";

/** Where a parameter stands in its trunk: a tower, or a chain of stacks, from input to output. */
export interface LayerRank {
  /** 0 for embeddings, i + 1 for block i, one more than the blocks for the norm and the head. */
  readonly id: number;
  /** Blocks of the trunk. */
  readonly blocks: number;
  /** The largest id that occurs in the trunk. */
  readonly top: number;
}

/** Ranks by parameter name, and the blocks of all trunks together. */
export interface Ranking {
  readonly ranks: ReadonlyMap<string, LayerRank>;
  readonly layers: number;
}

interface Trunk {
  readonly blocks: number;
  /** Stack name -> number of blocks ahead of it. */
  readonly ahead: ReadonlyMap<string, number>;
  top: number;
}

function trunkOf(names: readonly string[], stacks: Stacks): Trunk {
  const ahead = new Map<string, number>();
  let blocks = 0;
  for (const name of names) {
    const stack = stacks.get(name);
    ahead.set(name, blocks);
    if (stack !== undefined) blocks += blocksOf(stack);
  }
  return { blocks, ahead, top: 0 };
}

/**
 * Gives every located parameter its id.
 *
 * Chained stacks form one trunk; other stacks a trunk each. What belongs to no stack with blocks
 * (CLIP's `logit_scale`) is measured against the deepest trunk, and such a head counts as the head
 * of every trunk. The norm of a stack that feeds another one has the id of its last block.
 *
 * @param normWithLastBlock  the last norm has the id of the last block, not the head's (timm)
 */
export function rankLayers(
  located: readonly Located[],
  stacks: Stacks,
  chain: readonly string[] | undefined,
  normWithLastBlock: boolean,
): Ranking {
  const trunks = chain
    ? [trunkOf(chain, stacks)]
    : [...stacks.keys()].map((name) => trunkOf([name], stacks));
  const none: Trunk = { blocks: 0, ahead: new Map(), top: 0 };
  const deepest = trunks.reduce((most, trunk) => (trunk.blocks > most.blocks ? trunk : most), none);

  const placed = located.map((each) => {
    const own = trunks.find(({ ahead }) => ahead.has(each.location.stack ?? ""));
    const trunk = own ?? deepest;
    const id = idIn(trunk, stacks, each.location, normWithLastBlock);
    trunk.top = Math.max(trunk.top, id);
    if (own === undefined && each.location.part === "head") {
      for (const other of trunks) other.top = other.blocks + 1;
    }
    return { name: each.name, id, trunk };
  });
  const ranks = placed.map(({ name, id, trunk }) => {
    return [name, { id, blocks: trunk.blocks, top: trunk.top }] as const;
  });
  return { ranks: new Map(ranks), layers: trunks.reduce((sum, trunk) => sum + trunk.blocks, 0) };
}

function idIn(
  trunk: Trunk,
  stacks: Stacks,
  { part, stack: name = "", index = [] }: LayerLocation,
  normWithLastBlock: boolean,
): number {
  if (part === "embedding") return 0;
  if (part === "head") return trunk.blocks + 1;
  const ahead = trunk.ahead.get(name);
  const stack = stacks.get(name);
  const inside = stack === undefined ? 0 : blocksUpTo(stack, index);
  const id = ahead === undefined ? trunk.blocks : ahead + inside;
  if (part === "block" || id < trunk.blocks || normWithLastBlock) return id;
  return trunk.blocks + 1;
}
