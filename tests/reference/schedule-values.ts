import * as assert from "uvu/assert";
import type { ScheduleFunction } from "../../src/schedules/index.ts";

/** Asserts the values at steps 0, 1, 2, ... within an absolute tolerance. */
export function assertValues(
  schedule: ScheduleFunction,
  expected: readonly number[],
  tolerance = 1e-8,
): void {
  const points = expected.map((value, k): [number, number] => [k, value]);
  assertAt(schedule, points, tolerance);
}

/** Asserts the values at the steps named, within an absolute tolerance. */
export function assertAt(
  schedule: ScheduleFunction,
  points: readonly (readonly [k: number, value: number])[],
  tolerance = 1e-8,
): void {
  for (const [k, value] of points) {
    const got = schedule(k);
    assert.ok(Math.abs(got - value) <= tolerance, `step ${k}: expected ${value}, got ${got}`);
  }
}
