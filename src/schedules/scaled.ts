import { build, rate } from "./fields.ts";
import { type Nested, nestedField } from "./nested.ts";
import type { Schedule } from "./schedule.ts";

/** What `scaled` takes. */
export interface ScaledOptions {
  /** A schedule of ours, or its data. */
  readonly schedule: Nested;
  /** What multiplies its rates. */
  readonly scale: number;
}

const FIELDS = { schedule: nestedField(), scale: rate() };

/**
 * schedule(k) * scale, base included: a group's or a layer's share of a common schedule.
 *
 * Source: MindFormers LearningRateWiseLayer.
 */
export function scaled(options: ScaledOptions): Schedule {
  return build("scaled", options, FIELDS, ({ schedule, scale }) => ({
    base: schedule.base * scale,
    at: (k) => schedule(k) * scale,
  }));
}
