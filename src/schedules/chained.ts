import { wrongValue } from "../errors.ts";
import { build } from "./fields.ts";
import { type Nested, nestedList } from "./nested.ts";
import type { Schedule } from "./schedule.ts";

/** What `chained` takes. */
export interface ChainedOptions {
  /** Schedules of ours, or their data; at least one. */
  readonly schedules: readonly Nested[];
}

const FIELDS = { schedules: nestedList() };

/**
 * All schedules at once: the first, times what each other one makes of its own base.
 *
 *   s_1(k) * (s_2(k) / base_2) * (s_3(k) / base_3) * ...
 *
 * Source: torch ChainedScheduler; several schedulers in Composer, which also multiply. torch's
 * schedulers with an additive floor (CosineAnnealingLR with eta_min) mix with the others step by
 * step; that has no closed form and is not what this gives.
 */
export function chained(options: ChainedOptions): Schedule {
  const name = "chained";
  return build(name, options, FIELDS, ({ schedules }) => {
    const [first, ...others] = schedules as [Schedule, ...Schedule[]];
    others.forEach(({ base }, i) => {
      if (base > 0) return;
      throw wrongValue(`schedules[${i + 1}]`, name, "a schedule whose base is above 0", base);
    });
    const at = (k: number) =>
      others.reduce((value, other) => value * (other(k) / other.base), first(k));
    return { base: first.base, at };
  });
}
