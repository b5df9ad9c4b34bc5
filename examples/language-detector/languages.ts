import type { PretrainedModel } from "./model-format.ts";
import type { LabelledFile } from "./sample.ts";

/** What the model is to learn. They follow its own 54 languages. */
export const NEW_LANGUAGES = ["solidity", "svelte", "assemblyscript"] as const;

export function isNew(language: string): boolean {
  return (NEW_LANGUAGES as readonly string[]).includes(language);
}

/** Every language by class index, the new ones last. */
export function allLanguages(
  model: PretrainedModel,
  newLanguages: readonly string[] = NEW_LANGUAGES,
): string[] {
  return [...model.languages, ...newLanguages];
}

/** Class index of a sample's language. @throws Error for a language that the model lacks */
export function labelOf({ language }: LabelledFile, languages: readonly string[]): number {
  const label = languages.indexOf(language);
  if (label < 0) throw new Error(`samples.json: unknown language "${language}"`);
  return label;
}
