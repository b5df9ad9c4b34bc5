// Whether the kernel has become slower than it was: by its time over that of the C loop in the same
// rounds, which a slow machine lengthens alike.

import { medianOf, ratioOf } from "./statistics.ts";

export interface Baseline {
  readonly _comment: string;
  readonly cpu: string;
  readonly compiler: string;
  readonly node: string;
  readonly date: string;
  /** Nanoseconds per parameter of the C loop, undisturbed. */
  readonly loop: number;
  /** Time over the C loop's, by case. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface GuardRow {
  readonly name: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
  readonly verdict: "ok" | "faster" | "slower" | "new" | "gone";
}

/**
 * How much slower a case may be than in the baseline. Ratios of two runs differ by up to 1 %
 * (measured, on a busy machine too); the mistake that this must find, a loop that tests at the top, costs
 * 15 %.
 */
export const TOLERANCE = 0.05;

/** Compares each case of either; more than TOLERANCE above the baseline is slower. */
export function judgeGuard(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): GuardRow[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.map((name) => {
    const row = { name, before: before[name], now: now[name] };
    return { ...row, verdict: verdictOf(row.before, row.now) };
  });
}

function verdictOf(before: number | undefined, now: number | undefined): GuardRow["verdict"] {
  if (before === undefined) return "new";
  if (now === undefined) return "gone";
  const change = now / before - 1;
  return change > TOLERANCE ? "slower" : change < -TOLERANCE ? "faster" : "ok";
}

/** Slower, or no longer measured: either lets the kernel slip. */
export const fails = ({ verdict }: GuardRow) => verdict === "slower" || verdict === "gone";

/** Rounds whose C loop takes longer than the fastest, by more than this, are disturbed. */
const DISTURBED = 1.04;

/**
 * The rounds that nobody disturbed, as their indices. A tenant on the other half of the core makes
 * the C loop 1.17 times slower and ashlar 1.4 times, which has more instructions: such rounds would
 * raise the ratios by a sixth. They can last for minutes.
 *
 * @param loop  the C loop's nanoseconds, round by round
 * @param known its undisturbed nanoseconds on the same machine, if it has been measured
 */
export function undisturbed(loop: readonly number[], known = Number.POSITIVE_INFINITY): number[] {
  const fastest = Math.min(known, ...loop);
  return loop.flatMap((nanoseconds, round) => (nanoseconds <= fastest * DISTURBED ? [round] : []));
}

/** The ratio of each case to the C loop, of some rounds. */
export function ratiosOf(
  cases: Readonly<Record<string, readonly number[]>>,
  loop: readonly number[],
  rounds: readonly number[],
): Record<string, number> {
  const pick = (figures: readonly number[]) => rounds.map((round) => figures[round]);
  return Object.fromEntries(
    Object.entries(cases).map(([name, figures]) => [
      name,
      ratioOf(pick(figures), pick(loop)).median,
    ]),
  );
}

/** The C loop's own time in some rounds. */
export const loopTime = (loop: readonly number[], rounds: readonly number[]) =>
  medianOf(rounds.map((round) => loop[round]));
