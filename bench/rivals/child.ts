import type { Contender } from "../harness/contender.ts";
import { LineProcess } from "../harness/line-process.ts";
import { CHECKED_STEPS, type Sample } from "../harness/truth.ts";

/** A rival in a process of its own, which speaks the protocol of bench/native/main.c. */
export interface ChildPlan {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** Its first line, "open ...". */
  readonly open: string;
  /** Parameters of a step. */
  readonly length: number;
  readonly samples: readonly Sample[];
  /** @throws WrongResult for weights that CHECKED_STEPS steps don't lead to */
  readonly check: (sample: Sample, weights: readonly number[]) => void;
}

export async function openChild(plan: ChildPlan): Promise<Contender> {
  const { name, command, args = [], open, length, samples, check } = plan;
  const child = new LineProcess(command, args);
  try {
    await child.ask(open);
    await child.ask(`run 0 ${CHECKED_STEPS}`);
    for (const sample of samples) {
      const weights = await child.ask(`read ${sample.first} ${sample.count}`);
      check(sample, weights.trim().split(" ").map(Number));
    }
  } catch (error) {
    child.close();
    throw error;
  }
  const run = async (warm: number, steps: number) =>
    Number(await child.ask(`run ${warm} ${steps}`));
  return { name, per: length, run, close: () => child.close() };
}
