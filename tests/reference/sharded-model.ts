import { createHash } from "node:crypto";
import { AdamW, type AdamWOptions, type NamedGradients } from "../../src/index.ts";
import { ShardedAdamW, type ShardedAdamWOptions } from "../../src/sharded/index.ts";
import { realistic } from "./patterns.ts";
import { onAll, withRanks } from "./ranks.ts";

/** Shapes whose ends lie on, before and behind the edges of blocks; empty ones and a scalar too. */
export const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "embed.weight": [500, 70],
  nothing: [0],
  "a.weight": [4096],
  "a.bias": [3],
  scale: [],
  "b.weight": [4097, 2],
  "b.bias": [4095],
  "c.weight": [120, 120],
};
export const NAMES = Object.keys(SHAPES);
export const lengthOf = (name: string) => SHAPES[name].reduce((product, n) => product * n, 1);

/** The same initial weights for every call. */
export const initial = () =>
  Object.fromEntries(
    NAMES.map((name, i) => {
      return [name, { shape: SHAPES[name], data: realistic(lengthOf(name), 100 + i) }];
    }),
  );

/** A rank's gradients of a step. Some ranks leave out some parameters, and in some steps all do. */
export function gradientsOf(step: number, rank: number): Record<string, Float32Array> {
  const names = NAMES.filter((name, i) => {
    if (name === "a.weight" && step % 3 === 2) return false;
    return (i + step + rank) % 4 !== 0;
  });
  return Object.fromEntries(
    names.map((name) => [
      name,
      realistic(lengthOf(name), 1 + step * 1000 + rank * 50 + NAMES.indexOf(name)),
    ]),
  );
}

/** All bits that a run came to. */
export interface Outcome {
  readonly digest: string;
  readonly weightsDigest: string;
  readonly configDigest: string;
  /** Of each step. */
  readonly reports: readonly unknown[];
  readonly metrics: unknown;
  /** SHA-256 of each parameter's, by name: a difference of as many numbers takes minutes to show. */
  readonly weights: Readonly<Record<string, string>>;
}

export interface Course {
  readonly steps: number;
  readonly options: () => AdamWOptions;
  /** Default: gradientsOf. */
  readonly gradients?: (step: number, rank: number) => NamedGradients;
}

const weightsBy = (viewOf: (name: string) => Float32Array | Uint16Array) =>
  Object.fromEntries(
    NAMES.map((name) => [name, createHash("sha256").update(viewOf(name)).digest("hex")]),
  );

/** One process that adds up the ranks' micro-batches in the order of the ranks. */
export function runOne(ranks: number, average: boolean, course: Course): Outcome {
  const { steps, options, gradients = gradientsOf } = course;
  const optimizer = new AdamW(initial(), options());
  const reports: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    for (let rank = 0; rank < ranks; rank++) {
      optimizer.accumulate(gradients(step, rank), { average });
    }
    reports.push(optimizer.step(undefined, { metrics: step % 2 === 1 }));
  }
  const weights = weightsBy((name) => {
    const { model, master } = optimizer.parameter(name);
    return model ?? master;
  });
  const outcome = {
    digest: optimizer.digest(),
    weightsDigest: optimizer.weightsDigest(),
    configDigest: optimizer.configDigest(),
    reports,
    metrics: optimizer.metrics(),
    weights,
  };
  optimizer.dispose();
  return outcome;
}

/** The same by ranks; what each of them came to. */
export function runRanks(
  ranks: number,
  sharding: ShardedAdamWOptions,
  { steps, options, gradients = gradientsOf }: Course,
): Promise<Outcome[]> {
  return withRanks(ranks, (all) =>
    onAll(all, async (collective, rank) => {
      const optimizer = await ShardedAdamW.create(collective, initial(), {
        ...options(),
        ...sharding,
      });
      const reports: unknown[] = [];
      for (let step = 0; step < steps; step++) {
        const report = await optimizer.step(gradients(step, rank), { metrics: step % 2 === 1 });
        reports.push(report);
      }
      const outcome = {
        digest: await optimizer.digest(),
        weightsDigest: await optimizer.weightsDigest(),
        configDigest: optimizer.configDigest(),
        reports,
        metrics: optimizer.metrics(),
        weights: weightsBy((name) => optimizer.weights(name)),
      };
      optimizer.dispose();
      return outcome;
    }),
  );
}
