import type { SuiteResult } from "./result.ts";
import { spreadOf } from "./statistics.ts";

const DIGITS = 5;
const rounded = (value: number) => Number(value.toPrecision(DIGITS));

/** A result as a file: with the medians for people who look into it, figures of five digits. */
export function toJson(result: SuiteResult): string {
  const cases = result.cases.map((one) => ({
    ...one,
    measured: one.measured.map(({ name, rounds }) => {
      const { median, p10, p90 } = spreadOf(rounds);
      const [middle, low, high] = [median, p10, p90].map(rounded);
      return { name, median: middle, p10: low, p90: high, rounds: rounds.map(rounded) };
    }),
  }));
  // One line for each list of numbers: a run's differences can then be read.
  const text = JSON.stringify({ ...result, cases }, null, 2);
  return `${text.replace(/\[\s+(-?\d[^\]]*?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, " ")}]`)}\n`;
}
