import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { packageFolder } from "../common/packages.ts";

// Files in three languages that look alike to a histogram of bytes, out of npm packages of this
// project. No package is in both splits.

interface Source {
  readonly ending: RegExp;
  readonly train: readonly string[];
  readonly test: readonly string[];
}

const SOURCES: Readonly<Record<string, Source>> = {
  solidity: {
    ending: /\.sol$/,
    train: ["@openzeppelin/contracts", "erc721a"],
    test: ["@solidstate/contracts"],
  },
  svelte: {
    ending: /\.svelte$/,
    train: ["@sveltestrap/sveltestrap/src", "svelte-loading-spinners", "svelte-multiselect"],
    test: ["@xyflow/svelte", "svelte-calendar"],
  },
  assemblyscript: {
    ending: /(?<!\.d|\.spec)\.ts$/,
    train: ["assemblyscript/std/assembly", "as-bignum/assembly"],
    test: ["@polywrap/wasm-as/assembly", "as-container/assembly"],
  },
};
/** So that no package outweighs the others. */
const MOST_FILES = 40;

export const LANGUAGES = Object.keys(SOURCES);

export interface TextFile {
  readonly path: string;
  /** Index of its language. */
  readonly label: number;
  readonly bytes: Uint8Array;
}

/** The files of a split, always in the same order. @throws Error for a package that is missing */
export function readFiles(split: "train" | "test"): TextFile[] {
  return Object.values(SOURCES).flatMap((source, label) =>
    source[split].flatMap((folder) => readFolder(folder, source.ending, label)),
  );
}

function readFolder(name: string, ending: RegExp, label: number): TextFile[] {
  const folder = packageFolder(name);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => ending.test(path) && !path.includes("node_modules/"))
    .sort();
  // Evenly over the folder, not only what the alphabet puts first.
  const every = Math.max(1, Math.floor(paths.length / MOST_FILES));
  const chosen = paths.filter((_, i) => i % every === 0).slice(0, MOST_FILES);
  return chosen
    .map((path) => ({ path, label, bytes: new Uint8Array(readFileSync(join(folder, path))) }))
    .filter(({ bytes }) => bytes.length > 0);
}
