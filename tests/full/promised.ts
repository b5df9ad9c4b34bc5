/** What stands before a line that tests/full/main.ts reads. */
export const MARK = "promise ";

/**
 * Prints what a full program tried for a promise of docs/reliability-report.md and what came of it.
 * Only called where it held: a program that finds otherwise ends with exit code 1.
 *
 * @param promise its number: `P13`
 * @param cases   what was tried, counted: `100,000 damaged files`
 * @param result  what was seen, in numbers: `0 silent loads, 0 crashes, slowest 12 ms`
 */
export function promised(promise: string, cases: string, result: string): void {
  console.log(`${MARK}${JSON.stringify({ promise, cases, result })}`);
}
