import { wrongKind, wrongValue } from "../../errors.ts";
import type { LayerLocation } from "./family.ts";

/** Number of blocks: of the whole network, of each stage, or of each stack by its name. */
export type BlockCounts = number | readonly number[] | Readonly<Record<string, number>>;

/** A parameter that a rule has placed. */
export interface Located {
  readonly name: string;
  readonly location: LayerLocation;
}

/** Blocks of one stack: stage -> blocks in it. A stack without stages has the one stage 0. */
interface Stack {
  readonly staged: boolean;
  readonly stages: Map<number, number>;
}

/** Stack name ("" where locations name none) -> its blocks; only stacks that have blocks. */
export type Stacks = ReadonlyMap<string, Stack>;

const WHERE = "layerDecay";

/** [stage, block] of a path, filled up at the front where the stack has no stages. */
function inStages(stack: Stack, index: readonly number[]): readonly number[] {
  return stack.staged || index.length === 0 ? index : [0, ...index];
}

/** Blocks of the stack up to the end of `index`, that block or stage included. */
export function blocksUpTo(stack: Stack, index: readonly number[]): number {
  const [end = Infinity, block] = inStages(stack, index);
  let count = block === undefined ? 0 : block + 1;
  for (const [stage, blocks] of stack.stages) {
    if (stage < end || (stage === end && block === undefined)) count += blocks;
  }
  return count;
}

/** All the blocks of a stack. */
export function blocksOf(stack: Stack): number {
  return blocksUpTo(stack, []);
}

/** Counts the blocks that the names show: in each stage the largest index plus one. */
export function countBlocks(located: readonly Located[]): Stacks {
  const stacks = new Map<string, Stack>();
  const blocks = located.filter(({ location }) => location.part === "block");
  for (const { location } of blocks) {
    const name = location.stack ?? "";
    const staged = location.index?.length === 2 || stacks.get(name)?.staged === true;
    stacks.set(name, { staged, stages: new Map() });
  }
  for (const { location } of blocks) {
    const stack = stacks.get(location.stack ?? "") as Stack;
    const [stage, block] = inStages(stack, location.index ?? []);
    if (stage === undefined || block === undefined) continue;
    stack.stages.set(stage, Math.max(block + 1, stack.stages.get(stage) ?? 0));
  }
  return stacks;
}

/**
 * Replaces the counted blocks by the caller's `layers`.
 *
 * A number may exceed the blocks that the names show in a plain network, where the missing ones
 * can only be above. With stages or several stacks it must be their total: it doesn't say where
 * missing ones would be, and that moves every scale. A list or an object says it.
 *
 * @param known  the stacks that the rule can name
 * @throws TypeError  a kind of `layers` that doesn't fit the network
 * @throws RangeError a block beyond its count, a total that differs, an unknown stack
 */
export function declareBlocks(
  counted: Stacks,
  layers: BlockCounts,
  located: readonly Located[],
  known: readonly string[],
): Stacks {
  if (typeof layers === "number") return declareTotal(counted, layers, located, known);
  if (isList(layers)) return declareStages(counted, layers, located, known);
  return declareStacks(counted, new Map(Object.entries(layers)), located, known);
}

function isList(layers: BlockCounts): layers is readonly number[] {
  return Array.isArray(layers);
}

function plainStack(blocks: number): Stack {
  return { staged: false, stages: new Map([[0, blocks]]) };
}

function declareTotal(
  counted: Stacks,
  layers: number,
  located: readonly Located[],
  known: readonly string[],
): Stacks {
  const [name = "", stack] = counted.entries().next().value ?? [];
  if (counted.size <= 1 && known.length <= 1 && !stack?.staged) {
    for (const each of located) checkIndex(each.name, each.location.index?.[0], layers);
    return new Map([[name, plainStack(layers)]]);
  }
  const total = [...counted.values()].reduce((sum, each) => sum + blocksOf(each), 0);
  if (total === layers) return counted;
  const remedy =
    known.length > 0
      ? `Leave it out, or give the blocks of each stack: ${known.join(", ")}`
      : "Leave it out, or give a list of the blocks in each stage";
  throw wrongValue("layers", WHERE, `${total}, the blocks that the names show`, layers, remedy);
}

function declareStages(
  counted: Stacks,
  layers: readonly number[],
  located: readonly Located[],
  known: readonly string[],
): Stacks {
  const [name = "", stack] = counted.entries().next().value ?? [];
  if (known.length > 0 || stack?.staged === false) {
    const expected = known.length > 0 ? "an object of counts by stack" : "a number";
    throw wrongKind("layers", WHERE, expected, layers, "Lists are for staged networks");
  }
  for (const each of located) {
    const [stage, block] = each.location.index ?? [];
    if (stage === undefined) continue;
    const count = layers[stage];
    if (count === undefined) {
      const expected = `more than ${stage} stages, the stage index in ${JSON.stringify(each.name)}`;
      throw wrongValue("layers", WHERE, expected, layers.length, "Stages are counted from 0");
    }
    checkIndex(each.name, block, count);
  }
  return new Map([[name, { staged: true, stages: new Map(layers.entries()) }]]);
}

function declareStacks(
  counted: Stacks,
  layers: ReadonlyMap<string, number>,
  located: readonly Located[],
  known: readonly string[],
): Stacks {
  if (known.length === 0) {
    const got = Object.fromEntries(layers);
    throw wrongKind("layers", WHERE, "a number or a list, as the rule names no stacks", got);
  }
  const declared = new Map(counted);
  for (const [name, blocks] of layers) {
    if (!known.includes(name)) {
      throw wrongValue("layers", WHERE, `counts for ${known.join(", ")}`, name);
    }
    if (declared.get(name)?.staged) {
      throw wrongKind("layers", WHERE, `no count for ${name}, which has stages`, blocks);
    }
    declared.set(name, plainStack(blocks));
  }
  for (const { name, location } of located) {
    const count = layers.get(location.stack ?? "");
    if (count !== undefined) checkIndex(name, location.index?.[0], count);
  }
  return declared;
}

function checkIndex(name: string, index: number | undefined, count: number): void {
  if (index === undefined || index < count) return;
  const expected = `more than ${index}, the block index in ${JSON.stringify(name)}`;
  throw wrongValue("layers", WHERE, expected, count, "Blocks are counted from 0");
}
