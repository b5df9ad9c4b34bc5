import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exampleFile, packageFolder } from "../common/packages.ts";
import { extractFeatures } from "./features.ts";
import type { Sample } from "./sample.ts";

export type Split = "train" | "validation" | "test";

/** Files of one language out of one npm package, as samples.json lists them. */
interface Listing {
  readonly language: string;
  readonly package: string;
  readonly files: readonly string[];
}

export type Samples = Readonly<Record<Split, readonly Sample[]>>;

/**
 * Reads exactly the files that samples.json lists, in its order: never what a folder happens to hold.
 *
 * @throws Error naming the package and the file, if one is missing
 */
export function loadSamples(): Samples {
  const lists = JSON.parse(
    readFileSync(exampleFile("language-detector", "samples.json"), "utf8"),
  ) as Record<Split, readonly Listing[]>;
  return {
    train: lists.train.flatMap(readListing),
    validation: lists.validation.flatMap(readListing),
    test: lists.test.flatMap(readListing),
  };
}

function readListing({ language, package: name, files }: Listing): Sample[] {
  const folder = packageFolder(name);
  return files.map((path) => {
    const bytes = readPackageFile(name, folder, path);
    return { language, package: name, path, bytes, features: extractFeatures(bytes) };
  });
}

function readPackageFile(name: string, folder: string, path: string): Uint8Array {
  try {
    return readFileSync(join(folder, path));
  } catch {
    throw new Error(`package "${name}" has no readable file ${path}: run npm install`);
  }
}
