// What one process comes to that does the work of all ranks.

import { pathToFileURL } from "node:url";
import { SIZES } from "./matrix.mjs";
import { program } from "./processes.mjs";

const load = (/** @type {string} */ name) => import(pathToFileURL(program(name)).href);

/**
 * @typedef {{ exact: string, rounded: Record<number, string>, elements: number }} Expected
 */

/** @param {number} steps @returns {Promise<Expected>} */
export async function runAlone(steps) {
  const { trainAlone } = await load("train.js");
  const { ELEMENTS } = await load("problem.js");
  const exact = await trainAlone("exact", 1, steps);
  const rounded = /** @type {Record<number, string>} */ ({});
  for (const size of SIZES) rounded[size] = await trainAlone("rounded", size, steps);
  return { exact, rounded, elements: ELEMENTS };
}

/**
 * The weights of some runs, in one process, after some steps of the exact problem.
 * @param {number} steps  of the whole run
 * @param {readonly { at: number, owned: readonly object[] }[]} wanted
 * @returns {Promise<string[]>}
 */
export async function shardsAlone(steps, wanted) {
  const { trainAlone } = await load("train.js");
  const { ownedWeights } = await load("owned-weights.js");
  const found = wanted.map(() => "");
  /** @param {number} step @param {any} optimizer */
  const look = (step, optimizer) => {
    for (const [i, { at, owned }] of wanted.entries()) {
      if (at !== step) continue;
      found[i] = ownedWeights(
        owned,
        (/** @type {string} */ name) => optimizer.parameter(name).master,
      );
    }
  };
  await trainAlone("exact", 1, steps, look);
  return found;
}
