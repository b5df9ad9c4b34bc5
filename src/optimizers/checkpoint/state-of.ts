import { coreBytes } from "../../core/kernel.ts";
import { digestBytes } from "../../state/digest.ts";
import type { Entry } from "../entry.ts";
import type { ParamGroup } from "../param-group.ts";
import type { Settings } from "../settings.ts";
import type { Counters, Internals } from "./internals.ts";
import { OptionEncoder } from "./option-data.ts";
import {
  RATES,
  type SavedAccumulation,
  type SavedGroup,
  type SavedParameter,
  type SavedState,
} from "./saved-state.ts";

/** Options of the machine that a run is on: another may have other ones. */
export const OF_THE_MACHINE: readonly string[] = [
  "threads",
  "slabBytes",
  "splitParameters",
  "touchPages",
];

/** SHA-256 of the numeric core, hex. */
export function coreDigest(): string {
  return digestBytes(coreBytes());
}

/** All that a checkpoint says of an optimizer besides its tensors. */
export function stateOf({ rule, groups, entries, stepper }: Internals): SavedState {
  const { className, settings, creation } = rule;
  const encoder = new OptionEncoder();
  return {
    class: className,
    core: coreDigest(),
    steps: stepper.steps,
    model: settings.model,
    options: encoder.encodeRecord(optionsOf(rule)),
    groups: groups.map((group, index) => groupState(group, creation.groups[index], encoder)),
    parameters: entries.map((entry) => parameterState(entry, rule, encoder)),
    order: creation.order ?? null,
    schedules: encoder.schedules,
    lossScale: settings.lossScale?.state() ?? null,
    accumulation: accumulationState(entries, stepper),
  };
}

/** What the option clips said of a parameter; null where it was not asked, or of no effect. */
export function clippedOf({ clip, paramGroup }: Entry, settings: Settings): boolean | null {
  if (settings.clips === null || settings.clip === null || paramGroup.clip !== null) return null;
  return clip !== null;
}

/** The options at creation; of the precision what 16-bit parameters said too. */
export function optionsOf({ creation, settings }: Internals["rule"]): Record<string, unknown> {
  const options = without(creation.options, OF_THE_MACHINE);
  const { model, gradients } = settings;
  if (model === "float32" && gradients === "float32") return options;
  return { ...options, precision: { ...(options.precision as object), model, gradients } };
}

function groupState(
  group: ParamGroup,
  given: Readonly<Record<string, unknown>>,
  encoder: OptionEncoder,
): SavedGroup {
  const { name, amsgrad, betas, eps, initialLr, clip } = group;
  const keys = Object.keys(given).filter((key) => given[key] !== undefined);
  return {
    name,
    // The clip as it was read: the caller's own object may have changed since.
    options: encoder.encodeRecord({ ...without(given, RATES), ...(clip ? { clip } : {}) }),
    own: [...new Set([...group.own, ...keys])],
    amsgrad,
    lr: encoder.encode(group.lr),
    weightDecay: encoder.encode(group.weightDecay),
    betas: [betas[0], betas[1]],
    eps,
    initialLr: Number.isNaN(initialLr) ? null : initialLr,
  };
}

function parameterState(
  entry: Entry,
  { creation, settings }: Internals["rule"],
  encoder: OptionEncoder,
): SavedParameter {
  const { name, group, shape, t, lrScale, decays } = entry;
  const clips = clippedOf(entry, settings);
  const more = creation.ofParameter?.(name) ?? null;
  const asked = clips === null ? {} : { clips };
  const options = more === null ? {} : { options: encoder.encode(more) };
  return { name, group, shape, step: t, lrScale, decays, ...asked, ...options };
}

/** In the order of the parameters: the sums came in whatever order their gradients did. */
function accumulationState(
  entries: readonly Entry[],
  { sums, average }: Counters,
): SavedAccumulation | null {
  const { microBatches } = sums;
  if (microBatches === 0) return null;
  const parameters = entries.flatMap(({ name }) => {
    const sum = sums.sums.get(name);
    return sum ? [{ name, count: sum.count, sparse: sum.rows !== null }] : [];
  });
  return { microBatches, average, parameters };
}

function without(record: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
