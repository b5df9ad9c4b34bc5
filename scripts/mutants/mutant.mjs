// What a mutant is, and what is wrong with a table of them.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A mistake that somebody could make, in one place of the sources.
 *
 * @typedef {object} Mutant
 * @property {string} id
 * @property {string} what     one sentence
 * @property {string} file     from the project's folder
 * @property {string} find     a text that occurs in the file exactly once
 * @property {string} replace  what stands there instead
 * @property {string[]} tests  the test files that ought to notice, below dist/tests
 * @property {string} [core]   of a file of assembly/: the target of asconfig.json that is built; "core" by default
 */

/**
 * A table must not rot: what is wrong with it, a line each.
 * @param {string} root
 * @param {readonly Mutant[]} mutants
 */
export function faultsOf(root, mutants) {
  const seen = new Set();
  return mutants.flatMap((mutant) => {
    const { id, file, find, replace, tests } = mutant;
    const faults = [];
    if (seen.has(id)) faults.push("there are two of this id");
    seen.add(id);
    if (find === replace) faults.push("changes nothing");
    if (!existsSync(join(root, file))) faults.push(`there is no ${file}`);
    else {
      const count = readFileSync(join(root, file), "utf8").split(find).length - 1;
      if (count !== 1) faults.push(`expected its text in ${file} once, found it ${count} times`);
    }
    if (tests.length === 0) faults.push("names no test");
    for (const test of tests) {
      if (!existsSync(join(root, "dist/tests", test)))
        faults.push(`there is no dist/tests/${test}`);
    }
    return faults.map((fault) => `${id}: ${fault}`);
  });
}

/**
 * The file's text with the mistake in it.
 * @param {string} text
 * @param {Mutant} mutant
 */
export const mutated = (text, { find, replace }) => text.replace(find, () => replace);

/**
 * Mutants in as few rounds as can be, so that those of a round touch no common text and can all be
 * in the sources at once.
 * @param {string} root
 * @param {readonly Mutant[]} mutants
 * @returns {Mutant[][]}
 */
export function roundsOf(root, mutants) {
  /** @type {{ mutants: Mutant[], taken: { file: string, begin: number, end: number }[] }[]} */
  const rounds = [];
  for (const mutant of mutants) {
    const { file, find } = mutant;
    const begin = readFileSync(join(root, file), "utf8").indexOf(find);
    const end = begin + find.length;
    const isFree = (/** @type {{ file: string, begin: number, end: number }} */ other) =>
      other.file !== file || other.end <= begin || end <= other.begin;
    let round = rounds.find(({ taken }) => taken.every(isFree));
    if (!round) {
      round = { mutants: [], taken: [] };
      rounds.push(round);
    }
    round.mutants.push(mutant);
    round.taken.push({ file, begin, end });
  }
  return rounds.map(({ mutants }) => mutants);
}
