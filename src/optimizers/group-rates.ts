import { valueAt } from "../schedules/schedule.ts";
import type { ParamGroup } from "./param-group.ts";

/** The rates of a param group in the step at hand. */
export class GroupRates {
  readonly group: ParamGroup;
  // Not 0: see Active.
  lr = Number.NaN;
  weightDecay = Number.NaN;

  constructor(group: ParamGroup) {
    this.group = group;
  }

  /**
   * Asks the group's schedules for step k.
   *
   * @throws TypeError, RangeError for a schedule's bad value
   */
  read(k: number): void {
    const { lr, weightDecay, where } = this.group;
    this.lr = valueAt(lr, k, "lr", where);
    this.weightDecay = valueAt(weightDecay, k, "weightDecay", where);
  }
}
