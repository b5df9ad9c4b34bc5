import type { Slabs } from "../core/slabs.ts";
import { AshlarError, show, wrongKind, wrongValue } from "../errors.ts";
import { releaseLossScale, takeLossScale } from "../gradients/loss-scale.ts";
import { type RawGroup, readGroup } from "../parameters/groups.ts";
import { type NamedParameters, readNamedParameters } from "../parameters/named.ts";
import type { ByteSink } from "../state/bytes.ts";
import { knownKeys, optionObject } from "../validate.ts";
import type { Blueprint, GroupMembers } from "./blueprint.ts";
import { type Bound, bind, grow } from "./bound.ts";
import type { Internals } from "./checkpoint/internals.ts";
import { type SaveOptions, saveTo } from "./checkpoint/save.ts";
import type { Entry } from "./entry.ts";
import type { ParamGroup } from "./param-group.ts";
import type { Settings } from "./settings.ts";

/** What an optimizer holds: the rule it was made by, and its parameters where they lie, which may grow. */
export class Machinery {
  #rule: Omit<Blueprint, "members">;
  #bound: Bound;
  #disposed = false;

  constructor(blueprint: Blueprint) {
    const { members, ...rule } = blueprint;
    // Not the members: they hold the caller's initial data.
    this.#rule = rule;
    const { lossScale } = rule.settings;
    takeLossScale(lossScale, "the options");
    try {
      this.#bound = bind(rule, members);
    } catch (cause) {
      releaseLossScale(lossScale);
      throw cause;
    }
  }

  get rule(): Omit<Blueprint, "members"> {
    return this.#rule;
  }

  /** Also of a disposed one, for what was configured. */
  get bound(): Bound {
    return this.#bound;
  }

  /** @throws AshlarError DISPOSED */
  open(): Slabs {
    if (this.#disposed) {
      throw new AshlarError(
        "DISPOSED",
        `the ${this.#rule.className} optimizer: expected to be in use, got disposed`,
      );
    }
    return this.#bound.slabs;
  }

  entry(name: string): Entry {
    const entry = this.#bound.byName.get(name);
    if (!entry) throw wrongValue("name", "the parameters", "the name of one", name);
    return entry;
  }

  internals(): Internals {
    const { groups, entries, stepper } = this.#bound;
    return { rule: this.#rule, groups, entries, slabs: this.open(), stepper };
  }

  addParameters(parameters: NamedParameters, options: { readonly group?: string }): void {
    const where = "addParameters";
    knownKeys(optionObject(options, "options", where), ["group"], where);
    const group = this.#group(options.group);
    this.#grow({ group, parameters: readNamedParameters(parameters, group.where) }, null);
  }

  addGroup(group: object, read: (raw: RawGroup, settings: Settings) => ParamGroup): void {
    const { groups } = this.#bound;
    const raw = readGroup(group, groups.length);
    if (groups.some(({ name }) => name === raw.name)) {
      throw wrongValue("name", raw.where, "a name that no other group has", raw.name);
    }
    const made = read(raw, this.#rule.settings);
    this.#grow({ group: made, parameters: raw.parameters }, raw.options);
  }

  async save(open: () => Promise<ByteSink>, onProgress: SaveOptions["onProgress"]): Promise<void> {
    this.open();
    await this.#bound.stepper.whileSaving(() => saveTo(open, this.internals(), onProgress));
  }

  dispose(): void {
    this.#bound.stepper.refuseWhileBusy("dispose");
    if (this.#disposed) return;
    releaseLossScale(this.#rule.settings.lossScale);
    // What was configured stays, and with it the slabs' object: but none of their memory.
    this.#bound.slabs.release();
    this.#disposed = true;
  }

  #group(name: string | undefined): ParamGroup {
    const { groups } = this.#bound;
    if (name === undefined && groups.length === 1) return groups[0];
    const found = groups.find((group) => group.name === name);
    if (found) return found;
    const names = groups.map((group) => show(group.name)).join(", ");
    if (name === undefined) throw wrongKind("group", "addParameters", `one of ${names}`, name);
    throw wrongValue("group", "addParameters", `one of ${names}`, name);
  }

  #grow(added: GroupMembers, given: Readonly<Record<string, unknown>> | null): void {
    this.open();
    this.#bound.stepper.refuseWhileBusy("adding parameters");
    const { creation } = this.#rule;
    const names = added.parameters.map(({ name }) => name);
    const rule = {
      ...this.#rule,
      creation: {
        ...creation,
        ...(given ? { groups: [...creation.groups, given] } : {}),
        ...(creation.order ? { order: [...creation.order, ...names] } : {}),
      },
    };
    this.#bound = grow(rule, this.#bound, added);
    this.#rule = rule;
  }
}
