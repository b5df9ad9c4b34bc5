import { clipByGlobalNorm } from "../../src/gradients/clip.ts";
import { AdamW, type AdamWOptions, cosineWithWarmup, layerDecay } from "../../src/index.ts";
import { gradientValue, weightValue, xorshift32 } from "../reference/random.ts";

// A training run that any engine can make again: what is drawn is exact, and everything else is the
// optimizer. No Node API, so that engines need nothing but the language and WebAssembly.

const STEPS = 50;
const SEED = 0x6a09e667;

/** 8 embeddings and norms, 28 of the 7 blocks, 1 head: 37. Ends of vectors, blocks, and more. */
const LENGTHS = [
  ...[0, 1, 2, 3, 5, 7, 8, 9],
  ...[15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256],
  ...[257, 1000, 1023, 1025, 4095, 4096, 4097, 8192, 8193, 70_001, 12_289, 333, 511, 769],
];

/** Embeddings first, then four parameters to a block, then the head. */
function nameOf(index: number): string {
  if (index < 8) return `embeddings.${index}.weight`;
  if (index === LENGTHS.length - 1) return "head.weight";
  const inBlocks = index - 8;
  return `block.${Math.floor(inBlocks / 4)}.${["query", "value", "norm", "bias"][inBlocks % 4]}`;
}

const NAMES = LENGTHS.map((_, index) => nameOf(index));

function layerOf(name: string): "embedding" | number | "head" {
  const block = /^block\.(\d+)\./.exec(name);
  if (block) return Number(block[1]);
  return name === "head.weight" ? "head" : "embedding";
}

/**
 * The gradient of step k: some zeros, subnormals and the smallest normals in one element of 16. Two
 * steps of three are so small that the clip leaves them alone.
 */
function fillGradient(into: Float32Array, k: number, next: () => number): void {
  const bits = new Uint32Array(into.buffer);
  const scale = k % 3 === 0 ? 1 : 1 / 1024;
  for (let i = 0; i < into.length; i++) {
    const u = next();
    if (((u >>> 12) & 15) === 0) bits[i] = u & 0x80ffffff;
    else into[i] = gradientValue(u) * scale;
  }
}

function makeOptimizer(extra: AdamWOptions): Promise<AdamW> {
  const next = xorshift32(SEED);
  const members = LENGTHS.map((length, index) => ({
    name: NAMES[index],
    shape: [length],
    data: Float32Array.from({ length }, () => weightValue(next())),
  }));
  const groupOf = (group: number) => members.filter((_, index) => index % 4 === group);
  return AdamW.create(
    [
      { params: groupOf(0) },
      { params: groupOf(1), weightDecay: 0, lrScale: 0.5 },
      { params: groupOf(2), amsgrad: true, betas: [0.8, 0.99] },
      { params: groupOf(3), eps: 1e-6, lr: 3e-3 },
    ],
    {
      lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 10, totalSteps: STEPS }),
      weightDecay: 0.1,
      lrScale: layerDecay({ rate: 0.8, layerOf }),
      clip: clipByGlobalNorm(1),
      ...extra,
    },
  );
}

/** The three digests of a run, as [what, digest]. */
async function digestsOf(run: string, extra: AdamWOptions): Promise<[string, string][]> {
  const optimizer = await makeOptimizer(extra);
  const next = xorshift32(SEED ^ 0x5bd1e995);
  const gradients = Object.fromEntries(
    LENGTHS.map((length, index) => [NAMES[index], new Float32Array(length)]),
  );
  for (let k = 0; k < STEPS; k++) {
    for (const name of NAMES) fillGradient(gradients[name], k, next);
    optimizer.step(gradients);
  }
  return [
    [`${run}, state`, optimizer.digest()],
    [`${run}, weights`, optimizer.weightsDigest()],
    [`${run}, config`, optimizer.configDigest()],
  ];
}

/** A run large enough for workers to take part, with its gradient in place. */
export async function makeThreadedRun(threads: number | "auto"): Promise<AdamW> {
  const length = 300_001;
  const next = xorshift32(SEED);
  const data = Float32Array.from({ length }, () => weightValue(next()));
  const clip = clipByGlobalNorm(1);
  const optimizer = await AdamW.create({ w: data }, { threads, clip, amsgrad: true });
  const gradient = optimizer.gradient("w");
  for (let i = 0; i < length; i++) gradient[i] = gradientValue(next());
  return optimizer;
}

/** Its steps. */
export const THREADED_STEPS = 70;

/** That run on so many threads: its state's digest. */
export async function threadedDigest(threads: number): Promise<string> {
  const optimizer = await makeThreadedRun(threads);
  if (optimizer.threads !== threads) throw new Error(`${optimizer.threads} threads`);
  for (let k = 0; k < THREADED_STEPS; k++) optimizer.step();
  const digest = optimizer.digest();
  optimizer.dispose();
  return digest;
}

/** All runs: float32; a float16 model copy beside the same masters, over several slabs; threads. */
export async function optimizerDigests(): Promise<[string, string][]> {
  return [
    ...(await digestsOf("AdamW", {})),
    ...(await digestsOf("AdamW with a float16 model", {
      precision: { model: "float16" },
      slabBytes: 1_048_576,
    })),
    ["AdamW on two threads, state", await threadedDigest(2)],
  ];
}
