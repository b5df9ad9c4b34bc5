import type { Case, Measured } from "./result.ts";

/** The middle of some figures and where most of them lie. */
export interface Spread {
  readonly median: number;
  /** 10 of 100 figures are smaller. */
  readonly p10: number;
  /** 10 of 100 figures are larger. */
  readonly p90: number;
}

/** The value below which a share of the sorted figures lies, interpolated. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** @param figures at least one */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
  };
}

export const medianOf = (figures: readonly number[]) => spreadOf(figures).median;

/**
 * The spread of one contender's time over another's, round by round. What slows the machine for a
 * while slows both sides of a round, so that this is steadier than the ratio of two medians.
 */
export function ratioOf(numerator: readonly number[], denominator: readonly number[]): Spread {
  if (numerator.length !== denominator.length) {
    throw new RangeError(
      `rounds: expected as many of both, got ${numerator.length} and ${denominator.length}`,
    );
  }
  return spreadOf(numerator.map((time, round) => time / denominator[round]));
}

export const measuredOf = ({ measured }: Case, name: string): Measured | undefined =>
  measured.find((one) => one.name === name);

/** The faster of some contenders in each round; undefined where none of them ran. */
export function fastestOf(one: Case, names: readonly string[]): number[] | undefined {
  const present = names.flatMap((name) => measuredOf(one, name)?.rounds ?? []);
  if (present.length === 0) return undefined;
  const contenders = names.flatMap((name) => measuredOf(one, name) ?? []);
  return contenders[0].rounds.map((_, round) =>
    Math.min(...contenders.map(({ rounds }) => rounds[round])),
  );
}
