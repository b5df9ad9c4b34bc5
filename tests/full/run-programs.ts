import type { Program } from "./programs.ts";
import type { ProgramOutcome } from "./reliability-report.ts";

/**
 * Runs programs in their order, one at a time; of consecutive ones that may run beside others several.
 * Returns their outcomes in the same order.
 *
 * @param run     runs one; `beside` is whether others may be running, and printing, meanwhile
 * @param atOnce  how many at most run beside each other
 */
export async function runPrograms(
  programs: readonly Program[],
  run: (program: Program, beside: boolean) => Promise<ProgramOutcome>,
  atOnce: number,
): Promise<ProgramOutcome[]> {
  const outcomes: ProgramOutcome[] = [];
  for (let begin = 0, end: number; begin < programs.length; begin = end) {
    end = begin + 1;
    while (programs[begin].beside && programs[end]?.beside) end++;
    const turn = programs.slice(begin, end);
    const places = turn.keys();
    const takeTurns = async () => {
      for (const i of places) outcomes[begin + i] = await run(turn[i], turn.length > 1);
    };
    await Promise.all(Array.from({ length: atOnce }, takeTurns));
  }
  return outcomes;
}
