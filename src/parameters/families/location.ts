import { wrongKind, wrongValue } from "../../errors.ts";
import type { LayerLocation, LayerPart } from "./family.ts";

const PARTS: readonly unknown[] = ["embedding", "block", "norm", "head"] satisfies LayerPart[];
const KEYS = ["part", "stack", "index"];
const PLACES = '"embedding", a block index, "norm", "head", a location or undefined';
const DEEPEST = 2;

/**
 * Checks what a layer rule said about a parameter, and spells it out as a location.
 *
 * @throws TypeError  not a place
 * @throws RangeError an index that is negative, fractional or beyond 2^53 - 1
 */
export function locationOf(name: string, place: unknown): LayerLocation | undefined {
  const where = `parameter ${JSON.stringify(name)}`;
  if (place === undefined) return undefined;
  if (typeof place === "number") return { part: "block", index: [blockIndex(place, where)] };
  if (place === "embedding" || place === "norm" || place === "head") return { part: place };
  if (typeof place !== "object" || place === null || Array.isArray(place)) {
    throw wrongKind("layerOf", where, PLACES, place);
  }
  const { part, stack, index } = place as { [Key in keyof LayerLocation]: unknown };
  const unknown = Object.keys(place).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw wrongKind("layerOf", where, "a location of part, stack and index", unknown);
  }
  if (!PARTS.includes(part)) {
    throw wrongKind("part", where, '"embedding", "block", "norm" or "head"', part);
  }
  if (stack !== undefined && typeof stack !== "string") {
    throw wrongKind("stack", where, "a string", stack);
  }
  if (stack === "") throw wrongValue("stack", where, "a name", stack);
  return {
    part: part as LayerPart,
    ...(stack === undefined ? {} : { stack }),
    ...(index === undefined ? {} : { index: indexPath(index, part, where) }),
  };
}

function indexPath(index: unknown, part: unknown, where: string): readonly number[] {
  if (part !== "block") throw wrongKind("index", where, `none, as ${part} has no blocks`, index);
  if (!Array.isArray(index) || index.length > DEEPEST) {
    throw wrongKind("index", where, "[block] or [stage, block]", index);
  }
  return index.map((each) => {
    if (typeof each !== "number") throw wrongKind("index", where, "numbers", each);
    return blockIndex(each, where);
  });
}

function blockIndex(index: number, where: string): number {
  if (Number.isSafeInteger(index) && index >= 0) return index;
  throw wrongValue("layerOf", where, "a block index that is an integer >= 0", index);
}
