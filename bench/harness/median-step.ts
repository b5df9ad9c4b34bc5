import { medianOf } from "../report/statistics.ts";

/** Does `warm` steps untimed, then `steps`. @returns the median of the latter's nanoseconds */
export async function medianStep(
  warm: number,
  steps: number,
  step: () => unknown,
): Promise<number> {
  for (let i = 0; i < warm; i++) await step();
  const nanoseconds: number[] = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const pending = step();
    // Awaiting what is no promise would cost a turn of the queue.
    if (pending instanceof Promise) await pending;
    nanoseconds.push((performance.now() - start) * 1e6);
  }
  return medianOf(nanoseconds);
}
