import { mismatch, show } from "../../errors.ts";
import { isIterable } from "../../parameters/named.ts";
import { isSchedule } from "../../schedules/schedule.ts";
import { CheckpointError } from "../../state/checkpoint-error.ts";
import { isPlainRecord } from "../../validate.ts";
import type { Given } from "./load-options.ts";
import type { OptionData } from "./option-data.ts";
import { functionIn, OptionDecoder } from "./option-decoder.ts";
import { RATES, type RateName, type SavedGroup, type SavedState } from "./saved-state.ts";
import { OF_THE_MACHINE } from "./state-of.ts";

/** A member of the family, as checkpoints know it. */
export interface SavedClass {
  readonly name: string;
  /** What its options call the rates. */
  readonly rates: Readonly<Record<RateName, readonly string[]>>;
  /** Whether it takes groups. */
  readonly groups: boolean;
}

/** What a checkpoint and the caller's wishes come to, for the constructor and afterwards. */
export interface LoadPlan {
  readonly parameters: unknown;
  readonly options: Readonly<Record<string, unknown>>;
  readonly decoder: OptionDecoder;
  /** The options that the caller named. */
  readonly given: Readonly<Record<string, unknown>>;
  /** What the options of the class call the rates. */
  readonly rates: SavedClass["rates"];
  /** Whether the class takes groups, which have rates of their own names. */
  readonly grouped: boolean;
  /** The saved group that a group of this name goes on from. */
  savedGroup(name: string): SavedGroup | undefined;
  /** Whether the caller named a group's rate. */
  names(group: SavedGroup, rate: RateName): boolean;
  /** Whether groups whose lr is a new function keep the rate that theirs began from. */
  readonly keepsInitialLr: boolean;
  /** Whether the caller named the rate that a group's lr began from. */
  namesInitialLr(group: SavedGroup): boolean;
  /** What the caller named for the group itself, but for its rates. */
  namedKeys(group: SavedGroup): readonly string[];
}

/** A group that the caller gave. */
interface GivenGroup {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/**
 * @throws CheckpointError OTHER_CLASS; TypeError where a function of the caller's is to be given
 *   again
 */
export function planLoad(saved: SavedState, given: Given, of: SavedClass): LoadPlan {
  if (saved.class !== of.name) {
    const remedy = `Load it with ${saved.class}.load, or its weights alone with readWeights`;
    throw new CheckpointError(
      "OTHER_CLASS",
      mismatch("class", "the checkpoint", show(of.name), show(saved.class), remedy),
    );
  }
  const decoder = new OptionDecoder(saved.schedules);
  const { entries, groups } = readGiven(given.parameters);
  const savedGroup = (name: string) =>
    saved.groups.find((group) => group.name === name) ??
    // Groups that nobody named may be called otherwise.
    (saved.groups.length === 1 && (groups?.length ?? 1) === 1 ? saved.groups[0] : undefined);
  const own = new Map(groups?.map(({ name, entry }) => [savedGroup(name), entry]));
  const namesAny = (group: SavedGroup, key: string, options: readonly string[]): boolean => {
    if (own.get(group)?.[key] !== undefined) return true;
    return options.some((name) => Object.hasOwn(given.options, name)) && !group.own.includes(key);
  };
  const names = (group: SavedGroup, rate: RateName) => namesAny(group, rate, of.rates[rate]);
  const gone = groups === null ? [] : saved.groups.filter((group) => !own.has(group));
  for (const group of saved.groups) {
    if (!gone.includes(group)) requireFunctions(group, names, of);
  }
  const added = groups?.filter(({ name }) => savedGroup(name) === undefined) ?? [];
  for (const { entry } of added) requireDefaults(entry, saved, given, of);
  const options = inOrder(saved, savedOptions(saved, given, of, decoder), given);
  const filled = added.length > 0 ? null : missingInitialLr(options, groups, saved, of);
  return {
    parameters: entries ? withSaved(entries, savedGroup, of, decoder) : asSaved(saved, of, decoder),
    options: filled === null ? options : { ...options, initialLr: filled },
    decoder,
    given: given.options,
    rates: of.rates,
    grouped: of.groups,
    savedGroup,
    names,
    keepsInitialLr: filled !== null,
    namesInitialLr: (group) => namesAny(group, "initialLr", ["initialLr"]),
    namedKeys: (group) => {
      const known: readonly string[] = ["params", "name", ...RATES];
      const entry = own.get(group) ?? {};
      return Object.keys(entry).filter((key) => !known.includes(key) && entry[key] !== undefined);
    },
  };
}

/** The caller's groups; null where there is one of no name, or none was given. */
function readGiven(parameters: unknown): { entries: unknown; groups: GivenGroup[] | null } {
  if (parameters === undefined) return { entries: undefined, groups: null };
  const listed = isIterable(parameters) && !ArrayBuffer.isView(parameters);
  const entries = listed ? [...parameters] : parameters;
  const own = Array.isArray(entries) ? entries.filter(isGroup) : [];
  if (own.length === 0) return { entries, groups: [{ name: "default", entry: {} }] };
  const groups = own.map((entry, index) => ({
    name: typeof entry.name === "string" ? entry.name : `group${index}`,
    entry,
  }));
  return { entries, groups };
}

function isGroup(entry: unknown): entry is Record<string, unknown> {
  return isPlainRecord(entry) && Object.hasOwn(entry, "params");
}

/**
 * The caller's groups, each with what the saved group of its name had for itself besides;
 * parameters without groups go on from the only one.
 */
function withSaved(
  entries: unknown,
  savedGroup: LoadPlan["savedGroup"],
  of: SavedClass,
  decoder: OptionDecoder,
): unknown {
  if (!Array.isArray(entries) || !entries.some(isGroup)) {
    const { options = {} } = savedGroup("default") ?? {};
    if (!of.groups || Object.keys(options).length === 0) return entries;
    return [{ ...decoder.decodeRecord(options), name: "default", params: entries }];
  }
  let index = 0;
  return entries.map((entry: unknown) => {
    if (!isGroup(entry)) return entry;
    const saved = savedGroup(typeof entry.name === "string" ? entry.name : `group${index}`);
    index++;
    return saved ? { ...decoder.decodeRecord(saved.options), ...entry } : entry;
  });
}

/** Parameters and groups as the checkpoint has them. */
function asSaved(saved: SavedState, of: SavedClass, decoder: OptionDecoder): unknown {
  const specs = (group: string) =>
    saved.parameters
      .filter((parameter) => parameter.group === group)
      .map(({ name, shape, options }) => ({
        name,
        shape,
        ...(options === undefined ? {} : decoder.decodeRecord(options as object)),
      }));
  if (!of.groups) return specs(saved.groups[0].name);
  const groups = saved.groups.map(({ name, options }) => ({
    ...decoder.decodeRecord(options),
    name,
    params: specs(name),
  }));
  return saved.order ? [...groups, { orderParams: saved.order }] : groups;
}

/** The saved options that the caller did not name. */
function savedOptions(
  saved: SavedState,
  given: Given,
  of: SavedClass,
  decoder: OptionDecoder,
): Record<string, unknown> {
  const rates = Object.values(of.rates).flat();
  const options: Record<string, OptionData> = {};
  for (const [key, data] of Object.entries(saved.options)) {
    if (Object.hasOwn(given.options, key) || OF_THE_MACHINE.includes(key)) continue;
    const name = functionIn(data);
    if (name === null) options[key] = data;
    // Whether a group still follows a function, its own rate says.
    else if (!rates.includes(key)) throw missingFunction(key, "the checkpoint", name);
  }
  return decoder.decodeRecord(options);
}

/** In the order of the checkpoint, so that it is the same file when saved again. */
function inOrder(
  saved: SavedState,
  decoded: Readonly<Record<string, unknown>>,
  { options: given }: Given,
): Record<string, unknown> {
  const all = { ...decoded, ...given };
  const first = Object.keys(saved.options).filter((key) => Object.hasOwn(all, key));
  return Object.fromEntries(
    [...new Set([...first, ...Object.keys(all)])].map((key) => [key, all[key]]),
  );
}

function requireFunctions(
  group: SavedGroup,
  names: LoadPlan["names"],
  { rates }: SavedClass,
): void {
  for (const rate of ["lr", "weightDecay"] as const) {
    const name = functionIn(group[rate]);
    if (name === null || names(group, rate)) continue;
    const where = `group ${show(group.name)} of the checkpoint`;
    if (group.own.includes(rate)) throw missingFunction(rate, where, name, " of the group");
    throw missingFunction(rates[rate][0], where, name);
  }
}

/** Of a group that the checkpoint lacks: it has the rates of the options, which may be functions. */
function requireDefaults(
  entry: GivenGroup["entry"],
  saved: SavedState,
  given: Given,
  { rates }: SavedClass,
): void {
  for (const rate of ["lr", "weightDecay"] as const) {
    const [option] = rates[rate];
    if (entry[rate] !== undefined || Object.hasOwn(given.options, option)) continue;
    const name = functionIn(saved.options[option] ?? null);
    if (name !== null) throw missingFunction(option, "the checkpoint", name);
  }
}

/**
 * DecoupledAdamW asks for initialLr where lr is a function. Groups that go on know it: each has its
 * own again afterwards. null where it is not asked for.
 */
function missingInitialLr(
  options: Readonly<Record<string, unknown>>,
  groups: readonly GivenGroup[] | null,
  saved: SavedState,
  of: SavedClass,
): number | null {
  if (of.name !== "DecoupledAdamW" || options.initialLr !== undefined) return null;
  const rates = [options.lr, ...(groups ?? []).map(({ entry }) => entry.lr)];
  const asks = rates.some((lr) => typeof lr === "function" && !isSchedule(lr));
  return asks ? saved.groups[0].initialLr : null;
}

function missingFunction(option: string, where: string, name: string, whose = ""): TypeError {
  const expected = `the function${name === "" ? "" : ` ${name}`} that it was made with`;
  const remedy = `A file cannot hold it: give ${option}${whose} again`;
  return new TypeError(mismatch(option, where, expected, "none", remedy));
}
