import type { Collective } from "../collectives/collective.ts";
import { wrongKind, wrongValue } from "../errors.ts";
import { releaseLossScale, takeLossScale } from "../gradients/loss-scale.ts";
import type { Blueprint, GroupMembers } from "../optimizers/blueprint.ts";
import { configData, configDigest } from "../optimizers/config.ts";
import { bindParameters, type Entry } from "../optimizers/entry.ts";
import type { ParamGroup } from "../optimizers/param-group.ts";
import { inNameOrder } from "../parameters/name-order.ts";
import type { NamedParameter } from "../parameters/named.ts";
import { crc32 } from "../state/crc32.ts";
import { digestData } from "../state/digest.ts";
import { requireAgreement, requireSameData } from "./agreement.ts";
import { FullPlanes, memoryLengthOf, requireFitting } from "./full-planes.ts";
import { openShard } from "./open-shard.ts";
import { requireShardable, type Sharding } from "./options.ts";
import type { OwnedRun } from "./owned-run.ts";
import { Shard } from "./shard.ts";
import { planShards, type ShardPlan } from "./shard-plan.ts";

type Rule = Omit<Blueprint, "members">;

/** Version of what ranks say to each other: they must all speak the same. */
const PROTOCOL = 1;

/** A sharded optimizer as one rank has it: the rule, all parameters, and its shard of them. */
export class ShardedRun {
  readonly rule: Rule;
  readonly sharding: Sharding;
  readonly groups: readonly ParamGroup[];
  readonly entries: readonly Entry[];
  /** In the order of the names. */
  readonly sorted: readonly Entry[];
  /** Names that the layer rule does not know. */
  readonly unmatched: readonly string[];
  readonly plan: ShardPlan;
  readonly shard: Shard;
  readonly byName: ReadonlyMap<string, Entry>;
  /** Of the initial data. uint32[parameters] */
  readonly #crcs: Uint32Array;

  constructor(collective: Collective, blueprint: Blueprint, sharding: Sharding) {
    const { members, ...rule } = blueprint;
    const { settings } = rule;
    const { entries, unmatched } = bindParameters(members, settings);
    requireShardable(settings, entries);
    const memoryLength = memoryLengthOf(settings.slabBytes);
    requireFitting(entries, memoryLength);
    this.rule = rule;
    this.sharding = sharding;
    this.groups = Object.freeze(members.map(({ group }) => group));
    this.entries = entries;
    this.sorted = inNameOrder(entries);
    this.byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.unmatched = unmatched;
    this.plan = planShards(
      entries.map(({ length }) => length),
      { ranks: collective.size, bucketLength: sharding.bucketLength, memoryLength },
    );
    const slabs = openShard(entries, members, settings, this.plan.shards[collective.rank]);
    const { model } = settings;
    const planes = new FullPlanes(this.plan, model);
    const { reduction } = sharding;
    this.shard = new Shard(collective, this.plan, slabs, planes, entries, { model, reduction });
    this.#crcs = crcsOf(members);
  }

  /** @throws RangeError for an unknown name */
  entry(name: string): Entry {
    const entry = this.byName.get(name);
    if (!entry) throw wrongValue("name", "the parameters", "the name of one", name);
    return entry;
  }

  /** What a rank owns: a run of each parameter at most. */
  owned(rank: number): OwnedRun[] {
    const runs: { parameter: number; first: number; length: number }[] = [];
    for (const { parameter, first, length } of this.plan.shards[rank].flatMap(({ runs }) => runs)) {
      const last = runs.at(-1);
      // Buckets cut what belongs together.
      if (last?.parameter === parameter) last.length += length;
      else runs.push({ parameter, first, length });
    }
    return runs.map(({ parameter, first, length }) => {
      return { name: this.entries[parameter].name, first, length };
    });
  }

  /**
   * Makes sure that all ranks made the same optimizer, of the same initial weights where they were given
   * some.
   *
   * @throws RankError RANKS_DIFFER, RANK_LOST
   */
  async agree(): Promise<void> {
    const { collective } = this.shard;
    const where = `the sharded ${this.rule.className}`;
    const { reduction, average, bucketLength } = this.sharding;
    const { memories } = this.plan;
    const layout = { protocol: PROTOCOL, reduction, average, bucketLength, memories };
    await requireAgreement(collective, where, [
      ["parameters, in their order", digestData("parameters", this.entries.map(namedShape))],
      ["options", configDigestOf(this)],
      ["reduction, average, bucketBytes and slabBytes", digestData("sharding", layout)],
    ]);
    await requireSameData(
      collective,
      this.entries.map(({ name }) => name),
      this.#crcs,
    );
  }

  /** Lets go of all memory. */
  release(): void {
    releaseLossScale(this.rule.settings.lossScale);
    this.shard.slabs.release();
    this.shard.planes.release();
  }
}

/** @throws as ShardedRun, and for a loss scale that another optimizer has */
export function openRun(
  collective: Collective,
  blueprint: Blueprint,
  sharding: Sharding,
): ShardedRun {
  const { lossScale } = blueprint.settings;
  takeLossScale(lossScale, "the options");
  try {
    return new ShardedRun(collective, blueprint, sharding);
  } catch (cause) {
    releaseLossScale(lossScale);
    throw cause;
  }
}

/** See Optimizer.configDigest. */
export function configDigestOf({ rule, groups, sorted }: ShardedRun): string {
  return configDigest(configData(rule.className, rule.settings, groups, sorted));
}

const namedShape = ({ name, shape }: Entry) => [name, shape];

const METHODS = ["allGather", "reduceScatter", "allReduce", "broadcast", "barrier"] as const;

/** @throws TypeError for what is none */
export function requireCollective(collective: unknown): asserts collective is Collective {
  const of = Object(collective) as Partial<Collective>;
  const { rank = -1, size = -1 } = of;
  const isRank = Number.isInteger(rank) && Number.isInteger(size) && rank >= 0 && rank < size;
  if (isRank && METHODS.every((name) => typeof of[name] === "function")) return;
  const expected = "a Collective: localRanks, joinMpi, joinNats or one of your own";
  throw wrongKind("collective", "a sharded optimizer", expected, collective);
}

function crcsOf(members: readonly GroupMembers[]): Uint32Array {
  return Uint32Array.from(
    members.flatMap(({ parameters }) => parameters),
    ({ data }: NamedParameter) =>
      data === null ? 0 : crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}
