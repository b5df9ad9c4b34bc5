/**
 * As promised of tests/full/promised.ts, for scripts that need no build.
 *
 * @param {string} promise @param {string} cases @param {string} result
 */
export function promised(promise, cases, result) {
  console.log(`promise ${JSON.stringify({ promise, cases, result })}`);
}
