import { describeScheduled } from "../schedules/schedule.ts";
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
    groups: Object.fromEntries(
      groups.map(({ name, lr, weightDecay, betas, eps, amsgrad, lrScale }) => [
        name,
        {
          lr: describeScheduled(lr),
          weightDecay: describeScheduled(weightDecay),
          betas,
          eps,
          amsgrad,
          lrScale,
        },
      ]),
    ),
    parameters: sorted.map(({ name, shape, group, layer, lrScale, decays }) => ({
      name,
      shape,
      group,
      layer,
      lrScale,
      decays,
    })),
  };
}
