import {
  AdamW,
  type AdamWGroup,
  type AdamWLoadOptions,
  type AdamWOptions,
  clipByGlobalNorm,
  clipByNorm,
  cosineWithWarmup,
  dynamicLossScale,
  type NamedParameters,
  noDecayOnBiasAndNorm,
} from "../../src/index.ts";
import { type MetricSchedule, reduceOnPlateau } from "../../src/schedules/index.ts";
import { ShardedAdamW } from "../../src/sharded/index.ts";
import { realistic } from "./patterns.ts";
import { onAll, withRanks } from "./ranks.ts";
import { ShardFiles } from "./shard-files.ts";

// Runs whose steps are the sum of two micro-batches, so that any number of ranks takes the same ones:
// one rank both, more ranks one each, and those beyond nothing.

/** What a run is made of, anew for each optimizer. */
export interface Course {
  readonly parameters: () => NamedParameters | Iterable<AdamWGroup>;
  readonly options: () => AdamWOptions;
  /** What no file can hold. */
  readonly again: () => AdamWLoadOptions;
  /** What the caller does after a step, on every rank. */
  readonly after: (optimizer: AdamW | ShardedAdamW, step: number) => void;
}

/** Few elements, but in so many blocks that each of seven ranks has some. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "embed.weight": [4096, 3],
  nothing: [0],
  "a.weight": [300],
  "a.bias": [3],
  scale: [],
  "b.weight": [4097, 2],
  "b.bias": [5],
  "c.weight": [60, 70],
};
const NAMES = Object.keys(SHAPES);
const lengthOf = (name: string) => SHAPES[name].reduce((product, n) => product * n, 1);

const initial = () =>
  Object.fromEntries(
    NAMES.map((name, i) => [name, { shape: SHAPES[name], data: realistic(lengthOf(name), i + 1) }]),
  );

const plain: Course = {
  parameters: initial,
  options: () => ({}),
  again: () => ({}),
  after: () => {},
};

const lrScale = ({ name }: { readonly name: string }) => (name.startsWith("b") ? 0.5 : 1);

/** Some of everything that a checkpoint brings back. */
const everything: Course = {
  parameters() {
    const all = Object.entries(initial()).map(([name, spec]) => ({ name, ...spec }));
    return [
      { name: "first", params: all.slice(0, 3), amsgrad: true, betas: [0.8, 0.99] },
      {
        name: "plateau",
        params: all.slice(3, 6),
        lr: reduceOnPlateau({ lr: 2e-3, patience: 0, factor: 0.5 }),
        clip: clipByNorm(0.5),
      },
      { name: "last", params: all.slice(6), weightDecay: 0.2 },
    ];
  },
  options: () => ({
    lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 2, totalSteps: 9 }),
    decays: noDecayOnBiasAndNorm,
    lrScale,
    clip: clipByGlobalNorm(1),
    lossScale: dynamicLossScale({ initialScale: 1024, growthInterval: 2 }),
    precision: { model: "float16" },
    gradNorm: true,
  }),
  again: () => ({ lrScale }),
  after({ groups }, step) {
    (groups[1].lr as unknown as MetricSchedule<unknown>).observe(1 + step);
    if (step === 1) groups[2].lr = 5e-3;
  },
};

export const COURSES: Readonly<Record<string, Course>> = {
  "the defaults": plain,
  "everything at once": everything,
  amsgrad: { ...plain, options: () => ({ amsgrad: true, clip: clipByGlobalNorm(0.5) }) },
  "a bfloat16 model alone": {
    ...plain,
    options: () => ({ precision: { model: "bfloat16", master: false } }),
  },
};

const batches = new Map<string, Record<string, Float32Array>>();

/** The two micro-batches of a step, made once: with a loss scale, an infinity in one of three. */
function batch(step: number, part: number, scaled: boolean): Record<string, Float32Array> {
  const key = `${step} ${part} ${scaled}`;
  const known = batches.get(key);
  if (known) return known;
  // Each step leaves out some.
  const names = NAMES.filter((_, i) => (i + step + part) % 4 !== 0);
  const gradients = Object.fromEntries(
    names.map((name, i) => [name, realistic(lengthOf(name), 1000 * (step + 1) + 50 * part + i)]),
  );
  if (scaled && step % 3 === 1 && part === 1) {
    for (const values of Object.values(gradients)) values.fill(Number.POSITIVE_INFINITY, -1);
  }
  batches.set(key, gradients);
  return gradients;
}

/** Takes the steps from .. to - 1 on one process. */
export function trainOne({ after }: Course, one: AdamW, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    for (const part of [0, 1]) one.accumulate(batch(step, part, one.lossScale !== null));
    one.step();
    after(one, step);
  }
}

/** Takes them on one of several ranks. */
export async function trainRank(
  { after }: Course,
  optimizer: ShardedAdamW,
  from: number,
  to: number,
): Promise<void> {
  const { rank, size, lossScale } = optimizer;
  const parts = size === 1 ? [0, 1] : rank < 2 ? [rank] : [];
  for (let step = from; step < to; step++) {
    for (const part of parts) optimizer.accumulate(batch(step, part, lossScale !== null));
    await optimizer.step(parts.length === 0 ? {} : undefined);
    after(optimizer, step);
  }
}

/** One process after so many steps. */
export function oneAfter(course: Course, steps: number): AdamW {
  const one = new AdamW(course.parameters(), course.options());
  trainOne(course, one, 0, steps);
  return one;
}

/** Files of so many ranks after so many steps. */
export async function savedBy(course: Course, ranks: number, steps: number): Promise<ShardFiles> {
  const files = new ShardFiles();
  await withRanks(ranks, (all) =>
    onAll(all, async (collective) => {
      const optimizer = await ShardedAdamW.create(
        collective,
        course.parameters(),
        course.options(),
      );
      await trainRank(course, optimizer, 0, steps);
      await optimizer.save(files.target);
      optimizer.dispose();
    }),
  );
  return files;
}
