import { mixedSample, smallSample } from "./checkpoint-samples.ts";
import { judge, type Outcome } from "./judge-damage.ts";
import { type Mutant, makeMutant } from "./mutants.ts";
import { plainCheckpoint } from "./plain-checkpoint.ts";
import { xorshift32 } from "./random.ts";

/** The files that are damaged; two of them of the same form, for splices that fit. */
export const GOODS = [smallSample(), smallSample(0x7f4a7c15), mixedSample()].map(
  ({ state, tensors }) => plainCheckpoint(state, tensors),
);

export interface DamageRun {
  readonly mutants: number;
  readonly outcomes: ReadonlyMap<Outcome, number>;
  readonly kinds: ReadonlyMap<string, number>;
  /** Each says the mutant's kind and number, and what was wrong. */
  readonly failures: readonly string[];
}

/** Judges `count` mutants of a seed, with the reader's size known and unknown in turn. */
export async function runDamage(count: number, seed: number): Promise<DamageRun> {
  const next = xorshift32(seed);
  return judgeAll(count, () => makeMutant(GOODS, next));
}

/** Judges a good file cut at every length. */
export async function runTruncations(good: Uint8Array<ArrayBuffer>): Promise<DamageRun> {
  return judgeAll(good.length, (length) => {
    return { kind: "cut short", bytes: good.slice(0, length), original: good };
  });
}

async function judgeAll(count: number, mutantOf: (index: number) => Mutant): Promise<DamageRun> {
  const outcomes = new Map<Outcome, number>();
  const kinds = new Map<string, number>();
  const failures: string[] = [];
  for (let index = 0; index < count; index++) {
    const mutant = mutantOf(index);
    kinds.set(mutant.kind, (kinds.get(mutant.kind) ?? 0) + 1);
    try {
      const outcome = await judge(mutant, index % 2 === 0);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      failures.push(`mutant ${index}, ${mutant.kind}: ${String((error as Error).stack)}`);
    }
  }
  return { mutants: count, outcomes, kinds, failures };
}
