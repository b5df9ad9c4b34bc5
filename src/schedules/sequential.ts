import { wrongValue } from "../errors.ts";
import { build, stepList } from "./fields.ts";
import { countUpTo } from "./intervals.ts";
import { type Nested, nestedList } from "./nested.ts";
import type { Schedule } from "./schedule.ts";

/** What `sequential` takes. */
export interface SequentialOptions {
  /** Schedules of ours, or their data, in their order. */
  readonly schedules: readonly Nested[];
  /** The step at which each schedule but the first begins, ascending: one less than schedules. */
  readonly milestones: readonly number[];
}

const FIELDS = { schedules: nestedList(), milestones: stepList({ twice: false }) };

/**
 * One schedule after the other, each counting from its own step 0.
 *
 * The base is the largest of theirs.
 * Source: torch SequentialLR (milestones), optax.join_schedules (boundaries).
 */
export function sequential(options: SequentialOptions): Schedule {
  const name = "sequential";
  return build(name, options, FIELDS, ({ schedules, milestones }) => {
    if (milestones.length !== schedules.length - 1) {
      const count = schedules.length - 1;
      const expected = `${count} step${count === 1 ? "" : "s"}, one less than schedules`;
      throw wrongValue("milestones", name, expected, milestones.length);
    }
    const at = (k: number) => {
      const i = countUpTo(milestones, k);
      return (schedules[i] as Schedule)(k - (i === 0 ? 0 : (milestones[i - 1] as number)));
    };
    return { base: schedules.reduce((most, { base }) => Math.max(most, base), 0), at };
  });
}
