import { build, rate } from "./fields.ts";
import type { Schedule } from "./schedule.ts";

/** What `constant` takes. */
export interface ConstantOptions {
  /** The rate of every step. */
  readonly value: number;
}

const FIELDS = { value: rate() };

/** The same rate at every step: a plain number as a schedule, for composing. */
export function constant(options: ConstantOptions): Schedule {
  return build("constant", options, FIELDS, ({ value }) => ({ base: value, at: () => value }));
}
