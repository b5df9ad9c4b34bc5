import { inNameOrder } from "../parameters/name-order.ts";
import type { ScheduleData, ScheduleOption } from "../schedules/schedule.ts";
import { digestData, digestParameters } from "../state/digest.ts";
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
      groups.map((group) => {
        const described = describeGroup(group);
        return {
          ...described,
          lr: shorten(described.lr),
          weightDecay: shorten(described.weightDecay),
          initialLr: numberOrNull(group.initialLr),
        };
      }),
    ),
    parameters: sorted.map(describeParameter),
  };
}

/** See Optimizer.configDigest. */
export const configDigest = (data: ReturnType<typeof configData>): string =>
  digestData("ashlar config 1", data);

/** Longer lists of numbers stand in the configuration as their digest: a vector may have 10^7. */
const LONGEST_LIST = 1_000;

/** What an option of a schedule says, with each long list in it as its length and digest. */
function shorten(option: ScheduleOption): unknown {
  if (typeof option !== "object") return option;
  if (!Array.isArray(option)) {
    const { name, options } = option as ScheduleData;
    const entries = Object.entries(options).map(([key, value]) => [key, shorten(value)]);
    return { name, options: Object.fromEntries(entries) };
  }
  const list = option as readonly number[] | readonly ScheduleData[];
  if (typeof list[0] === "object") return list.map(shorten);
  if (list.length <= LONGEST_LIST) return list;
  return { length: list.length, digest: digestOf(list as readonly number[]) };
}

/** The digests of lists, which are frozen: groups may share one, and a run may digest each step. */
const digests = new WeakMap<readonly number[], string>();

function digestOf(numbers: readonly number[]): string {
  const known = digests.get(numbers);
  if (known !== undefined) return known;
  const plane = { name: "float64", parts: [new Float64Array(numbers)] };
  const list = { name: "numbers", shape: [numbers.length], facts: [], planes: [plane] };
  const digest = digestParameters("ashlar numbers 1", [list]);
  digests.set(numbers, digest);
  return digest;
}

/** JSON has no NaN. */
function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
