import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AshlarError, wrongValue } from "../../errors.ts";
import { readSaveOptions, type SaveOptions, writeTo } from "../../optimizers/checkpoint/save.ts";
import { stateOf } from "../../optimizers/checkpoint/state-of.ts";
import { tensorsOf } from "../../optimizers/checkpoint/tensors-of.ts";
import { layOutCheckpoint, writeCheckpoint } from "../../state/checkpoint-file/write-checkpoint.ts";
import { digestBytes, digestData } from "../../state/digest.ts";
import { openTarget } from "../../state/targets/open-target.ts";
import { requireAgreement } from "../agreement.ts";
import { gatherRecords } from "../gather-records.ts";
import { configDigestOf } from "../sharded-run.ts";
import { together } from "../together.ts";
import { INDEX_FILE, shardFile } from "./file-names.ts";
import { type Held, internalsOf } from "./internals-of.ts";
import { placesIn, type ShardTarget } from "./places.ts";
import type { SavedShard, SavedSharding } from "./saved-shards.ts";

/** What a rank says of the shard that it wrote. */
type Written = Pick<SavedShard, "header" | "bytes">;

const WHAT = "save";

/**
 * Writes a shard on every rank and, once all are there, the index on rank 0: whatever fails before its
 * very last step, what the target held before can still be loaded. See ShardedOptimizer.save.
 */
export async function saveShards(
  held: Held,
  target: ShardTarget,
  options: SaveOptions,
): Promise<void> {
  const { collective } = held.run.shard;
  const { place, keep, onProgress } = await together(collective, WHAT, async () => {
    const { keep, onProgress } = readSaveOptions(options);
    if (keep > 0 && typeof target === "function") {
      throw wrongValue("keep", WHAT, "0, as only paths have older versions", keep);
    }
    refuseWaiting(held);
    return { place: placesIn(target), keep, onProgress };
  });
  await requireAgreement(collective, WHAT, [
    ["steps", digestData("steps", held.stepper.steps)],
    ["options, rates and loss scale", configDigestOf(held.run)],
  ]);
  const own = await together(collective, WHAT, () => writeShard(held, place, onProgress));
  const written = await exchangeWritten(held, own);
  await together(collective, WHAT, async () => {
    if (collective.rank === 0) await writeIndex(held, written, place, keep);
  });
}

/** @throws AshlarError BUSY where `accumulate` summed what no step has taken */
function refuseWaiting({ stepper }: Held): void {
  const { microBatches } = stepper;
  if (microBatches === 0) return;
  throw new AshlarError(
    "BUSY",
    `save: expected no sums of micro-batches, which no shard has, got those of ${microBatches}. ` +
      "Step first, or zeroGradients() to forget them",
  );
}

async function writeShard(
  held: Held,
  place: ReturnType<typeof placesIn>,
  onProgress: SaveOptions["onProgress"],
): Promise<Written> {
  const { run, stepper } = held;
  const { rank, size } = run.shard.collective;
  const runs = run.owned(rank);
  const internals = internalsOf(held);
  // Of each parameter only the run that is here.
  const entries = runs.map(({ name, length }) => ({ ...run.entry(name), shape: [length] }));
  const { className, settings } = run.rule;
  const { steps } = stepper;
  const shard = { class: className, rank, ranks: size, steps, model: settings.model, runs };
  const checkpoint = layOutCheckpoint({
    state: JSON.stringify({ shard }),
    tensors: tensorsOf({ ...internals, entries }),
  });
  const header = digestBytes(checkpoint.header);
  const file = shardFile(rank, size, steps, header);
  await writeTo(
    async () => openTarget(await place(file)),
    (sink) => checkpoint.write(sink, onProgress),
  );
  return { header, bytes: checkpoint.size };
}

const DIGEST_BYTES = 32;

/** What all ranks wrote, by rank. */
async function exchangeWritten(
  { run }: Held,
  { header, bytes }: Written,
): Promise<readonly Written[]> {
  const own = new Uint8Array(DIGEST_BYTES + 8);
  own.set(hexToBytes(header));
  new DataView(own.buffer).setFloat64(DIGEST_BYTES, bytes);
  return (await gatherRecords(run.shard.collective, own)).map((part) => ({
    header: bytesToHex(part.subarray(0, DIGEST_BYTES)),
    bytes: new DataView(part.buffer).getFloat64(DIGEST_BYTES),
  }));
}

async function writeIndex(
  held: Held,
  written: readonly Written[],
  place: ReturnType<typeof placesIn>,
  keep: number,
): Promise<void> {
  const { run, stepper } = held;
  const { reduction, average } = run.sharding;
  const shards = written.map(({ header, bytes }, rank): SavedShard => {
    const file = shardFile(rank, written.length, stepper.steps, header);
    return { file, bytes, header, runs: run.owned(rank) };
  });
  const sharded: SavedSharding = { reduction, average, shards };
  const state = JSON.stringify({ ...stateOf(internalsOf(held)), sharded });
  await writeTo(
    async () => openTarget(await place(INDEX_FILE), { keep }),
    (sink) => writeCheckpoint(sink, { state, tensors: [] }),
  );
}
