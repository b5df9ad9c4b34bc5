import type { FloatPlane } from "../core/slab-planes.ts";
import { allocate } from "../errors.ts";
import type { Entry } from "../optimizers/entry.ts";
import { ParameterHash } from "../state/digest.ts";
import type { ShardedRun } from "./sharded-run.ts";

/** A plane of a parameter, by its name in digests. */
type Plane = readonly [name: string, plane: FloatPlane | "model"];

const PIECE_BYTES = 1_048_576; // 2^20

/** See ShardedOptimizer.digest. */
export async function shardedDigest(run: ShardedRun, steps: number): Promise<string> {
  const { model } = run.rule.settings;
  const hash = new ParameterHash(`ashlar state 1\n[${steps}]`);
  for (const entry of run.sorted) {
    const planes: Plane[] = [
      ["master float32", "param"],
      ["exp_avg float32", "expAvg"],
      ["exp_avg_sq float32", "expAvgSq"],
    ];
    if (entry.paramGroup.amsgrad) planes.push(["max_exp_avg_sq float32", "maxExpAvgSq"]);
    if (model !== "float32") planes.push([`model ${model}`, "model"]);
    await addParameter(run, hash, entry, [entry.t], planes);
  }
  return hash.hex();
}

/** See ShardedOptimizer.weightsDigest. */
export async function shardedWeightsDigest(run: ShardedRun): Promise<string> {
  const hash = new ParameterHash("ashlar weights 1");
  for (const entry of run.sorted) await addParameter(run, hash, entry, [], [["float32", "param"]]);
  return hash.hex();
}

async function addParameter(
  run: ShardedRun,
  hash: ParameterHash,
  entry: Entry,
  facts: readonly number[],
  planes: readonly Plane[],
): Promise<void> {
  hash.parameter(
    entry.name,
    entry.shape,
    facts,
    planes.map(([name]) => name),
  );
  for (const [, plane] of planes) {
    // Ranks own a parameter's elements in their order.
    for (let rank = 0; rank < run.plan.shards.length; rank++) {
      await addOwned(run, hash, entry, plane, rank);
    }
  }
}

/** What one rank has of a plane: it gives it to all, piece by piece. */
async function addOwned(
  { plan, shard }: ShardedRun,
  hash: ParameterHash,
  { index }: Entry,
  plane: Plane[1],
  rank: number,
): Promise<void> {
  const { collective } = shard;
  const elementBytes = plane === "model" ? 2 : 4;
  let bytes = 0;
  for (const { parameter, length } of plan.shards[rank].flatMap(({ runs }) => runs)) {
    if (parameter === index) bytes += length * elementBytes;
  }
  const own = rank === collective.rank ? ownBytes(shard.slabs, index, plane) : null;
  const size = Math.min(bytes, PIECE_BYTES);
  const piece = allocate(size, "a piece of state", () => new Uint8Array(size));
  for (let done = 0; done < bytes; done += size) {
    const part = piece.subarray(0, Math.min(size, bytes - done));
    own?.(part);
    await collective.broadcast(part, rank);
    hash.bytes(part);
  }
}

/** Gives the bytes of this rank's parts one after the other, in pieces of any size. */
function ownBytes(slabs: ShardedRun["shard"]["slabs"], index: number, plane: Plane[1]) {
  const parts = slabs.partsOf(index);
  let [at, from] = [0, 0];
  return (into: Uint8Array): void => {
    for (let filled = 0; filled < into.length; ) {
      const part = parts[at];
      const { buffer, byteOffset, byteLength } =
        plane === "model" ? slabs.model(part) : slabs.floats(part, plane);
      const count = Math.min(into.length - filled, byteLength - from);
      into.set(new Uint8Array(buffer, byteOffset + from, count), filled);
      filled += count;
      from += count;
      if (from < byteLength) continue;
      at++;
      from = 0;
    }
  };
}
