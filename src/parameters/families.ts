import { type LayerFamily, locate } from "./families/family.ts";
import { languageFamilies } from "./families/language.ts";
import { perceptionFamilies } from "./families/perception.ts";

export type {
  FamilyRow,
  LayerFamily,
  LayerLocation,
  LayerOf,
  LayerPart,
  LayerPlace,
} from "./families/family.ts";

/**
 * Layer rules by model family: data that says for a parameter's name whether it belongs to the
 * embeddings, to which block, to the norm after the blocks, or to the head. Give one to
 * `layerDecay` as `layerOf`. Names may carry any modules in front ("module.bert...").
 */
export const families = Object.freeze({ ...languageFamilies, ...perceptionFamilies });

/** What a family would make of some names. */
export interface FamilyFit {
  readonly family: LayerFamily;
  /** How many of the names it places. */
  readonly matched: number;
}

/**
 * Finds the family that places the most of these names, blocks among them, or gives undefined.
 * Of equals it takes the one whose model the names mention, then the first listed.
 */
export function bestFamily(names: readonly string[]): FamilyFit | undefined {
  let best: (FamilyFit & { mentions: number }) | undefined;
  for (const family of Object.values(families)) {
    const places = names.map((name) => locate(family, name)?.part);
    if (!places.includes("block")) continue;
    const matched = places.filter((part) => part !== undefined).length;
    const mentions = names.filter((name) => name.split(".").includes(family.scope)).length;
    if (best && (matched - best.matched || mentions - best.mentions) <= 0) continue;
    best = { family, matched, mentions };
  }
  return best && { family: best.family, matched: best.matched };
}
