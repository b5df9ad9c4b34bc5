import { mismatch, show, wrongKind, wrongValue } from "../errors.ts";
import { type RawGroup, readGroups } from "../parameters/groups.ts";
import { isIterable, type NamedParameters } from "../parameters/named.ts";
import type { Rate } from "../schedules/rate.ts";
import { flag, isPlainRecord, knownKeys } from "../validate.ts";
import type { GroupMembers } from "./blueprint.ts";
import type { ReadMindFormers } from "./mindformers-adamw-options.ts";
import {
  type ReadRate,
  readLearningRate,
  readWeightDecay,
  requireEqualLengths,
} from "./mindformers-adamw-rates.ts";
import { ParamGroup } from "./param-group.ts";

/** A param group: its parameters, and what it has for itself. */
export interface MindFormersGroup {
  /** Its parameters by name. */
  readonly params: NamedParameters;
  /** Learning rate of the group. Default: the optimizer's learningRate. */
  readonly lr?: Rate;
  /** Weight decay of the group. Default: the optimizer's. */
  readonly weightDecay?: Rate;
  /** Subtract from each row of a gradient its mean. Default false. */
  readonly gradCentralization?: boolean;
  /** For reports and messages; "group0", "group1", ... by default. */
  readonly name?: string;
}

/** Stands alone in the list of groups: the order of all parameters, as names or as parameters. */
export interface MindFormersOrder {
  /** Every parameter once, in the order wanted. */
  readonly orderParams: Iterable<
    | string
    | {
        /** The parameter's name. */
        readonly name: string;
      }
  >;
}

const GROUP_KEYS = ["lr", "weightDecay", "gradCentralization"] as const;

export interface RawMindFormers {
  readonly groups: readonly RawGroup[];
  /** Names of all parameters in the order of a list of gradients. */
  readonly order: readonly string[];
}

/** @throws TypeError, RangeError: see docs/semantics.md, "The named optimizers" */
export function readRawGroups(parameters: unknown): RawMindFormers {
  const { groups: input, order } = takeOrder(parameters);
  const groups = readGroups(input);
  const names = groups.flatMap((group) => group.parameters.map(({ name }) => name));
  return { groups, order: order === null ? names : readOrder(order, names) };
}

/** @throws TypeError, RangeError for what a group has for itself */
export function readMembers(
  groups: readonly RawGroup[],
  { settings, rates: defaultRates }: ReadMindFormers,
): readonly GroupMembers[] {
  const rates = [...defaultRates];
  const members = groups.map((raw) => {
    const { own, group } = readMindFormersGroup(raw, settings.defaults);
    rates.push(...own);
    return { group, parameters: raw.parameters };
  });
  requireEqualLengths(rates);
  return members;
}

/** @throws TypeError, RangeError for what the group has for itself */
export function readMindFormersGroup(
  { name, where, options }: RawGroup,
  defaults: ReadMindFormers["settings"]["defaults"],
): { own: readonly ReadRate[]; group: ParamGroup } {
  knownKeys(options, GROUP_KEYS, where);
  const { lr, weightDecay, gradCentralization = false } = options;
  const ownLr = lr === undefined ? null : readLearningRate(lr, "lr", where);
  const ownDecay =
    weightDecay === undefined ? null : readWeightDecay(weightDecay, "weightDecay", where);
  const group = new ParamGroup(name, where, {
    ...defaults,
    lr: ownLr?.scheduled ?? defaults.lr,
    weightDecay: ownDecay?.scheduled ?? defaults.weightDecay,
    centralize: flag(gradCentralization, "gradCentralization", where),
  });
  return { own: [ownLr, ownDecay].filter((rate) => rate !== null), group };
}

/** Takes the entry with orderParams out of the list of groups. */
function takeOrder(parameters: unknown): { groups: unknown; order: unknown } {
  const listed = isIterable(parameters) && !ArrayBuffer.isView(parameters);
  if (!listed) return { groups: parameters, order: null };
  const entries = [...parameters];
  const orders = entries.filter(hasOrder);
  if (orders.length === 0) return { groups: entries, order: null };
  const where = "the list of groups";
  if (orders.length > 1) {
    throw new RangeError(mismatch("orderParams", where, "one at most", `${orders.length} of them`));
  }
  const [{ orderParams, ...others }] = orders;
  const keys = Object.keys(others);
  if (keys.length > 0) {
    const got = `it together with ${keys.join(", ")}`;
    throw new RangeError(mismatch("orderParams", where, "to stand alone", got));
  }
  const groups = entries.filter((entry) => !hasOrder(entry));
  const lone = groups.find((entry) => !(isPlainRecord(entry) && Object.hasOwn(entry, "params")));
  if (lone !== undefined) {
    const index = entries.indexOf(lone);
    throw wrongKind(`[${index}]`, where, "an object { params, ... } beside orderParams", lone);
  }
  return { groups, order: orderParams };
}

function hasOrder(entry: unknown): entry is Record<string, unknown> {
  return isPlainRecord(entry) && Object.hasOwn(entry, "orderParams");
}

/** Every parameter once, in the order wanted. */
function readOrder(order: unknown, names: readonly string[]): readonly string[] {
  const where = "the list of groups";
  if (!isIterable(order) || ArrayBuffer.isView(order)) {
    throw wrongKind("orderParams", where, "a list of parameters or their names", order);
  }
  const ordered = Array.from(order, (entry, index) => {
    const name = isPlainRecord(entry) ? entry.name : entry;
    if (typeof name === "string") return name;
    throw wrongKind(`orderParams[${index}]`, where, "a parameter or its name", entry);
  });
  const left = new Set(names);
  ordered.forEach((name, index) => {
    if (left.delete(name)) return;
    const expected = names.includes(name) ? "each parameter once" : "a parameter of a group";
    throw wrongValue(`orderParams[${index}]`, where, expected, name);
  });
  const [missing] = left;
  if (missing !== undefined) {
    const expected = `all ${names.length} parameters`;
    const got = `${ordered.length}, without ${show(missing)}`;
    throw new RangeError(mismatch("orderParams", where, expected, got));
  }
  return ordered;
}
