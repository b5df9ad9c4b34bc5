import { mkdirSync, writeFileSync } from "node:fs";

/** A ```js block of a document: a module, and the lines that it says it prints. */
export interface DocBlock {
  readonly code: string;
  /** Line of the document on which the code begins, counted from 1. */
  readonly line: number;
  /** What stands after `console.log(...); // `, call by call. */
  readonly promised: readonly string[];
  /** How many calls of console.log there are: each must promise what it prints. */
  readonly calls: number;
}

/** The ```js blocks of a document, in its order. Blocks of any other language are text. */
export function docBlocks(text: string): DocBlock[] {
  return Array.from(text.matchAll(/^```js\n([\s\S]*?)^```$/gm), ({ 1: code, index }) => ({
    code,
    line: text.slice(0, index).split("\n").length + 1,
    promised: Array.from(code.matchAll(/console\.log\([^;]*\); \/\/ (.*)/g), ([, line]) => line),
    calls: code.split("console.log(").length - 1,
  }));
}

/**
 * Runs a block as the module that it is, and gives the lines that it printed. It is written beside
 * the compiled tests, so that `ashlar` in it is the package that they belong to.
 *
 * @param name of the document and the block: a module that was run already prints nothing
 */
export async function runDocBlock({ code }: DocBlock, name: string): Promise<string[]> {
  const folder = new URL("../../.docs/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name}.mjs`, folder);
  writeFileSync(file, code);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(values.map(String).join(" "));
  try {
    await import(file.href);
  } finally {
    console.log = log;
  }
  return printed;
}
