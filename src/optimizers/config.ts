import { inNameOrder } from "../parameters/name-order.ts";
import { describeGroup, describeParameter } from "./describe.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./options.ts";
import type { ParamGroup } from "./param-group.ts";

/** Everything that was configured, as plain data. How the memory is laid out is not part of it. */
export function configData(
  className: string,
  settings: Settings,
  groups: readonly ParamGroup[],
  sorted: readonly Entry[],
) {
  return {
    class: className,
    maximize: settings.maximize,
    model: settings.model,
    nonFinite: settings.nonFinite,
    layerRule:
      settings.lrScale === null
        ? null
        : typeof settings.lrScale === "function"
          ? "function"
          : settings.lrScale.options,
    groups: inNameOrder(groups.map(describeGroup)),
    parameters: sorted.map(describeParameter),
  };
}
