import { RankError } from "../../src/errors.ts";
import { AdamW } from "../../src/index.ts";
import { type Collective, ShardedAdamW } from "../../src/sharded/index.ts";
import { MortalCollective } from "./mortal-collective.ts";
import { ownedWeights } from "./owned-weights.ts";
import {
  type Arrays,
  initial,
  lengthOf,
  NAMES,
  optionsOf,
  type Problem,
  writeGradients,
} from "./problem.ts";
import type { Report, Task } from "./task.ts";

/** Three or more buckets for four ranks. */
const BUCKET_BYTES = 65_536;

type Source = Parameters<typeof ShardedAdamW.load>[0];
type Target = Parameters<ShardedAdamW["save"]>[0];

/** What differs between processes, threads and pages. */
export interface Surroundings {
  readonly source: (folder: string) => Source;
  readonly target: (folder: string) => Target;
  /** Ends this rank without a goodbye. */
  readonly die: () => Promise<never>;
  /** Bytes that the engine has sent so far; null where it does not count. */
  readonly wire: () => number | null;
}

/** Does a task as one rank. @throws what is no RankError */
export async function doTask(
  collective: Collective,
  task: Task,
  around: Surroundings,
): Promise<Report> {
  const { problem, steps, from, victim, save } = task;
  const { rank, size } = collective;
  const ranks = new MortalCollective(collective);
  const options = optionsOf(problem, steps);
  const sharding = { average: problem === "rounded", bucketBytes: BUCKET_BYTES };
  const optimizer =
    from === null
      ? await ShardedAdamW.create(ranks, initial(), { ...options, ...sharding })
      : await ShardedAdamW.load(around.source(from), ranks, { ...options, ...sharding });
  const loaded = optimizer.steps;
  const weights: Arrays = (name) => optimizer.weights(name) as Float32Array;
  const gradients: Arrays = (name) => optimizer.gradient(name);
  const before = { sent: ranks.bytes, wire: around.wire() };
  try {
    for (let step = loaded; step < steps; step++) {
      if (save?.at === step) await optimizer.save(around.target(save.folder));
      writeGradients(problem, step, { rank, size }, weights, gradients);
      if (victim?.rank === rank && victim.step === step + 1) {
        ranks.dieIn(victim.place, around.die);
      }
      await optimizer.step();
    }
    const taken = Math.max(1, steps - loaded);
    const wire = around.wire();
    const sent = ranks.bytes;
    return {
      kind: "done",
      rank,
      digest: await optimizer.digest(),
      loaded,
      owned: optimizer.shard.reduce((sum, { length }) => sum + length, 0),
      shardBytes: optimizer.shardBytes,
      bytes: optimizer.bytes,
      sent: (sent - before.sent) / taken,
      wire: wire === null || before.wire === null ? null : (wire - before.wire) / taken,
    };
  } catch (error) {
    if (!(error instanceof RankError)) throw error;
    const at = Date.now();
    const { code, rank: about, message } = error;
    return {
      ...{ kind: "lost", rank, code, about, message, at },
      steps: optimizer.steps,
      owned: optimizer.shard,
      shard: ownedWeights(optimizer.shard, weights),
      again: await optimizer.step().then(
        () => "",
        (again: Error) => again.message,
      ),
    };
  } finally {
    optimizer.dispose();
  }
}

/** What one process that does the work of all ranks comes to, after each of some numbers of steps. */
export async function trainAlone(
  problem: Problem,
  size: number,
  steps: number,
  look: (step: number, optimizer: AdamW) => void = () => {},
): Promise<string> {
  const optimizer = await AdamW.create(initial(), optionsOf(problem, steps));
  const weights: Arrays = (name) => optimizer.parameter(name).master;
  const gradients = Object.fromEntries(
    NAMES.map((name) => [name, new Float32Array(lengthOf(name))]),
  );
  for (let step = 0; step < steps; step++) {
    for (let rank = 0; rank < size; rank++) {
      writeGradients(problem, step, { rank, size }, weights, (name) => gradients[name]);
      optimizer.accumulate(gradients, { average: problem === "rounded" });
    }
    optimizer.step();
    look(step + 1, optimizer);
  }
  const digest = optimizer.digest();
  optimizer.dispose();
  return digest;
}
