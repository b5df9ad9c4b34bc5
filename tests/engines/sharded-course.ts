import { clipByGlobalNorm } from "../../src/gradients/clip.ts";
import { AdamW, type AdamWOptions, cosineWithWarmup } from "../../src/index.ts";
import { type Collective, ShardedAdamW } from "../../src/sharded/index.ts";
import { gradientValue, weightValue, xorshift32 } from "../reference/random.ts";

// A short course that ranks take together, or one process alone: the same bits. Like the runs of
// optimizer-run.ts it needs nothing but the language and WebAssembly.

export const RANKS = 3;
export const COURSE_STEPS = 20;
const SEED = 0xbb67ae85;

/** The cuts between ranks fall into the first parameter and into the second. */
const LENGTHS: Readonly<Record<string, number>> = {
  "embed.weight": 30_001,
  "block.weight": 12_289,
  "block.bias": 33,
  scale: 1,
  "head.weight": 8_192,
};

const options = (): AdamWOptions => ({
  lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 5, totalSteps: COURSE_STEPS }),
  weightDecay: 0.1,
  clip: clipByGlobalNorm(1),
  precision: { model: "float16" },
});

function filled(seed: number, value: (u: number) => number): Record<string, Float32Array> {
  const next = xorshift32(seed);
  return Object.fromEntries(
    Object.entries(LENGTHS).map(([name, length]) => {
      return [name, Float32Array.from({ length }, () => value(next()))];
    }),
  );
}

const initial = () => filled(SEED, weightValue);

/** What a rank has a gradient for in a step: some leave out the bias. */
export function courseGradients(step: number, rank: number): Record<string, Float32Array> {
  const { "block.bias": bias, ...others } = filled(
    SEED ^ Math.imul(1 + step * RANKS + rank, 0x9e3779b1),
    gradientValue,
  );
  return (step + rank) % 4 === 0 ? others : { "block.bias": bias, ...others };
}

/** Buckets of two blocks: some are on their way while others are worked on. */
export const makeSharded = (collective: Collective): Promise<ShardedAdamW> =>
  ShardedAdamW.create(collective, initial(), { ...options(), average: true, bucketBytes: 32_768 });

/** What a run ends with. */
export interface CourseDigests {
  readonly state: string;
  readonly weights: string;
}

/** The course as one rank takes it. */
export async function takeCourse(collective: Collective): Promise<CourseDigests> {
  const optimizer = await makeSharded(collective);
  for (let step = 0; step < COURSE_STEPS; step++) {
    await optimizer.step(courseGradients(step, collective.rank));
  }
  const digests = {
    state: await optimizer.digest(),
    weights: await optimizer.weightsDigest(),
  };
  optimizer.dispose();
  return digests;
}

/** The course of one process, which sums the ranks' micro-batches in the order of the ranks. */
export async function takeCourseAlone(): Promise<CourseDigests> {
  const optimizer = await AdamW.create(initial(), options());
  for (let step = 0; step < COURSE_STEPS; step++) {
    for (let rank = 0; rank < RANKS; rank++) {
      optimizer.accumulate(courseGradients(step, rank), { average: true });
    }
    optimizer.step();
  }
  const digests = { state: optimizer.digest(), weights: optimizer.weightsDigest() };
  optimizer.dispose();
  return digests;
}
