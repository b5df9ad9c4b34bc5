import { show, wrongKind, wrongValue } from "../../errors.ts";
import { AdamW } from "../../optimizers/adamw.ts";
import { AdamWDL } from "../../optimizers/adamw-dl.ts";
import { type AdamWDLOptions, readAdamWDL } from "../../optimizers/adamw-dl-options.ts";
import { DecoupledAdamW } from "../../optimizers/decoupled-adamw.ts";
import { readDecoupled } from "../../optimizers/decoupled-adamw-options.ts";
import { MindFormersAdamW } from "../../optimizers/mindformers-adamw.ts";
import { readMembers, readRawGroups } from "../../optimizers/mindformers-adamw-groups.ts";
import { readMindFormersOptions } from "../../optimizers/mindformers-adamw-options.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import { readGroup, readOptions } from "../../optimizers/options.ts";
import type { Scheduled } from "../../schedules/schedule.ts";
import { optionObject } from "../../validate.ts";
import { REST, type ReadGroup, readGroups } from "../groups.ts";

type Options = Readonly<Record<string, unknown>>;

/** A group of ashlar's, by whichever class. */
export type GroupGiven = { readonly name: string; readonly params: object } & Options;

/** What the options of an optimizer came to, before any variable is known. */
export interface ReadOptions {
  readonly options: Options;
  readonly groups: readonly ReadGroup[];
}

/** Options that may be iterables, which can be read but once. */
const RATES: readonly string[] = ["lr", "learningRate", "weightDecay"];

/** Rates as they were read. */
interface Rates {
  readonly lr: Scheduled;
  readonly weightDecay: Scheduled;
}

/** A member of the family, as TensorFlow.js knows it. */
export interface Member {
  /** The class that TensorFlow.js saves. Without "_": it rewrites such names. */
  readonly className: string;
  /** Whether it takes groups. */
  readonly groups: boolean;
  /** Checks the options, and reads rates; `groups` as the class takes them, with parameters. */
  read(options: Options, groups: readonly GroupGiven[]): { read: Options; rates: Rates[] };
  make(groups: readonly GroupGiven[], options: Options): Optimizer;
  load(bytes: Uint8Array, options: Options): Promise<Optimizer>;
}

const ADAMW: Member = {
  className: "AshlarAdamW",
  groups: true,
  read(options, groups) {
    const { defaults } = readOptions(options);
    const rates = groups.map(({ name, params: _, ...own }) =>
      readGroup(own, defaults, `group ${show(name)}`),
    );
    return { read: ratesOf(defaults), rates };
  },
  make: (groups, options) => new AdamW(groups as never, options),
  load: (bytes, options) => AdamW.load(bytes, options),
};

const ADAMW_DL: Member = {
  className: "AshlarAdamWDL",
  groups: false,
  read(options, [{ params }]) {
    const { creation } = readAdamWDL({ ...options, parameters: params });
    return { read: creation.options, rates: [] };
  },
  make: ([{ params }], options) =>
    new AdamWDL({ ...options, parameters: params } as unknown as AdamWDLOptions),
  load: (bytes, options) => AdamWDL.load(bytes, options),
};

const MINDFORMERS: Member = {
  className: "AshlarMindFormersAdamW",
  groups: true,
  read(options, groups) {
    const raw = readRawGroups(groups);
    const parameters = raw.groups.flatMap((group) => group.parameters);
    const read = readMindFormersOptions(options, parameters);
    const { lr: learningRate, weightDecay } = read.settings.defaults;
    const rates = readMembers(raw.groups, read).map(({ group }) => group);
    return { read: { learningRate, weightDecay }, rates };
  },
  make: (groups, options) => new MindFormersAdamW(groups as never, options),
  load: (bytes, options) => MindFormersAdamW.load(bytes, options),
};

const DECOUPLED: Member = {
  className: "AshlarDecoupledAdamW",
  groups: true,
  read(options, groups) {
    const { settings, members } = readDecoupled(groups, options);
    return { read: ratesOf(settings.defaults), rates: members.map(({ group }) => group) };
  },
  make: (groups, options) => new DecoupledAdamW(groups as never, options),
  load: (bytes, options) => DecoupledAdamW.load(bytes, options),
};

export const MEMBERS = { ADAMW, ADAMW_DL, MINDFORMERS, DECOUPLED } as const;

/** Options of ashlar's that a TensorFlow.js optimizer has no use for. */
const REFUSED: Readonly<Record<string, string>> = {
  parameters: "none: they are the variables that have gradients",
  lossScale: "none: TensorFlow.js computes in float32",
};

/**
 * Checks the options before there are variables.
 *
 * @throws TypeError, RangeError as the class of ashlar's
 */
export function readMemberOptions(member: Member, input: unknown): ReadOptions {
  const given = optionObject(input, "options", member.className);
  for (const [option, expected] of Object.entries(REFUSED)) {
    if (given[option] !== undefined)
      throw wrongKind(option, "the options", expected, given[option]);
  }
  if ((given.threads ?? 1) !== 1) {
    const remedy = "A TensorFlow.js optimizer steps at once, and in one thread";
    throw wrongValue("threads", "the options", "1", given.threads, remedy);
  }
  const { groups: wanted, ...rest } = given;
  if (wanted !== undefined && !member.groups) {
    const remedy = "Layers have their rates by setParamLrFun; adamW takes groups";
    throw wrongKind("groups", "the options", "none", wanted, remedy);
  }
  const groups = readGroups(wanted);
  const stand = (name: string) => ({ [name]: { shape: [1] } });
  const { read, rates } = member.read(rest, [
    { name: REST, params: stand(REST) },
    ...groups.map((group) => ({ ...group.options, name: group.name, params: stand(group.name) })),
  ]);
  return {
    options: asRead(rest, read),
    groups: groups.map((group, index) => {
      return { ...group, options: asRead(group.options, ratesOf(rates[index + 1])) };
    }),
  };
}

/** The options that are there, rates as they were read. What the caller registered stays the same object. */
function asRead(options: Options, read: Options): Options {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, RATES.includes(key) ? read[key] : value]),
  );
}

function ratesOf({ lr, weightDecay }: Rates): Record<string, unknown> {
  return { lr, weightDecay };
}
