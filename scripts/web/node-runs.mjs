// The same runs in Node: the digests that browsers must come to.

import { join } from "node:path";

/**
 * @typedef {{ name: string, files: { name: string, text: string }[] }} OwnClass
 * @typedef {{ steps: number, ownClass?: OwnClass }} Plan
 */

/**
 * Texts of held-out files that the page must name, and the digest of a run by its plan.
 * @param {string} dist
 */
export async function nodeRuns(dist) {
  const at = (/** @type {string} */ path) => import(join(dist, "examples", path));
  const { loadSamples } = await at("language-detector/files.js");
  const { loadPretrained } = await at("language-detector/model.js");
  const { readClass } = await at("browser/engine/classes.js");
  const { makeSetup } = await at("browser/engine/setup.js");
  const { Run } = await at("browser/engine/run.js");
  const { DEFAULTS } = await at("browser/engine/defaults.js");
  const corpus = { model: loadPretrained(), ...loadSamples() };
  return {
    steps: DEFAULTS.steps,
    expected: DEFAULTS.expectedDigest,
    /** @param {string} language */
    textOf(language) {
      const sample = corpus.test.find((/** @type {any} */ one) => one.language === language);
      return new TextDecoder().decode(sample.bytes);
    },
    /** @param {Plan} plan @returns {Promise<string>} */
    async digestOf({ steps, ownClass }) {
      const files = ownClass?.files.map(({ name, text }) => {
        return { name, bytes: new TextEncoder().encode(text) };
      });
      const classes = ownClass ? [readClass(ownClass.name, files, corpus.model.languages)] : [];
      const setup = await makeSetup(corpus, classes);
      const options = { steps, seed: DEFAULTS.seed, threads: 1, plainJs: false };
      const run = await Run.start(setup, options, []);
      while (!run.isDone) run.takeStep();
      const digest = run.digest();
      run.dispose();
      return digest;
    },
  };
}
