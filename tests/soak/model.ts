import { AdamW, type AdamWOptions, clipByGlobalNorm } from "../../src/index.ts";
import { cyclic, linearWithWarmup } from "../../src/schedules/index.ts";
import { plainCheckpoint, readPlain } from "../reference/plain-checkpoint.ts";
import { weightValue, xorshift32 } from "../reference/random.ts";

// The model that runs for a million steps: 4,096 elements in three groups, one of them with amsgrad.

export const ELEMENTS = 4096;

export interface GroupFacts {
  readonly name: string;
  readonly amsgrad: boolean;
  readonly betas: readonly [number, number];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/** The last betas: what is left of beta2^t at t = 2^24 is a fifth. */
export const GROUPS: readonly GroupFacts[] = [
  { name: "body", amsgrad: false, betas: [0.9, 0.999], shapes: { a: [32, 60], b: [127] } },
  { name: "max", amsgrad: true, betas: [0.8, 0.99], shapes: { c: [1024], d: [] } },
  { name: "far", amsgrad: false, betas: [0.99, 0.9999999], shapes: { e: [1021], f: [3] } },
];

export const PEAK = 1e-3;
export const LARGEST_DECAY = 0.1;
/** Steps up, and as many down. */
export const CYCLE = 512;
export const LARGEST_NORM = 2;
export const EPS = 1e-8;

export const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Where the rates are in their course: k is counted from the optimizer's first step. */
export interface Course {
  readonly warmup: number;
  readonly total: number;
}

/** The rate that group "max" is given at every thousandth step, as someone at a console would. */
export const assignedRate = (k: number) => (Math.floor(k / 1000) % 2 === 0 ? 5e-4 : 2e-3);

export const initialWeights = (name: string, length: number): Float32Array => {
  const next = xorshift32((name.charCodeAt(0) * 2654435761) | 1);
  return Float32Array.from({ length }, () => weightValue(next()));
};

/** An optimizer that has made `start` steps. */
export async function optimizerAt(start: number, { warmup, total }: Course): Promise<AdamW> {
  const groups = GROUPS.map(({ name, amsgrad, betas, shapes }) => ({
    ...{ name, amsgrad, betas },
    ...(amsgrad ? { lr: assignedRate(start) } : {}),
    params: Object.entries(shapes).map(([parameter, shape]) => {
      return { name: parameter, shape, data: initialWeights(parameter, lengthOf(shape)) };
    }),
  }));
  const options: AdamWOptions = {
    lr: linearWithWarmup({ peak: PEAK, warmupSteps: warmup, totalSteps: total }),
    weightDecay: cyclic({
      ...{ floor: 0, peak: LARGEST_DECAY, mode: "triangular" },
      ...{ stepSizeUp: CYCLE, stepSizeDown: CYCLE },
    }),
    clip: clipByGlobalNorm(LARGEST_NORM),
    eps: EPS,
    gradNorm: true,
  };
  const fresh = await AdamW.create(groups, options);
  const file = await fresh.toBytes();
  fresh.dispose();
  return AdamW.load(withSteps(file, start));
}

/** The checkpoint of a run that has gone on for so long. */
function withSteps(file: Uint8Array, steps: number): Uint8Array<ArrayBuffer> {
  const { metadata, tensors } = readPlain(file);
  const state = JSON.parse(metadata["ashlar.state"]);
  state.steps = steps;
  for (const parameter of state.parameters) parameter.step = steps;
  return plainCheckpoint(JSON.stringify(state), tensors);
}

/** Which parameters have no gradient in step k. */
export const isAbsent = (name: string, k: number) =>
  (name === "f" && k % 5 === 0) || (name === "b" && k % 3 === 1);

/** Gradients of all parameters, one after the other, never 0 and in every step others. */
export class Gradients {
  readonly all = new Float32Array(ELEMENTS);
  readonly byName: ReadonlyMap<string, Float32Array>;
  #state: number;

  constructor(seed: number) {
    this.#state = xorshift32((seed * 2654435761) | 1)() | 0;
    let begin = 0;
    const shapes = GROUPS.flatMap((group) => Object.entries(group.shapes));
    this.byName = new Map(
      shapes.map(([name, shape]) => {
        const own = this.all.subarray(begin, begin + lengthOf(shape));
        begin += own.length;
        return [name, own];
      }),
    );
    if (begin !== ELEMENTS) throw new Error(`the model has ${begin} elements`);
  }

  /** Those of step k, up to 2^-2 .. 2^-9. */
  fill(k: number): void {
    const { all } = this;
    const unit = 2 ** -(33 + (k % 8));
    let s = this.#state;
    for (let i = 0; i < all.length; i++) {
      s ^= s << 13;
      s ^= s >>> 17;
      s ^= s << 5;
      all[i] = (s | 1) * unit;
    }
    this.#state = s;
  }
}
