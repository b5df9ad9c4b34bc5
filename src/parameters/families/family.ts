/** The four parts of a network that a layer rule tells apart. */
export type LayerPart = "embedding" | "block" | "norm" | "head";

/** Where a parameter sits: embeddings, a block by its 0-based index, the norm after the last block, or the head. */
export type LayerPlace = "embedding" | number | "norm" | "head";

/** A place in a network of several stacks (towers, encoder and decoder) or of staged blocks. */
export interface LayerLocation {
  /** Which part of the network. */
  readonly part: LayerPart;
  /** The stack that it belongs to; without one, the whole network. */
  readonly stack?: string;
  /**
   * Of a block: [block], or [stage, block]. A path that ends early is shared by all the blocks
   * under it and learns with the last of them: [stage] is a whole stage, [] the whole stack.
   */
  readonly index?: readonly number[];
}

/** Says where the parameter of this name sits; undefined where it doesn't know. */
export type LayerOf = (name: string) => LayerPlace | LayerLocation | undefined;

/** One rule of a family: names that fit `pattern` lie in `part`. */
export interface FamilyRow {
  /** Anchored at the start of the name; its captures are the first indices of the block. */
  readonly pattern: RegExp;
  /** Where the names lie. */
  readonly part: LayerPart;
  /** The stack that they belong to. */
  readonly stack?: string;
  /** Indices that follow the captured ones. */
  readonly append?: readonly number[];
}

/** The layer rule of one model family, as data: the first row that fits a name places it. */
export interface LayerFamily {
  /** Its key in `families`. */
  readonly name: string;
  /** What the model's own module is called in its parameters' names; used to choose a hint. */
  readonly scope: string;
  /** The rules, in the order in which they are tried. */
  readonly rows: readonly FamilyRow[];
  /** Stacks in the order in which data flows through them; absent: stacks are side by side. */
  readonly chain?: readonly string[];
}

// Modules around the model ("module.", "model.bert.") are skipped, but no list of modules except
// one at the very start ("0.auto_model."): behind a list index we would be inside some block,
// where "layers.0" is a sub-list. So the first list index of a name is the block's or stage's.
const AROUND = String.raw`^(?:\d+\.)?(?:(?!\d+\.)[^.]+\.)*`;

const made = new WeakSet<LayerFamily>();

/** True for the families made here, false for look-alikes. */
export function isFamily(value: unknown): value is LayerFamily {
  return typeof value === "object" && value !== null && made.has(value as LayerFamily);
}

/** Makes a frozen family out of its rows. */
export function family(
  name: string,
  scope: string,
  rows: readonly FamilyRow[],
  chain?: readonly string[],
): LayerFamily {
  const frozen = Object.freeze(rows.map((row) => Object.freeze(row)));
  const whole =
    chain === undefined ? { rows: frozen } : { rows: frozen, chain: Object.freeze(chain) };
  const result: LayerFamily = Object.freeze({ name, scope, ...whole });
  made.add(result);
  return result;
}

/**
 * Makes one row. `path` is a dotted path of modules, N standing for a list index, with "|" between
 * alternatives: "encoder.layer.N|layers.N". It fits as whole modules: "layers.N" does not fit
 * "conv_layers.0". A path that must not lie directly under some modules names them in `notUnder`.
 */
export function row(
  part: LayerPart,
  path: string,
  more: { stack?: string; append?: readonly number[]; notUnder?: string } = {},
): FamilyRow {
  const { notUnder, ...rest } = more;
  const guard = notUnder === undefined ? "" : String.raw`(?<!(?:^|\.)(?:${notUnder})\.)`;
  const body = path.replaceAll(".", String.raw`\.`).replace(/\bN\b/g, String.raw`(\d+)`);
  return { pattern: new RegExp(String.raw`${AROUND}${guard}(?:${body})(?:\.|$)`), part, ...rest };
}

/** Places one name by the first row that fits, or gives undefined. */
export function locate(rule: LayerFamily, name: string): LayerLocation | undefined {
  for (const { pattern, part, stack, append = [] } of rule.rows) {
    const found = pattern.exec(name);
    if (found === null) continue;
    const where = stack === undefined ? { part } : { part, stack };
    if (part !== "block") return where;
    const captured = found.slice(1).filter((digits) => digits !== undefined);
    return { ...where, index: [...captured.map(Number), ...append] };
  }
  return undefined;
}

/** The stacks that a family's rows name, in the order of their first row. */
export function stackNames(rule: LayerFamily): string[] {
  const named = rule.rows.flatMap(({ stack }) => (stack === undefined ? [] : [stack]));
  return [...new Set(named)];
}
