import { build, rate } from "./fields.ts";
import { type Nested, nestedField } from "./nested.ts";
import type { Schedule } from "./schedule.ts";

export interface ScaledOptions {
  readonly schedule: Nested;
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
