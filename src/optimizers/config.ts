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
    arithmetic: settings.arithmetic,
    maximize: settings.maximize,
    model: settings.model,
    master: settings.master,
    gradients: settings.gradients,
    nonFinite: settings.nonFinite,
    clip: settings.clip,
    clipFormula: settings.clipFormula,
    lossScale: settings.lossScale && {
      kind: settings.lossScale.kind,
      settings: settings.lossScale.settings,
      state: settings.lossScale.state(),
    },
    lazy: settings.lazy,
    layerRule:
      settings.lrScale === null
        ? null
        : typeof settings.lrScale === "function"
          ? "function"
          : settings.lrScale.options,
    groups: inNameOrder(
      groups.map((group) => ({
        ...describeGroup(group),
        initialLr: numberOrNull(group.initialLr),
        clip: group.clip,
        centralize: group.centralize,
      })),
    ),
    parameters: sorted.map(describeParameter),
  };
}

/** JSON has no NaN. */
function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
